//go:build linux

package hard

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/palace"
	"goalbot/postgrestest"
)

// TestReplicaFailover lets the server crash in the middle of the work, for good, and a
// replica take its place that has what was answered (synchronous_standby_names): what
// the bot has said yes to is there, and what it had not is done once. Before the crash
// the replica ceases to hear of anything, so that whatever is answered from then on is
// lost for certain. Red where the primary does not wait for the replica.
func TestReplicaFailover(t *testing.T) {
	named(t)
	const before, during, away, all = 30, 60, 90, 120 // said until then
	primary := postgrestest.Start(t)
	address, err := url.Parse(primary.TCP(t, postgrestest.User, fmt.Sprintf("127.0.0.1:%d", primary.Port), "sslmode", "disable"))
	must(t, err)
	replica := primary.Replica(t)
	query := address.Query()
	query.Set("target_session_attrs", "read-write")
	address.RawQuery = query.Encode()
	address.Host += fmt.Sprintf(",127.0.0.1:%d", replica.Port)

	w, err := newWorld(program(t), t.TempDir(), nil)
	must(t, err)
	defer w.close()
	w.settings = []string{"PALACE_URL=" + address.String()}
	l, err := w.start()
	must(t, err)
	defer l.kill()
	must(t, w.polling(l))
	say := func(from, to int) {
		for i := range to - from {
			w.telegram.Say(w.telegram.Private(people[0]), people[0], fmt.Sprintf("/addgoal goal-%d-", from+i))
		}
	}
	told := func(i int) bool {
		return slices.ContainsFunc(w.strays(), func(text string) bool { return strings.Contains(text, fmt.Sprintf("goal-%d-", i)) })
	}
	say(0, before)
	must(t, w.until(l, 2*time.Minute, "the first goals are added", func() bool { return told(before - 1) }))
	say(before, during)
	must(t, w.until(l, 2*time.Minute, "it is in the middle of the work", func() bool { return told(before) }))
	replica.Deafen()
	say(during, away)
	must(t, w.until(l, time.Minute, "a commit waits for the replica, or something is answered that it has not", func() bool {
		return told(during) || primary.SQL(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != "0"
	}))
	primary.Crash(t)
	say(away, all)
	acknowledged := 0
	for i := range all {
		if told(i) {
			acknowledged++
		}
	}
	if acknowledged == all {
		t.Error("nothing was under way at the crash")
	}
	crashed := time.Now()
	replica.Promote(t)

	must(t, w.until(l, 2*time.Minute, "all goals are added", func() bool { return told(all - 1) }))
	t.Logf("%d of %d were answered at the crash; all were %v after it", acknowledged, all, time.Since(crashed).Round(time.Millisecond))
	must(t, l.stop())
	address.Host = fmt.Sprintf("127.0.0.1:%d", replica.Port)
	truth, err := palace.Place{File: filepath.Join(w.root, "sm", "palace.db"), URL: address.String()}.OpenReadOnly(t.Context())
	must(t, err)
	defer truth.Close()
	times := map[string]int{}
	for _, g := range truth.List().All() {
		times[g.Description]++
	}
	for i := range all {
		if n := times[fmt.Sprintf("goal-%d-", i)]; n != 1 {
			t.Errorf("goal %d is there %d times", i, n)
		}
	}
	must(t, truth.Check(t.Context()))
}
