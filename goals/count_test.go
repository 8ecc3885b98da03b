package goals

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
		kind RefusalKind
	}{
		{"2", "2", 0}, {"+2", "2", 0}, {"-1", "-1", 0}, {"−1", "-1", 0}, {"--1", "-1", 0}, {"1,5", "1.5", 0}, {"1.5", "1.5", 0}, {"0.125", "0.125", 0}, {"0,1", "0.1", 0},
		{"007", "7", 0}, {"0", "0", 0}, {"-0", "0", 0}, {"1.2340", "1.2340", 0}, {"1234.567", "1234.567", 0}, {"1.50000", "1.5", 0}, {"٣", "3", 0},
		{"1000000000", "1000000000", 0}, {"-1000000000", "-1000000000", 0},
		{"1,000", "", UnclearAmount}, {"12.500", "", UnclearAmount}, {"-100,000", "", UnclearAmount},
		{"0.1234", "", LongAmount}, {"1000000000.001", "", LargeAmount}, {strings.Repeat("9", 300), "", LargeAmount}, {"-" + strings.Repeat("9", 17), "", LargeAmount},
		{"", "", NoAmount}, {"x", "", NoAmount}, {"1e9", "", NoAmount}, {"0x10", "", NoAmount}, {"1.", "", NoAmount}, {".5", "", NoAmount}, {"1,000.5", "", NoAmount},
		{"1 000", "", NoAmount}, {"NaN", "", NoAmount}, {"Inf", "", NoAmount}, {"½", "", NoAmount}, {"1:30", "", NoAmount},
	} {
		a, err := ParseAmount(c.text)
		if c.kind != 0 {
			wantKind(t, err, c.kind)
		} else if err != nil || a.String() != c.want {
			t.Errorf("%q: %s, %v; want %s", c.text, a, err, c.want)
		}
	}
}

// counted is a goal with two criteria that is counted.
func counted(t *testing.T, start, target string) List {
	t.Helper()
	l := listOf(Goal{ID: "a", Description: "a", Status: Pending, Created: noon, Updated: noon})
	from, to := amountOf(t, start), amountOf(t, target)
	if _, err := l.SetCount(1, &from, &to, "km", noon); err != nil {
		t.Fatal(err)
	}
	return l
}

func amountOf(t interface {
	Helper()
	Fatal(...any)
}, text string) Amount {
	t.Helper()
	a, err := ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		start, target, log string
		value              string
		progress           uint8
		reached            bool
	}{
		{"0", "50", "", "0", 0, false},
		{"0", "50", "+35", "35", 70, false},
		{"0", "50", "=35 +2 -1", "36", 72, false},
		{"0", "50", "+53", "53", 100, true},
		{"0", "50", "-3", "-3", 0, false},
		{"0", "0.3", "+0.1 +0.1 +0.1", "0.3", 100, true},
		{"0", "10000", "=9999", "9999", 99, false},
		{"90", "80", "", "90", 0, false},
		{"90", "80", "=88.5 =86", "86", 40, false},
		{"90", "80", "=93", "93", 0, false},
		{"90", "80", "=80", "80", 100, true},
		{"90", "80", "=79.9", "79.9", 100, true},
		{"0", "-5", "-1", "-1", 20, false},
		{"20", "50", "+15", "35", 50, false},
		{"-1000000000", "1000000000", "+1000000000", "0", 50, false},
	} {
		l := counted(t, c.start, c.target)
		logs(t, &l, c.log)
		g := l.Number(1)
		if n := g.Plan().Count; n.Value().String() != c.value || g.Progress != c.progress || n.Reached() != c.reached || n.Percent() != int(c.progress) {
			t.Errorf("%+v: %s, %d%%, reached %v", c, n.Value(), g.Progress, n.Reached())
		}
	}
}

// A count is as much as one criterion more.
func TestProgressOfTicksAndACount(t *testing.T) {
	l := counted(t, "0", "10")
	for _, text := range []string{"one", "two"} {
		if _, err := l.AddCriterion(1, text, noon); err != nil {
			t.Fatal(err)
		}
	}
	want := func(progress uint8) {
		t.Helper()
		if g := l.Number(1); g.Progress != progress {
			t.Errorf("the progress is %d, want %d", g.Progress, progress)
		}
	}
	logs(t, &l, "+5")
	want(17)
	if _, err := l.Tick(1, []int{1}, noon); err != nil {
		t.Fatal(err)
	}
	want(50)
	logs(t, &l, "+7")
	want(67)
	_, err := l.Finish(1, false, noon)
	wantKind(t, err, Unticked)
	if _, err := l.Tick(1, []int{2}, noon); err != nil {
		t.Fatal(err)
	}
	want(100)
	if g := l.Number(1); !g.Status.Open() {
		t.Error("the target closed the goal")
	}
	// Sessions go before both.
	if _, err := l.Link(1, "task", "s-1", noon); err != nil {
		t.Fatal(err)
	}
	want(0)
}

func TestRefusalsOfCounts(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "a", Status: Pending, Created: noon, Updated: noon})
	ten, zero := Whole(10), Amount(0)
	_, err := l.Log(1, false, ten, noon)
	wantKind(t, err, NotCounted)
	_, err = l.SetCount(1, &ten, nil, "", noon)
	wantKind(t, err, NotCounted)
	_, err = l.StopCount(1, noon)
	wantKind(t, err, NotCounted)
	_, err = l.SetCount(1, nil, &zero, "", noon)
	wantKind(t, err, NoWay)
	_, err = l.SetCount(1, nil, &ten, strings.Repeat("x", MaxUnit+1), noon)
	wantKind(t, err, LongText)
	if _, err = l.SetCount(1, nil, &ten, "books", noon); err != nil {
		t.Fatal(err)
	}
	_, err = l.SetCount(1, nil, &ten, "", noon)
	wantKind(t, err, NothingNew)
	_, err = l.Log(1, false, 0, noon)
	wantKind(t, err, NothingNew)
	_, err = l.Finish(1, false, noon)
	wantKind(t, err, Uncounted)
	logs(t, &l, "=1000000000")
	_, err = l.Log(1, false, 1, noon)
	wantKind(t, err, LargeAmount)
	if r, _ := errors.AsType[Refusal](err); r.Goal != 1 {
		t.Errorf("refused for goal %d", r.Goal)
	}
	stopped := l.Clone()
	if g, err := stopped.StopCount(1, noon); err != nil || !g.Plan().Count.IsZero() {
		t.Errorf("stopped it is %+v, %v", g, err)
	}
	if g := l.Number(1); g.Plan().Count.Value() != MaxAmount || len(g.Plan().Count.Log) != 1 {
		t.Errorf("a refusal left %+v", g.Plan().Count)
	}
	if _, err := l.Finish(1, false, noon); err != nil {
		t.Error(err)
	}
	_, err = l.Log(1, false, ten, noon)
	wantKind(t, err, ClosedGoal)
	_, err = l.StopCount(1, noon)
	wantKind(t, err, ClosedGoal)
}

// A file that somebody rewrote leaves what is counted, and what it comes to.
func TestAForeignVersionLeavesCounts(t *testing.T) {
	l := counted(t, "0", "10")
	logs(t, &l, "+4")
	theirs := *l.Number(1)
	theirs.SetPlan(Plan{})
	theirs.Progress = 0
	theirs.Description, theirs.Updated = "b", noon.Add(time.Hour)
	mine := *l.Number(1)
	l.Merge([]*Goal{&theirs}, l.Compare([]*Goal{&mine}).Base(), noon.Add(time.Hour))
	if g := l.Number(1); g.Description != "b" || g.Plan().Count.Value() != Whole(4) {
		t.Errorf("got %+v", g)
	}
}

// The next of a goal that repeats starts anew.
func TestTheNextCountStartsAnew(t *testing.T) {
	l := counted(t, "90", "80")
	logs(t, &l, "=85")
	next, err := l.Again(l.Number(1), "g-2", "2027-05-04", noon)
	if err != nil {
		t.Fatal(err)
	}
	if c := next.Plan().Count; c.Value() != Whole(90) || c.Target != Whole(80) || c.Unit != "km" || len(c.Log) != 0 || next.Progress != 0 {
		t.Errorf("got %+v", next)
	}
	if c := l.Number(1).Plan().Count; c.Value() != Whole(85) {
		t.Errorf("the first one is %+v", c)
	}
}
