package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/store"
)

// memory is a store of records, and the only transaction on it.
type memory struct {
	store.Tx
	records map[store.Kind]map[string]string
	broken  error
}

func newMemory() *memory { return &memory{records: map[store.Kind]map[string]string{}} }

func (m *memory) View(_ context.Context, f func(store.Tx) error) error { return f(m) }

func (m *memory) Record(kind store.Kind, name string) (string, error) {
	return m.records[kind][name], m.broken
}

func (m *memory) Records(kind store.Kind) (map[string]string, error) {
	return maps.Clone(m.records[kind]), m.broken
}

func (m *memory) SetRecord(kind store.Kind, name, value string) error {
	if m.records[kind] == nil {
		m.records[kind] = map[string]string{}
	}
	if m.records[kind][name] = value; value == "" {
		delete(m.records[kind], name)
	}
	return m.broken
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// loaded are the members that a store holds, with one owner named in the settings.
func loaded(t *testing.T, truth *memory) (*Members, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	m, err := Load(t.Context(), truth, Config{Owners: []int64{1}, Editors: []int64{-5}}, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	return m, &log
}

// Each role may do all that the lesser ones may, so they are compared as numbers.
func TestRoles(t *testing.T) {
	if !(0 < Viewer && Viewer < Editor && Editor < Owner) {
		t.Error("the roles are in another order")
	}
	for role, one := range map[Role]string{Viewer: "a viewer", Editor: "an editor", Owner: "an owner"} {
		text, err := role.MarshalText()
		var read Role
		if err = errors.Join(err, read.UnmarshalText(text)); err != nil || read != role || role.One() != one {
			t.Errorf("%d is %q, read as %d, %v, and is %q", role, text, read, err, role.One())
		}
	}
	for _, text := range []string{"", "Owner", "admin", "3"} {
		if role := Viewer; role.UnmarshalText([]byte(text)) == nil || role != Viewer {
			t.Errorf("%q is the role %d", text, role)
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	truth := newMemory()
	for id, who := range map[int64]Member{1: {Role: Viewer}, 2: {Role: Editor, Name: "Edith"}, 3: {Role: Owner}, 4: {Role: Viewer}} {
		must(t, Set(truth, id, who))
	}
	must(t, SetName(truth, 3, "Sol\n\u202ereversed"))
	must(t, truth.SetRecord(store.MovedRecord, store.MovedName(-5), "-1005"))
	m, _ := loaded(t, truth)
	for id, want := range map[int64]Role{1: Owner, 2: Editor, 3: Owner, 4: Viewer, 5: 0, -5: 0, -1005: Editor} {
		if got := m.Role(id); got != want || m.Has(id) != (want != 0) {
			t.Errorf("%d has the role %d, want %d", id, got, want)
		}
	}
	r := m.Now()
	if got := fmt.Sprint(r.List(), r.Owners(), m.AlertChats()); got != "[-1005 1 2 3 4] [1 3] [1 3]" {
		t.Errorf("people, owners and alerts: %s", got)
	}
	for id, want := range map[int64]string{1: "member 1", 2: "Edith", 3: "Sol reversed", -1005: "chat -1005"} {
		if got := r.Name(id); got != want {
			t.Errorf("%d is called %q, want %q", id, got, want)
		}
	}
	for id, want := range map[int64]string{1: "ALLOWED_USER_IDS", 2: "", -1005: "EDITOR_CHAT_IDS"} {
		if got := r.Setting(id); got != want {
			t.Errorf("%d is let in by %q, want %q", id, got, want)
		}
	}
	if m.None() || !m.Named(-1005) || m.Named(-5) {
		t.Error("the group of the settings is not known by its new id, or nobody is in")
	}
}

// What cannot be read lets nobody in, and changes nothing that was known.
func TestADamagedRecordLetsNobodyIn(t *testing.T) {
	truth := newMemory()
	must(t, Set(truth, 2, Member{Role: Editor}))
	m, _ := loaded(t, truth)
	for _, value := range []string{"{", `{"role":"admin"}`, `{"role":3}`} {
		must(t, truth.SetRecord(store.MemberRecord, "4", value))
		if err := m.Load(t.Context(), truth); err == nil || m.Has(4) || m.Role(2) != Editor {
			t.Errorf("%s: %v; 4 is in: %v, and 2 has the role %d", value, err, m.Has(4), m.Role(2))
		}
	}
}

// Somebody whose access was removed is stopped by the transaction that comes
// next, and after it is loaded by those who ask without one. Their links end,
// also when they become an owner again. Leaving endCodes out of Set turns this red.
func TestARevokedMemberIsStoppedAndSoAreTheirLinks(t *testing.T) {
	truth := newMemory()
	must(t, Set(truth, 3, Member{Role: Owner}))
	m, log := loaded(t, truth)
	codes := NewInvitations(SystemClocks())
	code, _, err := codes.New(truth, Invitation{Role: Owner, By: 3})
	must(t, err)
	other, _, err := codes.New(truth, Invitation{Role: Viewer, By: 3})
	must(t, err)
	changed := m.Changes()

	must(t, Set(truth, 3, Member{Role: Owner, Name: "Sol"})) // who stays an owner keeps them
	if _, why, err := codes.Look(truth, m.Now(), code); err != nil || why != Valid {
		t.Errorf("the link of an owner is %q, %v", why, err)
	}
	must(t, Set(truth, 3, Member{}))
	read, err := m.Read(truth)
	must(t, err)
	if read.Role(3) != 0 || m.Role(3) != Owner {
		t.Error("what is read is not what the transaction sees, or what is known was not loaded")
	}
	must(t, m.Load(t.Context(), truth))
	select {
	case <-changed:
	default:
		t.Error("nobody is woken")
	}
	if m.Has(3) || !strings.Contains(log.String(), "no access any more") {
		t.Errorf("3 is in: %v; logged %s", m.Has(3), log)
	}
	for _, role := range []Role{Owner, 0, Owner} {
		must(t, Set(truth, 3, Member{Role: role}))
		read, err := m.Read(truth)
		must(t, err)
		for _, code := range []string{code, other} {
			if _, why, err := codes.Look(truth, read, code); err != nil || why != Ended {
				t.Errorf("with the role %d the link is %q, %v", role, why, err)
			}
		}
	}
	if must(t, m.Load(t.Context(), truth)); strings.Count(log.String(), "this Telegram user is an owner now") != 1 {
		t.Errorf("logged %s", log)
	}
}

// clocks are set by hand.
type clocks struct {
	wall    time.Time
	running time.Duration
}

func (c *clocks) now() (time.Time, time.Duration) { return c.wall, c.running }

func (c *clocks) pass(d time.Duration) { c.wall, c.running = c.wall.Add(d), c.running+d }

// Broken on purpose, and what went red: the clock that nobody sets, "five minutes back";
// the wall clock, "asleep"; the time of making, "a year ahead, then a restart".
func TestALinkRunsOutByEitherClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		name    string
		made    time.Duration // what the wall clock is ahead when the link is made
		passed  time.Duration // until it is used
		wall    time.Duration // what the wall clock is ahead then
		restart bool
		want    Ending
	}{
		{"at once", 0, 0, 0, false, Valid},
		{"after ten minutes", 0, 10 * time.Minute, 0, false, Valid},
		{"after ten minutes and a restart", 0, 10 * time.Minute, 0, true, Valid},
		{"a second later", 0, 10*time.Minute + time.Second, 0, false, Expired},
		{"a second later, and a restart", 0, 10*time.Minute + time.Second, 0, true, Expired},
		{"asleep for an hour", 0, 0, time.Hour, false, Expired},
		{"a year ahead, then set right", year, 0, 0, false, Expired},
		{"a year ahead, then a restart", year, 20 * time.Minute, 0, true, Expired},
		{"a year ahead all the time", year, 5 * time.Minute, year, false, Valid},
		{"a year behind all the time", -year, time.Minute, -year, true, Valid},
		{"a day back meanwhile", 0, 11 * time.Minute, -24 * time.Hour, false, Expired},
		{"five minutes back meanwhile", 0, 11 * time.Minute, -5 * time.Minute, false, Expired},
		{"a few seconds back meanwhile", 0, time.Minute, -10 * time.Second, false, Valid},
		{"two minutes back at once", 0, 0, -2 * time.Minute, false, Expired},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			clocks := &clocks{wall: start.Add(c.made), running: 10 * codeKept}
			truth := newMemory()
			people, err := (&Members{}).Read(truth)
			must(t, err)
			codes := NewInvitations(clocks.now)
			code, _, err := codes.New(truth, Invitation{Role: Owner})
			must(t, err)
			_, _, err = codes.New(newMemory(), Invitation{}) // another one takes nothing from it
			must(t, err)
			if clocks.pass(c.passed); c.restart {
				clocks.running, codes = 0, NewInvitations(clocks.now)
			}
			clocks.wall = start.Add(c.passed + c.wall)
			if i, why, err := codes.Look(truth, people, code); err != nil || why != c.want || i.Role != Owner {
				t.Errorf("it is %q for %+v, %v", why, i, err)
			}
		})
	}
}

func TestALinkWorksOnce(t *testing.T) {
	truth := newMemory()
	m, _ := loaded(t, truth)
	codes := NewInvitations(SystemClocks())
	code, _, err := codes.New(truth, Invitation{Role: Viewer, By: 1})
	must(t, err)
	look := func(code string, want Ending) (i Invitation) {
		t.Helper()
		i, why, err := codes.Look(truth, m.Now(), code)
		if err != nil || why != want {
			t.Fatalf("%q is %q, %v, want %q", code, why, err, want)
		}
		return i
	}
	for _, guess := range []string{"", code + "x", code[1:], hashOf(code)} {
		look(guess, Unknown)
	}
	if len(code) != 22 || strings.Contains(fmt.Sprint(truth.records), code) {
		t.Errorf("the code has %d characters, or is kept: %v", len(code), truth.records)
	}
	must(t, Use(truth, code, look(code, Valid)))
	look(code, Used)
	must(t, Forget(truth, code))
	look(code, Unknown)

	// Of the program's own there is one at a time, and only while nobody is in.
	first, _, err := codes.New(truth, Invitation{Role: Owner})
	must(t, err)
	look(first, Ended)
	nobody, err := (&Members{}).Read(truth)
	must(t, err)
	second, _, err := codes.New(truth, Invitation{Role: Owner})
	must(t, err)
	for code, want := range map[string]Ending{first: Ended, second: Valid} {
		if _, why, err := codes.Look(truth, nobody, code); err != nil || why != want {
			t.Errorf("the pairing link is %q, %v, want %q", why, err, want)
		}
	}
}

// What is over is kept for a day, and not without bound; nor is what is kept in
// memory.
func TestOldLinksAreForgotten(t *testing.T) {
	truth := newMemory()
	clocks := &clocks{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	codes := NewInvitations(clocks.now)
	var last string
	add := func() {
		var err error
		last, _, err = codes.New(truth, Invitation{Role: Viewer, By: 1})
		must(t, err)
		clocks.pass(time.Second)
	}
	for range maxCodes + 20 {
		add()
	}
	kept := truth.records[store.InviteRecord]
	if n := len(kept); n != maxCodes+1 || kept[hashOf(last)] == "" {
		t.Errorf("%d links are kept; the newest is %q", n, kept[hashOf(last)])
	}
	for _, passes := range []time.Duration{2 * codeKept, CodeLifetime + codeKept - time.Second} { // from the last one
		clocks.pass(passes)
		add()
		if n := len(truth.records[store.InviteRecord]); n != 1 || len(codes.made) != 1 {
			t.Errorf("%v later %d links are kept, and %d in memory", passes, n, len(codes.made))
		}
	}
	clocks.pass(codeKept - time.Second) // a day after it was made, not after it was over
	add()
	if n := len(truth.records[store.InviteRecord]); n != 2 || len(codes.made) != 2 {
		t.Errorf("a day later %d links are kept, and %d in memory", n, len(codes.made))
	}
}

func TestGuessesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := loaded(t, newMemory())
		tries := func(user int64) (n int) {
			for ; n < 100 && m.MayGuess(user); n++ {
				m.Guessed(user)
			}
			return n
		}
		if n := tries(7); n != 5 {
			t.Errorf("%d guesses at once, want 5", n)
		}
		if n := tries(8); n != 5 {
			t.Errorf("another sender has %d guesses, want 5", n)
		}
		if n := tries(7); n != 0 {
			t.Errorf("%d more guesses after somebody else's, want 0", n)
		}
		time.Sleep(10 * time.Minute)
		if n := tries(7); n != 5 {
			t.Errorf("%d guesses ten minutes later, want 5", n)
		}
		for user := range int64(maxStrangers + 10) {
			if m.Guessed(user); len(m.guesses) > maxStrangers {
				t.Fatalf("%d senders are remembered", len(m.guesses))
			}
		}
	})
}

// An older reading must not replace a newer one, and a stranger is logged once.
func TestWhatIsKnownIsTheNewest(t *testing.T) {
	truth := newMemory()
	m, log := loaded(t, truth)
	slow := viewFunc(func(f func(store.Tx) error) error {
		old := &memory{records: map[store.Kind]map[string]string{store.MemberRecord: maps.Clone(truth.records[store.MemberRecord])}}
		must(t, Set(truth, 9, Member{Role: Editor}))
		must(t, m.Load(t.Context(), truth)) // begins later, and ends before
		return f(old)
	})
	must(t, m.Load(t.Context(), slow))
	if m.Role(9) != Editor {
		t.Error("an older reading has replaced a newer one")
	}
	for range 3 {
		m.Mention(77)
	}
	if n := strings.Count(log.String(), "id=77"); n != 1 {
		t.Errorf("a stranger is logged %d times", n)
	}
	for id := range int64(maxStrangers + 10) {
		m.Mention(1_000_000 + id)
	}
	if n := strings.Count(log.String(), "got no answer"); n != maxStrangers {
		t.Errorf("%d strangers are logged", n)
	}
	if !slices.Equal(m.Owners(), []int64{1}) {
		t.Errorf("owners: %v", m.Owners())
	}
}

type viewFunc func(func(store.Tx) error) error

func (v viewFunc) View(_ context.Context, f func(store.Tx) error) error { return v(f) }
