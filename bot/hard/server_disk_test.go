//go:build linux

package hard

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"goalbot/palace"
	"goalbot/postgrestest"
)

// TestServerDiskFull fills the disk that a PostgreSQL server keeps the tables on, with
// a few pages more left each time. The person is told that it is the server's, what was
// answered is there, and with room again what was refused can be done, once.
func TestServerDiskFull(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	at, err := os.MkdirTemp("", "goals-server-full-") // where the server's user may go
	must(t, err)
	must(t, sh("mount -t tmpfs -o size=16m tmpfs "+at))
	t.Cleanup(func() { unmount(at); os.RemoveAll(at) }) // after the server, which has files open there
	s := postgrestest.Start(t)
	s.Tablespace(t, "small", at)
	place := palace.Place{URL: s.TCP(t, postgrestest.User, "127.0.0.1:"+strconv.Itoa(s.Port), "sslmode", "disable", "default_tablespace", "small")}

	w, err := newWorld(program(t), t.TempDir(), nil)
	must(t, err)
	defer w.close()
	place.File = filepath.Join(w.root, "sm", "palace.db")
	w.only = []int64{people[0].ID}
	w.settings = []string{"PALACE_URL=" + place.URL, "HEALTH_CRON=@every 1s", fmt.Sprintf("ALERT_CHAT_IDS=%d", people[0].ID)}
	l, err := w.start()
	must(t, err)
	defer l.kill()
	must(t, w.polling(l))

	heard, told := 0, map[string]int{} // the answers by kind
	// add says that there is a goal, and whether it was added.
	add := func(name string) (added bool) {
		t.Helper()
		w.telegram.Say(w.telegram.Private(people[0]), people[0], "/addgoal "+name)
		refused := false
		must(t, w.until(l, time.Minute, "there is an answer to "+name, func() bool {
			for _, said := range w.strays()[heard:] {
				heard++
				switch {
				case strings.HasPrefix(said, "🚨"):
					told["alerts"]++
					if strings.Contains(said, "The disk of the database server is full") {
						told["alerts of the full disk"]++
					}
				case strings.HasPrefix(said, "Added: ") && strings.Contains(said, name):
					added = true
				case said == "Not saved: the disk of the database server is full. Nothing was changed. Free some space there, then send it again.":
					refused = true
				case strings.HasPrefix(said, "✅"):
				default:
					t.Errorf("to %s the bot says %q", name, said)
				}
			}
			return added || refused
		}))
		return added
	}
	names, n := []string{}, 0
	next := func() string {
		n++
		name := fmt.Sprintf("goal-%d-%s", n, strings.Repeat(rand.Text(), 6))
		names = append(names, name)
		return name
	}
	if !add(next()) {
		t.Fatal("the disk is too small")
	}
	ballast := filepath.Join(at, "ballast")
	for round := range 8 {
		must(t, fill(ballast, round*8192))
		refused := ""
		for range 200 {
			name := next()
			if !add(name) {
				refused = name
				break
			}
			told["added on a disk that is nearly full"]++
		}
		if refused == "" {
			t.Fatal("the disk was never full enough")
		}
		told["refused"]++
		must(t, w.until(l, time.Minute, "an alert says which disk is full", func() bool {
			return strings.Contains(strings.Join(w.strays(), "\n"), "The disk of the database server is full; please free some space there.")
		}))
		must(t, os.Truncate(ballast, 0))
		if !add(refused) {
			t.Errorf("with room again %s is refused", refused)
		}
	}
	t.Log(told)
	must(t, l.stop())
	truth, err := place.OpenReadOnly(t.Context())
	must(t, err)
	defer truth.Close()
	times := map[string]int{}
	for _, g := range truth.List().All() {
		times[g.Description]++
	}
	for _, name := range names {
		if times[name] != 1 {
			t.Errorf("%s is there %d times", name, times[name])
		}
	}
	must(t, truth.Check(t.Context()))
}
