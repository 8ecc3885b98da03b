package goals

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// told is what the sessions of a goal say.
func told(g *Goal) string {
	var all []string
	for _, s := range g.Sessions {
		said := s.Task + " " + string(s.State)
		if s.Evidence != nil {
			said += " " + *s.Evidence
		}
		all = append(all, said)
	}
	return fmt.Sprintf("%d%% %s", g.Progress, strings.Join(all, "|"))
}

func TestEvidenceForASession(t *testing.T) {
	log, broken := "a log", "broken"
	verify := func(evidence string) func(*List, time.Time) (*Goal, error) {
		return func(l *List, now time.Time) (*Goal, error) { return l.Verify(1, 2, evidence, now) }
	}
	fail := func(why string) func(*List, time.Time) (*Goal, error) {
		return func(l *List, now time.Time) (*Goal, error) { return l.Fail(1, 2, why, now) }
	}
	for _, c := range []struct {
		state    SessionState
		evidence *string
		do       func(*List, time.Time) (*Goal, error)
		want     string
		refusal  Refusal
	}{
		{Running, nil, verify(""), "100% a verified|b verified", Refusal{}},
		{Running, &log, verify(""), "100% a verified|b verified a log", Refusal{}},
		{Launched, &log, verify(" other "), "100% a verified|b verified other", Refusal{}},
		{Failed, &broken, verify(""), "100% a verified|b verified", Refusal{}},
		{Verified, &log, verify("other"), "100% a verified|b verified other", Refusal{}},
		{Verified, &log, verify(""), "", Refusal{Kind: VerifiedAlready, Goal: 1, Has: 2}},
		{Verified, &log, verify("a log"), "", Refusal{Kind: VerifiedAlready, Goal: 1, Has: 2}},
		{Running, nil, verify("\u200b"), "", Refusal{Kind: NoText, Text: EvidenceText}},
		{Running, nil, verify(strings.Repeat("x", MaxDescription+1)), "", Refusal{Kind: LongText, Text: EvidenceText, Has: MaxDescription + 1, Limit: MaxDescription}},
		{Launched, nil, fail("broken"), "50% a verified|b failed broken", Refusal{}},
		{Verified, &log, fail(""), "50% a verified|b failed", Refusal{}},
		{Failed, &broken, fail(""), "", Refusal{Kind: FailedAlready, Goal: 1, Has: 2}},
		{Failed, nil, fail("\x00"), "", Refusal{Kind: NoText, Text: ReasonText}},
	} {
		for _, status := range Statuses {
			before := Goal{Description: "ship", Status: status, Sessions: []Session{{ID: "1", Task: "a", State: Verified}, {ID: "2", Task: "b", State: c.state, Evidence: c.evidence, Extra: []Field{{`"x"`, "1"}}}}}
			before.Progress = before.DerivedProgress()
			l := listOf(before)
			was, kept := l.Clone(), told(l.Number(1))
			g, err := c.do(&l, noon.Add(time.Hour))
			if told(was.Number(1)) != kept {
				t.Fatal("a goal was altered in place")
			}
			if c.want == "" {
				wantRefusal(t, err, c.refusal)
				continue
			}
			if err != nil || told(g) != c.want || g.Status != status || len(g.Sessions[1].Extra) != 1 {
				t.Errorf("%s: got %v, %v, want %s", status, g, err, c.want)
				continue
			}
			e := EditOf(Change{Before: was.Number(1), After: g})
			if u := e.Undo(g); !u.Same(was.Number(1)) {
				t.Errorf("undone it is %s, want %s", told(u), kept)
			}
		}
	}
	l := listOf(Goal{Description: "one"}, Goal{Description: "two", Sessions: sessions(Running)})
	_, err := l.Verify(1, 1, "", noon)
	wantRefusal(t, err, Refusal{Kind: NoSessions, Goal: 1})
	for _, place := range []int{-1, 0, 2} {
		_, err = l.Fail(2, place, "", noon)
		wantRefusal(t, err, Refusal{Kind: NoSession, Goal: 2, Has: 1, Limit: place})
	}
	_, err = l.Verify(3, 1, "", noon)
	wantRefusal(t, err, Refusal{Kind: NoGoal, Goal: 3})
	if g, err := l.Verify(2, 1, "", noon); err != nil || g.Sessions[0].State != Verified {
		t.Errorf("the first one is %v, %v", g, err)
	}
}

func TestLink(t *testing.T) {
	l := listOf(Goal{Description: "ship", Sessions: []Session{{ID: "1", Task: "build it", State: Verified}}, Progress: 100})
	g, err := l.Link(1, " Sign\tit ", "s-1", noon)
	if err != nil || told(g) != "50% build it verified|Sign it launched" {
		t.Fatalf("got %v, %v", g, err)
	}
	for _, same := range []string{"sign it", "SIGN  it", "ｓｉｇｎ it"} {
		_, err = l.Link(1, same, "s-2", noon)
		wantRefusal(t, err, Refusal{Kind: SameTask, Goal: 1, Has: 2})
	}
	_, err = l.Link(1, "build  it", "s-2", noon)
	wantRefusal(t, err, Refusal{Kind: SameTask, Goal: 1, Has: 1})
	_, err = l.Link(1, "\u202e", "s-2", noon)
	wantRefusal(t, err, Refusal{Kind: NoText, Text: TaskText})
	if _, err = l.Link(1, "other", "s-1", noon); err == nil {
		t.Error("two sessions have one id")
	}
	for i := range MaxSessions {
		_, err = l.Link(1, fmt.Sprint("task ", i), fmt.Sprint("s-", i+10), noon)
	}
	wantRefusal(t, err, Refusal{Kind: FullSessions, Goal: 1, Has: MaxSessions, Limit: MaxSessions})
	for _, status := range []Status{Done, Abandoned} {
		l := listOf(Goal{Description: "ship", Status: status})
		_, err := l.Link(1, "task", "s-1", noon)
		wantRefusal(t, err, Refusal{Kind: ClosedGoal, Goal: 1, Status: status})
	}
}

func TestTasksByName(t *testing.T) {
	g := &Goal{Number: 7, Sessions: []Session{
		{ID: "s-1a", Task: "Build the binary"}, {ID: "s-2b", Task: "upload the binary to the server"}, {ID: "", Task: ""}, {ID: "4", Task: "https://example.org/issue"},
	}}
	for _, c := range []struct{ text, want, rest string }{
		{"", "[]", ""},
		{"2", "[2]", ""},
		{"#3 because", "[3]", "because"},
		{" \n2 because ", "[2]", "because"},
		{"4", "[4]", ""},
		{"S-2B done", "[2]", "done"},
		{"buil", "[1]", ""},
		{"build is green", "[1]", "is green"},
		{"build the binary is\ngreen", "[1]", "is\ngreen"},
		{"the binary", "[1 2]", ""},
		{"the binary to", "[2]", ""},
		{"the server burns", "[2]", "burns"},
		{"binary the", "[1 2]", "the"},
		{"tests are green", "[]", "tests are green"},
		{"https://example.org build", "[]", "https://example.org build"},
		{"HTTP://example.org", "[]", "HTTP://example.org"},
	} {
		places, rest, err := g.Tasks(c.text)
		if fmt.Sprint(places) != c.want || rest != c.rest || err != nil {
			t.Errorf("%q: got %v %q %v, want %s %q", c.text, places, rest, err, c.want, c.rest)
		}
	}
	for text, limit := range map[string]int{"5": 5, "9999999999999": 1 << 30} {
		_, _, err := g.Tasks(text)
		wantRefusal(t, err, Refusal{Kind: NoSession, Goal: 7, Has: 4, Limit: limit})
	}
	if places, rest, err := (&Goal{}).Tasks("5 pages"); places != nil || rest != "5 pages" || err != nil {
		t.Errorf("without sessions: %v %q %v", places, rest, err)
	}
}

func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		states                 []SessionState
		toBeVerified, toBeFail string
	}{
		{nil, "[]", "[]"},
		{[]SessionState{Launched, Running, Verified, Failed}, "[1 2 4]", "[1 2]"},
		{[]SessionState{Verified, Failed}, "[2]", "[1]"},
		{[]SessionState{Verified}, "[]", "[1]"},
		{[]SessionState{Failed}, "[1]", "[]"},
	} {
		g := &Goal{Sessions: sessions(c.states...)}
		if v, f := fmt.Sprint(g.Waiting(Verified)), fmt.Sprint(g.Waiting(Failed)); v != c.toBeVerified || f != c.toBeFail {
			t.Errorf("%v: %s %s", c.states, v, f)
		}
	}
}

// Taking a change of sessions back once did nothing where the goal had changed
// since. It takes back what it did, as far as it still stands.
func TestUndoOfSessionsThatChangedSince(t *testing.T) {
	a, b, c := Session{ID: "a", State: Running}, Session{ID: "b", State: Running}, Session{ID: "c", State: Running}
	in := func(s Session, state SessionState) Session { s.State = state; return s }
	for _, tt := range []struct{ name, before, after, now, want string }{
		{"verified, another failed since", "a b", "a+ b", "a+ b-", "a b-"},
		{"verified, moved since", "a b", "a+ b", "c a+ b", "c a b"},
		{"verified, and failed since", "a b", "a+ b", "a- b", "a- b"},
		{"verified, and gone since", "a b", "a+ b", "b c", "b c"},
		{"linked, another linked since", "a", "a b", "c a b", "c a"},
		{"linked, the first one gone since", "a", "a b", "b", ""},
		{"linked and verified since", "a", "a b", "a b+", "a b+"},
		{"linked the only one", "", "a", "a", ""},
		{"removed, another linked since", "a b", "a", "a c", "a b c"},
		{"removed, and the rest moved since", "a b", "a", "c a", "c b a"},
		{"verified one and removed one, linked again since", "a b", "b+", "a c", "a c"},
		{"replaced, and the new one removed since", "a", "b", "c", "c a"},
	} {
		read := func(text string) *Goal {
			g := &Goal{Number: 1}
			for word := range strings.FieldsSeq(text) {
				s := map[byte]Session{'a': a, 'b': b, 'c': c}[word[0]]
				if len(word) > 1 {
					s = in(s, map[byte]SessionState{'+': Verified, '-': Failed}[word[1]])
				}
				g.Sessions = append(g.Sessions, s)
			}
			g.Progress = g.DerivedProgress()
			return g
		}
		now, want := read(tt.now), read(tt.want)
		now.Notes, want.Notes = []string{"since"}, []string{"since"}
		if got := EditOf(Change{Before: read(tt.before), After: read(tt.after)}).Undo(now); !got.Same(want) {
			t.Errorf("%s: got %v, want %v", tt.name, got.Sessions, want.Sessions)
		}
	}
}
