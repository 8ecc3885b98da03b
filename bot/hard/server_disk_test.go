//go:build linux

package hard

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// TestServerLogDiskFull fills the disk that a PostgreSQL server keeps its log of changes
// on (pg_wal): the server ends itself. Until it is started again on a disk with room,
// nothing more is confirmed to Telegram, and an alert names the server; then all that
// was said is done once.
func TestServerLogDiskFull(t *testing.T) {
	named(t)
	needs(t, "mount", "umount")
	at, err := os.MkdirTemp("", "goals-server-log-") // where the server's user may go
	must(t, err)
	if err := sh("mount -t tmpfs -o size=32m tmpfs " + at); err != nil {
		os.RemoveAll(at)
		t.Skip("file systems cannot be mounted here: ", err)
	}
	t.Cleanup(func() { unmount(at); os.RemoveAll(at) }) // after the server, which has files open there
	// It stays down, as it would if it had no room to start either; and uses no file again.
	s := postgrestest.Start(t, append(durable[:len(durable):len(durable)], "restart_after_crash=off", "wal_recycle=off")...)
	log := filepath.Join(at, "log")
	must(t, os.Mkdir(log, 0o700))
	must(t, os.Chmod(at, 0o755))
	s.MoveLog(t, log)
	address := "127.0.0.1:" + strconv.Itoa(s.Port)
	place := palace.Place{URL: s.TCP(t, postgrestest.User, address, "sslmode", "disable")}

	w, err := newWorld(program(t), t.TempDir(), nil)
	must(t, err)
	defer w.close()
	place.File = filepath.Join(w.root, "sm", "palace.db")
	w.only = []int64{people[0].ID}
	w.settings = []string{"PALACE_URL=" + place.URL, "HEALTH_CRON=@every 1s", fmt.Sprintf("ALERT_CHAT_IDS=%d", people[0].ID)}
	l, err := w.start()
	must(t, err)
	defer func() { l.kill() }()
	must(t, w.polling(l))

	said := 0
	say := func() {
		w.telegram.Say(w.telegram.Private(people[0]), people[0], fmt.Sprintf("/addgoal goal-%d-%s", said, strings.Repeat(rand.Text(), 4)))
		said++
	}
	told := func(i int) bool {
		return slices.ContainsFunc(w.strays(), func(text string) bool {
			return strings.HasPrefix(text, "Added") && strings.Contains(text, fmt.Sprintf("goal-%d-", i))
		})
	}
	ballast := filepath.Join(at, "ballast")
	const rounds, whileDown = 3, 5
	for round := range rounds {
		heard, first := len(w.strays()), said
		must(t, fill(ballast, round*300<<10)) // less than a file of the log
		// The present file is nearly full, too.
		s.SQL(t, "SELECT pg_logical_emit_message(false, 'ballast', repeat('x', greatest(0, 1000000 - (pg_current_wal_insert_lsn() - '0/0') % 1048576)::int))")
		for began := time.Now(); !s.Ended(); {
			say()
			for !told(said-1) && !s.Ended() {
				if time.Since(began) > 2*time.Minute {
					t.Fatalf("after %d commands the server still runs\n%s", said, w.logged())
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		answered := said
		for answered > first && !told(answered-1) {
			answered--
		}
		for range whileDown {
			say()
		}
		must(t, w.until(l, 2*time.Minute, "an alert names the server", func() bool {
			return slices.ContainsFunc(w.strays()[heard:], func(text string) bool {
				return strings.HasPrefix(text, "🚨") && strings.Contains(text, "he PostgreSQL server") && strings.Contains(text, address)
			})
		}))
		if n := w.telegram.Pending(); n < whileDown {
			t.Errorf("while the server is down only %d updates are not confirmed", n)
		}
		if told(said - 1) {
			t.Error("what was said while the server is down is answered")
		}
		if round > 0 { // what was confirmed too early is lost with it
			l.kill()
		}
		must(t, os.Truncate(ballast, 0))
		s.Resume(t)
		if round > 0 {
			l, err = w.start()
			must(t, err)
		}
		must(t, w.until(l, 2*time.Minute, "all goals are added", func() bool { return told(said-1) && w.telegram.Pending() == 0 }))
		t.Logf("round %d: %d goals were added before the server ended, and %d when it was back", round, answered-first, said-answered)
	}
	must(t, l.stop())
	truth, err := place.OpenReadOnly(t.Context())
	must(t, err)
	defer truth.Close()
	times := map[string]int{}
	for _, g := range truth.List().All() {
		name, _, _ := strings.Cut(strings.TrimPrefix(g.Description, "goal-"), "-")
		times[name]++
	}
	for i := range said {
		if n := times[strconv.Itoa(i)]; n != 1 || !told(i) {
			t.Errorf("goal %d is there %d times; its answer came: %v", i, n, told(i))
		}
	}
	must(t, truth.Check(t.Context()))
}
