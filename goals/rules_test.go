package goals

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// listOf makes a list of goals with the numbers 1, 2, 3 …
func listOf(all ...Goal) List {
	var numbered []*Goal
	for i, g := range all {
		g.Number = int64(i + 1)
		if g.ID == "" {
			g.ID = fmt.Sprintf("g-%08x", i+1)
		}
		if g.Status == "" {
			g.Status = Pending
		}
		if g.Created.IsZero() {
			g.Created, g.Updated = noon, noon
		}
		numbered = append(numbered, &g)
	}
	return NewList(0, numbered)
}

// sessions makes as many sessions as there are states.
func sessions(states ...SessionState) []Session {
	var all []Session
	for i, s := range states {
		all = append(all, Session{ID: fmt.Sprint(i), Task: "task", State: s})
	}
	return all
}

func wantRefusal(t *testing.T, err error, want Refusal) {
	t.Helper()
	if got, ok := errors.AsType[Refusal](err); !ok || got != want {
		t.Errorf("got %#v, want %#v", err, want)
	}
}

func TestWhichStatusMayFollowWhich(t *testing.T) {
	later := noon.Add(time.Hour)
	commands := []struct {
		name string
		do   func(*List) (*Goal, error)
		want map[Status]Status // the rest is refused
		open RefusalKind       // of an open goal
	}{
		{"finish", func(l *List) (*Goal, error) { return l.Finish(1, false, later) },
			map[Status]Status{Pending: Done, InProgress: Done, Blocked: Done}, 0},
		{"begin", func(l *List) (*Goal, error) { return l.Begin(1, later) },
			map[Status]Status{Pending: InProgress, Blocked: InProgress}, StartedAlready},
		{"block", func(l *List) (*Goal, error) { return l.Block(1, "", later) },
			map[Status]Status{Pending: Blocked, InProgress: Blocked}, BlockedAlready},
		{"block with a reason", func(l *List) (*Goal, error) { return l.Block(1, "rain", later) },
			map[Status]Status{Pending: Blocked, InProgress: Blocked, Blocked: Blocked}, 0},
		{"abandon", func(l *List) (*Goal, error) { return l.Abandon(1, "", later) },
			map[Status]Status{Pending: Abandoned, InProgress: Abandoned, Blocked: Abandoned}, 0},
		{"reopen", func(l *List) (*Goal, error) { return l.Reopen(1, later) },
			map[Status]Status{InProgress: Pending, Blocked: Pending, Done: Pending, Abandoned: Pending}, PendingAlready},
	}
	for _, c := range commands {
		for _, from := range Statuses {
			t.Run(c.name+" "+string(from), func(t *testing.T) {
				l := listOf(Goal{Description: "walk", Status: from})
				before := l.Number(1)
				g, err := c.do(&l)
				want, allowed := c.want[from]
				if !allowed {
					refusal := Refusal{Kind: ClosedGoal, Goal: 1, Status: from}
					switch {
					case from.Open():
						refusal = Refusal{Kind: c.open, Goal: 1}
					case from == Done && c.name == "finish":
						refusal = Refusal{Kind: DoneAlready, Goal: 1}
					}
					wantRefusal(t, err, refusal)
					if g != nil || l.Number(1) != before {
						t.Error("a refused command changed the goal")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if g.Status != want || l.Number(1) != g || !g.Updated.Equal(later) || before.Status != from {
					t.Errorf("got %+v, before %+v", g, before)
				}
			})
		}
	}
}

// The reason of an earlier time once stood for that of the present one: without
// the note that there is none, this turns red.
func TestBlockedBy(t *testing.T) {
	l := listOf(Goal{Description: "walk"})
	want := func(reason string, notes int) {
		t.Helper()
		if g := l.Number(1); g.BlockedBy() != reason || len(g.Notes) != notes {
			t.Errorf("blocked by %q with the notes %q; want %q", g.BlockedBy(), g.Notes, reason)
		}
	}
	do := func(_ *Goal, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(l.Block(1, "", noon))
	want("", 0)
	do(l.Block(1, "rain", noon))
	do(l.AddNote(1, "an umbrella would help", noon))
	want("rain", 2)
	do(l.Block(1, "snow", noon))
	want("snow", 3)
	do(l.Reopen(1, noon))
	want("", 3)
	do(l.Block(1, "", noon))
	want("", 4)
	do(l.Block(1, "hail", noon))
	want("hail", 5)
	do(l.Finish(1, false, noon))
	want("", 5)
}

func TestRulesRefuseAGoalThatIsNotThere(t *testing.T) {
	l := listOf()
	for name, do := range map[string]func() (*Goal, error){
		"finish":  func() (*Goal, error) { return l.Finish(7, true, noon) },
		"begin":   func() (*Goal, error) { return l.Begin(7, noon) },
		"block":   func() (*Goal, error) { return l.Block(7, "x", noon) },
		"abandon": func() (*Goal, error) { return l.Abandon(7, "x", noon) },
		"reopen":  func() (*Goal, error) { return l.Reopen(7, noon) },
		"rename":  func() (*Goal, error) { return l.Rename(7, "x", noon) },
		"note":    func() (*Goal, error) { return l.AddNote(7, "x", noon) },
		"revise":  func() (*Goal, error) { return l.Revise(7, Draft{Description: "x"}, noon) },
		"delete":  func() (*Goal, error) { return l.Delete(7) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := do()
			wantRefusal(t, err, Refusal{Kind: NoGoal, Goal: 7})
		})
	}
}

// Letting the gate pass with verified <= total, or with no sessions counted as
// unverified, turns this red.
func TestFinishAsksForVerifiedSessions(t *testing.T) {
	for _, c := range []struct {
		states          []SessionState
		verified, total int // 0 of 0: not asked
	}{
		{nil, 0, 0},
		{[]SessionState{Verified}, 0, 0},
		{[]SessionState{Verified, Verified}, 0, 0},
		{[]SessionState{Verified, Running}, 1, 2},
		{[]SessionState{Failed}, 0, 1},
		{[]SessionState{Launched, Running, Failed}, 0, 3},
	} {
		t.Run(fmt.Sprint(c.states), func(t *testing.T) {
			l := listOf(Goal{Description: "ship", Sessions: sessions(c.states...)})
			g, err := l.Finish(1, false, noon)
			if c.total == 0 {
				if err != nil || g.Status != Done || len(g.Notes) != 0 {
					t.Fatalf("got %+v, %v; want it done without a note", g, err)
				}
				return
			}
			wantRefusal(t, err, Refusal{Kind: Unverified, Goal: 1, Has: c.verified, Limit: c.total})
			if l.Number(1).Status != Pending {
				t.Error("the goal was closed all the same")
			}
			g, err = l.Finish(1, true, noon)
			want := []string{fmt.Sprintf("Finished with %d/%d tasks verified.", c.verified, c.total)}
			if err != nil || g.Status != Done || !slices.Equal(g.Notes, want) {
				t.Errorf("anyway: got %+v, %v", g, err)
			}
		})
	}
}

func TestProgressIsDerived(t *testing.T) {
	many := func(verified, total int) []Session {
		states := slices.Repeat([]SessionState{Running}, total)
		for i := range verified {
			states[i] = Verified
		}
		return sessions(states...)
	}
	for _, c := range []struct {
		verified, total int
		want            uint8
	}{{0, 0, 0}, {0, 3, 0}, {1, 3, 33}, {2, 3, 67}, {1, 8, 13}, {1, 200, 1}, {1, 201, 0}, {199, 200, 100}, {3, 3, 100}, {500, 500, 100}} {
		g := Goal{Sessions: many(c.verified, c.total), Progress: 77}
		if got := g.DerivedProgress(); got != c.want {
			t.Errorf("%d of %d: %d%%, want %d%%", c.verified, c.total, got, c.want)
		}
		g.Touch(noon)
		if g.Progress != c.want {
			t.Errorf("%d of %d: a touch leaves %d%%, want %d%%", c.verified, c.total, g.Progress, c.want)
		}
	}
}

// Taking the time as it comes turns this red.
func TestATouchAlwaysMovesTheTimeForward(t *testing.T) {
	l := listOf(Goal{Description: "walk"})
	last := l.Number(1).Updated
	for i, now := range []time.Time{noon, noon, noon.Add(-24 * time.Hour), {}, noon.Add(time.Second), noon.Add(time.Second)} {
		g, err := l.AddNote(1, fmt.Sprint(i), now)
		if err != nil {
			t.Fatal(err)
		}
		if !g.Updated.After(last) {
			t.Errorf("change %d at %v: updated went from %v to %v", i, now, last, g.Updated)
		}
		last = g.Updated
	}
	if want := noon.Add(time.Second + time.Millisecond); !last.Equal(want) {
		t.Errorf("updated is %v in the end, want %v", last, want)
	}
}

func TestLimitsOnWhatIsTyped(t *testing.T) {
	l := listOf(Goal{Description: "walk"}, Goal{Description: "much", Notes: slices.Repeat([]string{"n"}, 5000)},
		Goal{Description: "full", Notes: slices.Repeat([]string{"Blocked: rain"}, MaxNotes)})
	long := strings.Repeat("й", MaxDescription)
	for _, c := range []struct {
		name   string
		do     func() error
		refuse Refusal
	}{
		{"1,000 characters", func() error { _, err := l.Rename(1, long, noon); return err }, Refusal{}},
		{"1,001 characters", func() error { _, err := l.Rename(1, long+"й", noon); return err }, Refusal{Kind: LongText, Has: 1001, Limit: 1000}},
		{"the same text", func() error { _, err := l.Rename(1, long, noon); return err }, Refusal{Kind: SameName, Goal: 1}},
		{"no text", func() error { _, err := l.Rename(1, "\u200b\u2060", noon); return err }, Refusal{Kind: NoText}},
		{"50 criteria", func() error {
			_, err := l.Revise(1, Draft{Description: "walk", Acceptance: slices.Repeat([]string{"a"}, 50)}, noon)
			return err
		}, Refusal{}},
		{"51 criteria", func() error {
			_, err := l.Revise(1, Draft{Description: "walk", Acceptance: slices.Repeat([]string{"a"}, 51)}, noon)
			return err
		}, Refusal{Kind: ManyCriteria, Goal: 1, Has: 51, Limit: 50}},
		{"a long criterion", func() error {
			_, err := l.Revise(1, Draft{Description: "walk", Acceptance: []string{long + "й"}}, noon)
			return err
		}, Refusal{Kind: LongText, Text: CriterionText, Has: 1001, Limit: 1000}},
		{"nothing new", func() error {
			_, err := l.Revise(1, Draft{Description: "walk", Acceptance: slices.Repeat([]string{"a"}, 50)}, noon)
			return err
		}, Refusal{Kind: NothingNew, Goal: 1}},
		{"a long note", func() error { _, err := l.AddNote(1, long+"й", noon); return err }, Refusal{Kind: LongText, Text: NoteText, Has: 1001, Limit: 1000}},
		{"an empty note", func() error { _, err := l.AddNote(1, "", noon); return err }, Refusal{Kind: NoText, Text: NoteText}},
		{"a note too many", func() error { _, err := l.AddNote(2, "x", noon); return err }, Refusal{Kind: FullNotes, Goal: 2, Has: 5000, Limit: 1000}},
		{"a reason too many", func() error { _, err := l.Block(2, "rain", noon); return err }, Refusal{Kind: NoRoomForWhy, Goal: 2, Has: 5000, Limit: 1000}},
		{"no reason", func() error { _, err := l.Block(2, "", noon); return err }, Refusal{}},
		{"no reason, and no room to say so", func() error { _, err := l.Block(3, "", noon); return err }, Refusal{}},
		{"a reason of 1,000 characters", func() error { _, err := l.Block(1, long, noon); return err }, Refusal{}},
		{"a longer reason", func() error { _, err := l.Abandon(1, long+"й", noon); return err }, Refusal{Kind: LongText, Text: ReasonText, Has: 1001, Limit: 1000}},
		{"a reason of nothing", func() error { _, err := l.Abandon(1, "\u200b", noon); return err }, Refusal{Kind: NoText, Text: ReasonText}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(l.All())
			err := c.do()
			if c.refuse == (Refusal{}) {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantRefusal(t, err, c.refuse)
			if !slices.Equal(before, l.All()) {
				t.Error("a refused change left something behind")
			}
		})
	}
	if notes := l.Number(1).Notes; notes[len(notes)-1] != "Blocked: "+long {
		t.Errorf("the reason became %q", notes[len(notes)-1])
	}
}

func TestAFullListTakesNoMore(t *testing.T) {
	all := make([]*Goal, MaxGoals)
	for i := range all {
		all[i] = &Goal{Number: int64(i + 1), ID: fmt.Sprint(i)}
	}
	l := NewList(0, all)
	_, err := l.Add(Draft{Description: "one more"}, "g-new", noon)
	wantRefusal(t, err, Refusal{Kind: FullList, Has: MaxGoals, Limit: MaxGoals})
	if _, err := l.Delete(500); err != nil {
		t.Fatal(err)
	}
	if g, err := l.Add(Draft{Description: "one more"}, "g-new", noon); err != nil || g.Number != MaxGoals+1 {
		t.Errorf("got %+v, %v", g, err)
	}
}

func TestACriterionIsAdded(t *testing.T) {
	l := listOf(Goal{Description: "one", Acceptance: []string{"a"}}, Goal{Description: "two", Acceptance: slices.Repeat([]string{"a"}, MaxAcceptance)})
	g, err := l.AddCriterion(1, " b\u202e ", noon)
	if err != nil || strings.Join(g.Acceptance, "|") != "a|b" {
		t.Errorf("got %q, %v", g.Acceptance, err)
	}
	_, err = l.AddCriterion(1, "B", noon)
	wantRefusal(t, err, Refusal{Kind: SameCriterion, Goal: 1, Has: 2})
	_, err = l.AddCriterion(1, "A", noon)
	wantRefusal(t, err, Refusal{Kind: SameCriterion, Goal: 1, Has: 1})
	for n, want := range map[int64]Refusal{1: {Kind: NoText, Text: CriterionText}, 2: {Kind: FullCriteria, Goal: 2, Has: 50, Limit: 50}, 3: {Kind: NoGoal, Goal: 3}} {
		text := "c"
		if n == 1 {
			text = " \n"
		}
		_, err := l.AddCriterion(n, text, noon)
		wantRefusal(t, err, want)
	}
}
