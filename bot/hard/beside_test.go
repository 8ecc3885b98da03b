//go:build linux

package hard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/palace"
)

var (
	besideFor = flag.Duration("beside", 3*time.Minute, "how long TestBeside goes on with -hard")
	other     = flag.String("program", "", "path of another build of the program, which TestGap measures before this one")
)

// TestBeside lets a phone and the session manager work on one list, and kills both
// of them in between. In the end all that either said is there, once, and nothing
// else; a reader never saw a piece; nobody was told more than a handful of times.
func TestBeside(t *testing.T) {
	s := stint{changes: 16, commands: 8, kills: 2, pause: 20 * time.Millisecond}
	if *hard {
		s = stint{lasts: *besideFor, pause: time.Second}
	}
	report, err := s.run(program(t), t.TempDir(), mathrand.Uint64())
	t.Log(report)
	if err != nil {
		t.Fatal(err)
	}
}

// stint says how much is done: so much, or so long.
type stint struct {
	changes, commands, kills int
	lasts                    time.Duration
	pause                    time.Duration // between two commands of the phone, on average
}

// beside is a world that the bot shares with the session manager.
type beside struct {
	*world
	store string       // of the session manager
	down  atomic.Int64 // how often the bot was killed; odd while it is not there
	storm atomic.Bool  // the session manager writes as fast as it can

	mu       sync.Mutex
	theirs   []string           // names of their goals
	said     map[string]*spoken // by name of the goal
	commands int
	last     string // name of the phone's last goal

	messages sync.Map // chat and first line -> *atomic.Int64
	edits    atomic.Int64
	reader   reader
}

func (s stint) run(program, dir string, seed uint64) (report string, err error) {
	w, err := newWorld(program, filepath.Join(dir, "root"), nil)
	if err != nil {
		return "", err
	}
	defer w.close()
	b := &beside{world: w, store: filepath.Join(dir, "store"), said: map[string]*spoken{}}
	began := time.Now()
	var changes, theirKills, ourKills int
	var cpu time.Duration
	defer func() {
		report = fmt.Sprintf("seed %d, %v: %d commands of the phone, %d changes of the session manager in %d goals, kill -9 of the bot %d times and of it %d times; %d goals in the list\n%s\n%v of processor time",
			seed, time.Since(began).Round(time.Second), b.commands, changes, len(b.theirs), ourKills, theirKills, len(b.said), b.told(), cpu)
		report += "\n" + b.reader.report()
		if err != nil {
			err = fmt.Errorf("seed %d: %w\n%s", seed, err, w.logged())
		}
	}()
	w.telegram.FailIf(b.count, -1, noFault)
	if err := errors.Join(os.MkdirAll(filepath.Join(w.root, "sm"), 0o700), os.MkdirAll(b.store, 0o700)); err != nil {
		return "", err
	}
	if err := b.begin(); err != nil {
		return "", err
	}
	l, err := w.start()
	if err != nil {
		return "", err
	}
	defer func() { l.kill() }()
	if err := w.polling(l); err != nil {
		return "", err
	}
	m, err := startManager(filepath.Join(w.root, "sm"), b.store)
	if err != nil {
		return "", err
	}
	defer func() { _ = m.end() }()

	stopReading := b.reader.start(b, filepath.Join(w.root, "sm", "goals.json"))
	defer stopReading()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if s.lasts > 0 {
		ctx, cancel = context.WithTimeout(ctx, s.lasts)
		defer cancel()
	}
	var killThem atomic.Bool
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	var theirErr error
	all.Go(func() { // the session manager
		defer cancel()
		random := mathrand.New(mathrand.NewPCG(seed, 1))
		for n := 0; ctx.Err() == nil && (s.changes == 0 || n < s.changes); n++ {
			c := b.theirChange(m, random)
			if killThem.Swap(false) {
				_ = m.killDuring(c, time.Duration(random.IntN(1500))*time.Microsecond)
				var again *manager
				if again, theirErr = startManager(filepath.Join(w.root, "sm"), b.store); theirErr != nil {
					return
				}
				m = again
				b.meet(m)
				theirKills++
			} else if _, theirErr = m.do(c); theirErr != nil {
				return
			}
			b.meet(m)
			changes++
			// Half of the time it writes twenty times a second, the other half as a person works.
			b.storm.Store(s.lasts > 0 && time.Since(began)/(10*time.Second)%2 == 1)
			pause := time.Duration(200+random.IntN(1600)) * time.Millisecond
			if b.storm.Load() || s.lasts == 0 {
				pause = 50 * time.Millisecond
			}
			wait(ctx, pause)
		}
	})
	all.Go(func() { // the phone
		random := mathrand.New(mathrand.NewPCG(seed, 2))
		for n := 0; ctx.Err() == nil && (s.commands == 0 || n < s.commands); n++ {
			b.say(random)
			wait(ctx, time.Duration(random.Int64N(int64(2*s.pause))))
		}
	})
	random := mathrand.New(mathrand.NewPCG(seed, 3))
	var ourErr error
	for n := 0; ourErr == nil && ctx.Err() == nil; n++ { // whoever kills
		pause := time.Duration(4+random.IntN(10)) * time.Second
		if s.lasts == 0 {
			pause = time.Duration(100+random.IntN(300)) * time.Millisecond
		}
		wait(ctx, pause)
		switch {
		case ctx.Err() != nil || s.kills > 0 && n >= s.kills:
		case n%2 == 0:
			killThem.Store(true)
		default:
			b.down.Add(1)
			cpu += processorTime(l)
			l.kill()
			ourKills++
			if l, ourErr = w.start(); ourErr == nil {
				ourErr = w.polling(l)
			}
			b.down.Add(1)
		}
	}
	all.Wait()
	if err := errors.Join(theirErr, ourErr); err != nil {
		return "", err
	}
	if err := w.until(l, time.Minute, "every command is confirmed", func() bool { return w.telegram.Pending() == 0 }); err != nil {
		return "", err
	}
	if _, err := m.do(theirChange{Do: "save"}); err != nil {
		return "", err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if err = w.whole(); err == nil {
			break
		}
		if time.Now().After(deadline) {
			return "", err
		}
	}
	cpu += processorTime(l)
	if err := b.balance(m); err != nil {
		return "", err
	}
	if silent := w.telegram.Unexpected(); len(silent) > 0 {
		return "", fmt.Errorf("the bot did what Telegram passes over in silence: %s", silent[0])
	}
	stopReading()
	return "", errors.Join(b.reader.torn(), b.fewMessages(time.Since(began), ourKills), l.stop())
}

// due is a member that the session manager does not know, of its first goal.
var due = goals.Field{Name: `"due"`, Value: `"2031-05-01"`}

// begin makes that goal, which the session manager and goals.json have.
func (b *beside) begin() error {
	const id = "g-00000000000000d0"
	all := map[string]*theirGoal{}
	if err := (theirChange{Do: "create", Goal: id, Text: "their00001"}).apply(all); err != nil {
		return err
	}
	with := struct {
		*theirGoal
		Due string `json:"due"`
	}{all[id], strings.Trim(due.Value, `"`)}
	return errors.Join(replaceJSON(filepath.Join(b.store, "store.json"), 0, all), replaceJSON(filepath.Join(b.root, "sm", "goals.json"), 0, []any{with}))
}

// theirChange is the next change of the session manager.
func (b *beside) theirChange(m *manager, random *mathrand.Rand) theirChange {
	var ids []string
	for id, g := range m.goals {
		if !touchy(g.Description) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	n := len(m.goals)
	if len(ids) == 0 || n < 60 && random.IntN(8) == 0 {
		id := make([]byte, 8)
		_, _ = rand.Read(id)
		return theirChange{Do: "create", Goal: "g-" + hex.EncodeToString(id), Text: fmt.Sprintf("their%05d", n+1)}
	}
	g := m.goals[ids[random.IntN(len(ids))]]
	unique := fmt.Sprintf("%s of theirs %d", g.Description, time.Now().UnixNano())
	switch kind := random.IntN(10); {
	case kind < 3:
		return theirChange{Do: "note", Goal: g.ID, Text: "note " + unique}
	case kind < 4:
		return theirChange{Do: "criterion", Goal: g.ID, Text: "criterion " + unique}
	case kind < 5 && !phoned(g.Description):
		return theirChange{Do: "status", Goal: g.ID, State: pick(random, "pending", "inProgress", "blocked")}
	case kind < 7 || len(g.Sessions) == 0:
		return theirChange{Do: "session", Goal: g.ID, Text: "session " + unique}
	}
	return theirChange{Do: "state", Goal: g.ID, Text: g.Sessions[random.IntN(len(g.Sessions))].ID, State: pick(random, "launched", "running", "verified", "failed")}
}

// meet takes in which goals the session manager has.
func (b *beside) meet(m *manager) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(m.goals) == len(b.theirs) {
		return
	}
	b.theirs = nil
	for _, g := range m.goals {
		b.theirs = append(b.theirs, g.Description)
		if b.said[g.Description] == nil {
			b.said[g.Description] = &spoken{}
		}
	}
	slices.Sort(b.theirs)
}

// balance compares what both sides said with what is there.
func (b *beside) balance(m *manager) error {
	ctx := context.Background()
	truth, err := palace.OpenReadOnly(ctx, filepath.Join(b.root, "sm", "palace.db"))
	if err != nil {
		return err
	}
	defer truth.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	wrong := []error{}
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	theirs := map[string]*theirGoal{}
	for _, g := range m.goals {
		theirs[g.Description] = g
	}
	there := map[string]bool{}
	for _, g := range truth.List().All() {
		name := g.Description
		said, their := b.said[name], theirs[name]
		if there[name] || said == nil || said.deleted {
			bad("%s is in the list and should not be, or not twice", name)
			continue
		}
		there[name] = true
		notes, criteria, status := slices.Clone(said.notes), slices.Clone(said.criteria), said.status
		sessions := 0
		if their != nil {
			sessions = len(their.Sessions)
			notes, criteria = append(notes, their.Notes...), append(criteria, their.Acceptance...)
			if status == "" {
				status = their.Status
			}
			for _, s := range their.Sessions {
				if !slices.ContainsFunc(g.Sessions, func(o goals.Session) bool {
					return o.ID == s.ID && string(o.State) == s.State && o.Task == s.Task && (o.Evidence == nil) == (s.Evidence == nil)
				}) {
					bad("%s has not the session %+v", name, s)
				}
			}
		}
		for task, state := range said.tasks {
			if !slices.ContainsFunc(g.Sessions, func(o goals.Session) bool {
				return o.Task == task && string(o.State) == state && (o.Evidence != nil) == (state != "launched")
			}) {
				bad("%s has not the task %s, %s, of the phone: %+v", name, task, state, g.Sessions)
			}
			sessions++
		}
		if len(g.Sessions) != sessions || g.Progress != g.DerivedProgress() {
			bad("%s has %d sessions and %d%%; it should have %d and %d%%", name, len(g.Sessions), g.Progress, sessions, g.DerivedProgress())
		}
		for what, lists := range map[string][2][]string{"notes": {notes, g.Notes}, "criteria": {criteria, g.Acceptance}} {
			want, have := slices.Sorted(slices.Values(lists[0])), slices.Sorted(slices.Values(lists[1]))
			if !slices.Equal(want, have) {
				bad("%s has the %s %q; said were %q", name, what, have, want)
			}
		}
		if name == "their00001" && !slices.Equal(g.Extra, []goals.Field{due}) {
			bad("%s has the members %v; it should have %v", name, g.Extra, due)
		}
		if string(g.Status) != status {
			bad("%s is %s; it should be %s", name, g.Status, status)
		}
	}
	for name, said := range b.said {
		if !said.deleted && !there[name] {
			bad("%s is lost", name)
		}
	}
	if n := len(wrong); n > 0 {
		return fmt.Errorf("%d things are not as they were said: %w", n, errors.Join(wrong[:min(n, 5)]...))
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
