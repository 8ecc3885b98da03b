//go:build linux

package hard

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// A mutant is the program with one of its precautions taken away.
type mutant struct {
	name    string
	changes []change
	suite   func(program string) error
	fleet   func(t *testing.T, program string) error // a suite that starts a server
	root    bool                                     // the suite mounts
}

// The suites that the mutants are given to. They are shorter than in earnest.
func byKills(program string) error {
	_, err := kill(program, 100, rand.Uint64())
	return err
}

func byStrangers(program string) error {
	_, err := strangers(program, 3000, true, rand.Uint64())
	return err
}

func byPowerCuts(program string) error {
	for _, m := range mounts[1:] { // the first hides it
		if _, err := powerCut(program, m.mkfs, m.options, 10, rand.Uint64()); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

func byBeside(program string) error {
	dir, err := os.MkdirTemp("", "goals-beside-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, err = stint{changes: 200, commands: 80, kills: 6, pause: 100 * time.Millisecond}.run(program, dir, rand.Uint64())
	return err
}

// byLeaders ends at the first turn that notices. A leader that wakes learns within
// milliseconds that it does not lead: so about one in seven catches it at it.
func byLeaders(t *testing.T, program string) error {
	_, err := leaders(t, program, map[string]int{killed: 2, slept: 40}, rand.Uint64())
	return err
}

var mutants = []mutant{
	{name: "goals.json is not synced", root: true, suite: byPowerCuts, changes: []change{
		{"cache", "fill", call("Sync"), `error(nil)`},
	}},
	{name: "goals.json is written in place", suite: byKills, changes: []change{
		{"cache", "File.swap", start, `data, err := os.ReadFile(temp)
			if err == nil {
				err = os.WriteFile(target, data, 0o600)
			}
			return temp, err`},
	}},
	{name: "leftovers are not swept", suite: byKills, changes: []change{
		{"cache", "Mirror.clearUp", call("discard"), ``},
	}},
	{name: "the file before the palace", suite: byKills, changes: []change{
		{"cache", "Mirror.follow", call("remember"), `func() error {
			if err := $it; err != nil || len(goals.Diff(before, *tx.List())) == 0 {
				return err
			}
			st, old, err := m.file.replace(partsOf(tx.List().All()))
			m.file.discard(old)
			m.base, m.based = st, err == nil
			return err
		}()`},
	}},
	{name: "an own older file is another program's", suite: byKills, changes: []change{
		{"cache", "Mirror.isFormer", start, `return false`},
	}},
	{name: "synchronous=NORMAL", root: true, suite: byPowerCuts, changes: []change{
		{"palace", "settings", expr(`{"synchronous", "2"}`), `{"synchronous", "1"}`},
	}},
	{name: "no key", suite: byKills, changes: []change{
		{"palace", "batch.Update", start, `o.Once = true`},
	}},
	{name: "confirmed before it is committed", suite: byKills, changes: []change{
		{"bot/telegram", "Poller.handleAll", start, `for _, raw := range updates {
				if u, err := decode(raw); err == nil && u.ID > 0 {
					p.offset, p.moved = u.ID+1, now()
				}
			}
			p.confirm()`},
	}},
	{name: "answered before it is committed", suite: byKills, changes: []change{
		{"handlers", "call.say", start, `{
				_, err := c.files.(sayer).Say(context.Background(), c.Chat.ID, m)
				return err
			}`},
		{"handlers", "call.say", behind, sayer},
	}},
	{name: "answered after the commit, past the outbox", suite: byKills, changes: []change{
		{"handlers", "call.say", start, `{
				chat := c.Chat.ID
				unsaid = append(unsaid, func() { c.files.(sayer).Say(context.Background(), chat, m) })
				return nil
			}`},
		{"handlers", "call.say", behind, sayer + `

			var unsaid []func()

			func sayUnsaid() {
				for _, say := range unsaid {
					say()
				}
				unsaid = nil
			}`},
		{"handlers", "Handlers.Handle", start, `defer sayUnsaid()`},
		{"handlers", "Handlers.Batch", start, `defer sayUnsaid()`},
	}},
	{name: "answered before goals.json follows", suite: byKills, changes: []change{
		{"cache", "Mirror.Settled", start, `return f()`},
	}},
	{name: "the newer goal wins as a whole", suite: byBeside, changes: []change{
		{"goals", "combine", start, `if theirs.Updated.After(ours.Updated) {
				return theirs, nil
			}`},
	}},
	{name: "what they drop is removed", suite: byBeside, changes: []change{
		{"goals", "combiner.members", start, `return theirs`},
	}},
	{name: "a deletion does not hold", suite: byBeside, changes: []change{
		{"goals", "List.Merge", expr(`l.retired[t.ID]`), `l.retired["$"]`},
	}},
	{name: "what others wrote last is forgotten at the end", suite: byBeside, changes: []change{
		{"cache", "bases.keepTheirs", start, `return nil`},
	}},
	{name: "every change is told in a message of its own", suite: byBeside, changes: []change{
		{"handlers", "series.alone", start, `return true`},
	}},
	{name: "no fencing", fleet: byLeaders, changes: []change{
		{"palace", "openServer", call("dial"), `dial(s.config, lockMeta, nil, 1)`},
	}},
	{name: "the lease is not looked at before something is sent", fleet: byLeaders, changes: []change{
		{"palace", "Palace.Leads", start, `return true`},
	}},
	{name: "the lease is by the clock of each machine", fleet: byLeaders, changes: []change{
		{"palace", "readLease", expr(`time.Duration(left * float64(time.Second))`), `$it - clockAhead()`},
		{"palace", "readLease", behind, `func clockAhead() time.Duration {
				d, _ := time.ParseDuration(os.Getenv("GOALS_HARD_CLOCK"))
				return d
			}`},
		{"palace", "lease.takeFree", call("Scan"), `tx.QueryRowContext(ctx, "UPDATE lease SET epoch = epoch + 1, holder = $1, since = clock_timestamp(), until = clock_timestamp() + make_interval(secs => $2) "+
			"WHERE until < clock_timestamp() + make_interval(secs => $3) RETURNING epoch", l.holder, leaseTime.Seconds(), clockAhead().Seconds()).Scan(&epoch)`},
	}},
	{name: "anybody may tap", suite: byStrangers, changes: anybodyMay("Tap")},
	{name: "anybody may edit", suite: byStrangers, changes: anybodyMay("Edited")},
	{name: "any code pairs", suite: func(program string) error {
		_, err := strangers(program, 500, false, rand.Uint64())
		return err
	}, changes: []change{
		{"access", "Invitations.Look", call("tx.Record"), `func() (value string, err error) {
			_ = hash
			records, err := tx.Records(store.InviteRecord)
			for _, v := range records {
				value = v
			}
			return value, err
		}()`},
	}},
}

// anybodyMay takes the guards of one kind of request away: there are three.
func anybodyMay(kind string) []change {
	const owner = `func() access.Role {
		if req.KIND {
			return access.Owner
		}
		return $it
	}()`
	changes := []change{
		{"bot/telegram", "Poller.handleOnce", start, `member = member || req.KIND`},
		{"handlers", "Handlers.handle", call("members.Role"), owner},
		{"handlers", "Handlers.call", call("people.Role"), owner},
	}
	for i := range changes {
		changes[i].put = strings.ReplaceAll(changes[i].put, "KIND", kind)
	}
	return changes
}

// sayer lets the handlers send by themselves.
const sayer = `type sayer interface {
	Say(context.Context, int64, message.Message) (int64, error)
}`

// TestMutants takes one precaution after the other out of the program, and
// demands that a suite notices. A suite that lets one pass proves nothing.
func TestMutants(t *testing.T) {
	named(t)
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if m.root {
				needs(t, "mkfs.ext4", "mkfs.xfs", "xfs_io", "mount", "umount")
			}
			mutated, err := mutate(m.changes)
			must(t, err)
			program, err := mutated.build(t.TempDir())
			must(t, err)
			began := time.Now()
			if m.fleet != nil {
				err = m.fleet(t, program)
			} else {
				err = m.suite(program)
			}
			took := time.Since(began).Round(time.Second / 10)
			if err == nil {
				t.Fatalf("%-45s | NOT NOTICED in %v", m.name, took)
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			t.Logf("%-45s | %6v | %.160s", m.name, took, first)
		})
	}
}

// TestMutantsCanBeMade keeps the mutants up with the program: each of their
// places is there, and what they put there compiles.
func TestMutantsCanBeMade(t *testing.T) {
	for _, m := range append(mutants, bold) {
		t.Run(m.name, func(t *testing.T) {
			mutated, err := mutate(m.changes)
			must(t, err)
			must(t, mutated.check())
		})
	}
}
