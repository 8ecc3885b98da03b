//go:build linux

package hard

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// inside is set in the copy of the test that runs in a network of its own.
const inside = "GOALS_HARD_INSIDE"

// inOwnNetwork runs the test that calls it once more, in a network of its own, and
// reports whether this is that run.
func inOwnNetwork(t *testing.T) bool {
	needs(t, "ip", "iptables", "unshare")
	if os.Getenv(inside) != "" {
		must(t, sh("ip link set lo up"))
		return true
	}
	// The namespace ends with its last process, so there is nothing to clean up.
	cmd := exec.Command("unshare", "--net", "--kill-child", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-hard")
	cmd.Env = append(os.Environ(), inside+"=1", "GOALS_HARD_PROGRAM="+program(t))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
	return false
}

// TestHalfOpen lets the other end of the poll vanish without a word, as a
// router does that forgets a connection. The poll ends at its deadline, the
// log says so, and what was said meanwhile is done once Telegram is back.
func TestHalfOpen(t *testing.T) {
	named(t)
	if !inOwnNetwork(t) {
		return
	}
	root := t.TempDir()
	w, err := newWorld(os.Getenv("GOALS_HARD_PROGRAM"), root, newPlan(rand.Uint64(), len(people), 10))
	must(t, err)
	defer w.close()
	l, err := w.start()
	must(t, err)
	defer l.kill()
	must(t, w.polling(l))
	w.say(5)
	must(t, w.quiet(l))
	must(t, w.until(l, time.Minute, "it polls again", w.telegram.Polling))

	_, port, err := net.SplitHostPort(w.web.Listener.Addr().String())
	must(t, err)
	for _, way := range []string{"--sport", "--dport"} {
		must(t, sh(fmt.Sprintf("iptables -A INPUT -p tcp %s %s -j DROP", way, port)))
	}
	cut := time.Now()
	w.say(5)
	for !strings.Contains(w.logged(), "Telegram cannot be reached") {
		if time.Since(cut) > 90*time.Second {
			t.Fatalf("nothing in the log after %v\n%s", time.Since(cut), w.logged())
		}
		time.Sleep(200 * time.Millisecond)
	}
	noticed := time.Since(cut)
	must(t, sh("iptables -F INPUT"))
	back := time.Now()
	must(t, w.settle(l))
	t.Logf("noticed after %v, all done %v after the network was back", noticed.Round(time.Second), time.Since(back).Round(time.Second))
	must(t, l.stop())
}
