//go:build linux

package hard

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/postgrestest"
)

// TestLeaderCutOff cuts the network between the bot that leads and the server, without a
// word to either: another bot leads, and the one that was cut off,
// which still reaches Telegram, saves and sends nothing more. When the network is back,
// what it had on the way arrives late, and it stands by.
func TestLeaderCutOff(t *testing.T) {
	named(t)
	if !inOwnNetwork(t) {
		return
	}
	seed := rand.Uint64()
	t.Log("seed", seed)
	s := postgrestest.Start(t, durable...)
	var ports []string // by which each of the bots reaches the server
	f, err := newFleet(t, os.Getenv("GOALS_HARD_PROGRAM"), s, 3, newPlan(seed, len(people), 300), func(_ int, url string) string {
		direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
		way := s.Relay(t, func() (up, down postgrestest.Pass) { return postgrestest.All, postgrestest.All })
		_, port, _ := net.SplitHostPort(way)
		ports = append(ports, port)
		return strings.Replace(url, direct, way, 1)
	})
	must(t, err)
	defer f.close()
	must(t, f.begin(t))
	const cuts = 6
	for i := range cuts {
		leader, err := f.leader(t)
		must(t, err)
		must(t, f.busy())
		var talk sync.WaitGroup
		talk.Go(func() {
			for range 20 {
				f.say(1)
				time.Sleep(10 * time.Millisecond) // people do not write all at once
			}
		})
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond) // at any instant
		for at, site := range f.sites {
			if site == leader {
				for _, way := range []string{"--sport", "--dport"} {
					must(t, sh(fmt.Sprintf("iptables -A INPUT -p tcp %s %s -j DROP", way, ports[at])))
				}
			}
		}
		cut := time.Now()
		if _, err := f.takenOver(leader); err != nil {
			t.Fatal(err)
		}
		took := time.Since(cut)
		talk.Wait()
		polls := leader.polls.Load()
		must(t, f.busy())
		if n := leader.polls.Load() - polls; n > 0 {
			t.Errorf("cut %d: the bot that was cut off polled %d times more", i, n)
		}
		must(t, sh("iptables -F INPUT"))
		back := time.Now()
		for f.sql(t, fmt.Sprintf("SELECT count(*) FROM standbys WHERE seen > clock_timestamp() - interval '3s' AND holder LIKE '%%, process %d (%%'", leader.life.cmd.Process.Pid)) == "0" {
			if time.Since(back) > time.Minute || !leader.life.running() {
				t.Fatalf("the bot that was cut off does not stand by\n%s", f.logged())
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("cut %d: another bot led after %v; the network was back, and the first one stood by after %v", i, took.Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
	}
	must(t, f.settle(t, cuts+1))
}
