package goals

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// logs logs what the words say, each at the same time, which the clock may do.
func logs(t *testing.T, l *List, words string) {
	t.Helper()
	for word := range strings.FieldsSeq(words) {
		number, set := strings.CutPrefix(word, "=")
		if _, err := l.Log(1, set, amountOf(t, number), noon); err != nil {
			t.Fatal(word, err)
		}
	}
}

// An undo of an older entry takes out that entry alone, also where entries were made
// one since, and a redo puts it back. Red where an undo puts back the whole log, and
// where it puts back entries that became a part of another.
func TestUndoOfEntries(t *testing.T) {
	for _, c := range []struct {
		first, then string
		want        string // after the undo
	}{
		{"+2", "", "0"},
		{"+2", "+3", "3"},
		{"=15", "+2", "2"},
		{"+2", "=15", "15"},
		{"=88", "=87", "87"},
		{"+2", "+2", "2"},
		{"+2", strings.Repeat("+1 ", MaxEntries-1), fmt.Sprint(MaxEntries - 1)},
		{"+2", strings.Repeat("+1 ", 2*MaxEntries), fmt.Sprint(2*MaxEntries + 2)}, // it is no entry of its own by then
	} {
		l := counted(t, "0", "100000")
		before := l.Clone()
		logs(t, &l, c.first)
		e := EditOf(Diff(before, l)[0])
		logs(t, &l, c.then)
		was := l.Number(1).Plan().Count.Value()
		before = l.Clone()
		l.Revert(e, nil, noon)
		if got := l.Number(1).Plan().Count.Value().String(); got != c.want {
			t.Errorf("%.20s undone before %.20s: %s, want %s", c.first, c.then, got, c.want)
		}
		if undone := Diff(before, l); len(undone) > 0 {
			l.Revert(EditOf(undone[0]), nil, noon)
		}
		if got := l.Number(1).Plan().Count.Value(); got != was {
			t.Errorf("%.20s done again before %.20s: %s, want %s", c.first, c.then, got, was)
		}
	}
}

// An undo of an entry that made one of two old ones leaves them as one where more have
// been added since, and counts none of them twice.
func TestUndoWhereEntriesBecameOne(t *testing.T) {
	l := counted(t, "0", "100000")
	logs(t, &l, strings.Repeat("+1 ", MaxEntries))
	before := l.Clone()
	logs(t, &l, "+10")
	e := EditOf(Diff(before, l)[0])
	if len(l.Number(1).Plan().Count.Log) != MaxEntries {
		t.Fatalf("there are %d entries", len(l.Number(1).Plan().Count.Log))
	}
	one := l.Clone()
	one.Revert(e, nil, noon)
	if c := one.Number(1).Plan().Count; !c.Same(before.Number(1).Plan().Count) {
		t.Errorf("at once it is %d entries, %s", len(c.Log), c.Value())
	}
	logs(t, &l, "+100")
	l.Revert(e, nil, noon)
	if c := l.Number(1).Plan().Count; c.Value() != Whole(MaxEntries+100) || len(c.Log) > MaxEntries {
		t.Errorf("later it is %d entries, %s", len(c.Log), c.Value())
	}
	logs(t, &one, "+100 +1000")
	one.Revert(e.Inverse(), nil, noon)
	if c := one.Number(1).Plan().Count; c.Value() != Whole(MaxEntries+10+1100) || len(c.Log) > MaxEntries {
		t.Errorf("done again it is %d entries, %s", len(c.Log), c.Value())
	}
}

// An entry that was undone by itself does not come back as a part of an old one, when
// what had made one of it and the oldest is done again.
func TestAnEntryThatWasUndoneStaysOutOfAnOldOne(t *testing.T) {
	l := counted(t, "0", "100000")
	do := func(words string) Edit {
		before := l.Clone()
		logs(t, &l, words)
		return EditOf(Diff(before, l)[0])
	}
	do("+1")
	second := do("+2")
	do(strings.Repeat("+4 ", MaxEntries-2))
	last := do("+1000") // the first two become one
	l.Revert(last, nil, noon)
	l.Revert(second, nil, noon)
	l.Revert(last.Inverse(), nil, noon)
	if got, want := l.Number(1).Plan().Count.Value(), Whole(1+4*(MaxEntries-2)+1000); got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// Entries are left where the count is undone that they were logged for. They come back
// with it, and do not count for another one.
func TestEntriesOfACountThatWasUndone(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "a", Status: Pending, Created: noon, Updated: noon})
	before := l.Clone()
	ten, twenty := Whole(10), Whole(20)
	if _, err := l.SetCount(1, nil, &ten, "books", noon); err != nil {
		t.Fatal(err)
	}
	e := EditOf(Diff(before, l)[0])
	logs(t, &l, "+4")
	l.Revert(e, nil, noon)
	if g := l.Number(1); g.Plan().Count.On() || g.Progress != 0 {
		t.Errorf("undone it is %+v", g)
	}
	other := l.Clone()
	l.Revert(e.Inverse(), nil, noon)
	if g := l.Number(1); g.Plan().Count.Value() != Whole(4) || g.Plan().Count.Target != ten || g.Progress != 40 {
		t.Errorf("done again it is %+v", g)
	}
	if g, err := other.SetCount(1, nil, &twenty, "", noon); err != nil || g.Plan().Count.Value() != 0 || g.Plan().Count.Unit != "" {
		t.Errorf("counted anew it is %+v, %v", g.Plan().Count, err)
	}
}

// Sums are exact, whatever is added, undone and done again, and stay so however the
// list is kept. Floating point numbers, and a fold that is not what its entries come
// to, turn this red.
func TestCountsAreExact(t *testing.T) {
	type step struct {
		set    bool
		amount *big.Rat
	}
	rapid.Check(t, func(t *rapid.T) {
		l := listOf(Goal{ID: "a", Description: "a", Status: Pending, Created: noon, Updated: noon})
		target := Whole(rapid.Int64Range(1, 1000).Draw(t, "target"))
		start := -Whole(rapid.Int64Range(0, 1000).Draw(t, "start"))
		if _, err := l.SetCount(1, &start, &target, "", noon); err != nil {
			t.Fatal(err)
		}
		var model []step
		var edits []Edit
		now := noon
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "later")) * time.Millisecond)
			text := fmt.Sprintf("%s%d%s", rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign"), rapid.Int64Range(0, 99_999).Draw(t, "whole"),
				rapid.SampledFrom([]string{"", ".1", ",25", ".0625", "0", ".007"}).Draw(t, "decimals"))
			a, err := ParseAmount(text)
			if err != nil {
				continue
			}
			set := rapid.Bool().Draw(t, "set")
			before := l.Clone()
			if _, err := l.Log(1, set, a, now); err != nil {
				continue
			}
			exact, _ := new(big.Rat).SetString(strings.ReplaceAll(text, ",", "."))
			model, edits = append(model, step{set, exact}), append(edits, EditOf(Diff(before, l)[0]))
			if i := rapid.IntRange(-5, len(edits)-1).Draw(t, "undo"); i >= 0 {
				l.Revert(edits[i], nil, now)
				model, edits = slices.Delete(model, i, i+1), slices.Delete(edits, i, i+1)
			}
		}
		want, _ := new(big.Rat).SetString(start.String())
		for _, s := range model {
			if s.set {
				want.Set(s.amount)
			} else {
				want.Add(want, s.amount)
			}
		}
		c := l.Number(1).Plan().Count
		kept, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again Count
		if err := json.Unmarshal(kept, &again); err != nil || !again.Same(c) {
			t.Fatalf("kept as %s it is %+v, %v", kept, again, err)
		}
		short := c
		short.shorten(rapid.IntRange(1, 5).Draw(t, "left"))
		for _, c := range []Count{c, short} {
			if got, _ := new(big.Rat).SetString(c.Value().String()); got.Cmp(want) != 0 {
				t.Fatalf("%s is %s, want %s", kept, c.Value(), want.FloatString(4))
			}
		}
		last := int64(0)
		for _, e := range c.Log {
			if e.At <= last {
				t.Fatalf("entries are not in order: %s", kept)
			}
			last = e.At
		}
		if p := l.Number(1).Progress; p > 100 || (p == 100) != c.Reached() {
			t.Fatalf("%s is %d%%", kept, p)
		}
	})
}

// What is kept of it by an edit does not grow with the entries.
func TestAnEditOfALongLogIsSmall(t *testing.T) {
	l := counted(t, "0", "100000")
	logs(t, &l, strings.Repeat("+1 ", MaxEntries))
	before := l.Clone()
	logs(t, &l, "+1")
	kept, err := json.Marshal(EditOf(Diff(before, l)[0]))
	if err != nil || len(kept) > 1000 {
		t.Errorf("%d bytes, %v: %s", len(kept), err, kept)
	}
	plan, err := json.Marshal(l.Number(1).Plan())
	if err != nil || len(plan) > 15_000 {
		t.Errorf("the plan has %d bytes, %v", len(plan), err)
	}
}

func TestEntriesAsText(t *testing.T) {
	for _, text := range []string{"2026-03-01T12:00:00Z +2", "2026-03-01T12:00:00.5Z -0.25", "2026-03-01T12:00:00Z =-5", "2026-03-01T12:00:00Z =40 x12"} {
		var e Entry
		if err := e.UnmarshalText([]byte(text)); err != nil {
			t.Error(err)
		}
		if kept, err := e.MarshalText(); err != nil || string(kept) != text {
			t.Errorf("%s became %s, %v", text, kept, err)
		}
	}
	if kept, err := (Entry{Amount: one, Of: 1}).MarshalText(); err != nil || string(kept) != "1970-01-01T00:00:00Z +1" {
		t.Errorf("an entry that stands for itself alone became %s, %v", kept, err)
	}
	for _, text := range []string{"", "2026-03-01 +2", "2026-03-01T12:00:00Z 2", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z +", "2026-03-01T12:00:00Z +2 x1", "2026-03-01T12:00:00Z +2 x2 x", "yesterday +2"} {
		if err := new(Entry).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// What a change logged is folded where it became a part of an entry that stands for
// several: an undo of the change leaves it as it is, and says so. What was undone already
// is no part of anything.
func TestWhatIsFolded(t *testing.T) {
	times := func(n int) string { return strings.Repeat("+1 ", n) }
	for _, c := range []struct {
		name, before, logged, then string
		undo                       bool // what was logged, before then
		want                       string
	}{
		{"it stands for itself", "", "+2", "+3", false, ""},
		{"with as many entries as there may be", "", "+2", times(MaxEntries - 1), false, ""},
		{"it is the first of two that became one", "", "+2", times(MaxEntries), false, "+2"},
		{"it is the second", "+1", "+2", times(MaxEntries - 1), false, "+2"},
		{"it is the third", "+1 +1", "+2", times(MaxEntries - 2), false, ""},
		{"it was undone", "", "+2", "+3", true, ""},
		{"it was undone, and the entries before it became one", times(MaxEntries - 1), "+2", "+3 +4", true, ""},
		{"it made one of the two oldest itself", times(MaxEntries), "+2", "+3", false, ""},
	} {
		l := counted(t, "0", "100000")
		logs(t, &l, c.before)
		before := l.Clone()
		logs(t, &l, c.logged)
		e := EditOf(Diff(before, l)[0])
		if c.undo {
			l.Revert(e, nil, noon)
		}
		logs(t, &l, c.then)
		var got []string
		for _, f := range e.Folded(l.Number(1)) {
			got = append(got, fmt.Sprintf("%+d", int64(f.Amount/one)))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: folded %q, want %q", c.name, text, c.want)
		}
		if gone := e.Folded(nil); gone != nil {
			t.Errorf("%s: of a goal that is gone %v is folded", c.name, gone)
		}
	}
	l := counted(t, "0", "10")
	before := l.Clone()
	if _, err := l.Rename(1, "b", noon); err != nil {
		t.Fatal(err)
	}
	if folded := EditOf(Diff(before, l)[0]).Folded(l.Number(1)); folded != nil {
		t.Errorf("of a new name %v is folded", folded)
	}
}

// A count is read from what a list or a file says of it: from where to where, and what was
// logged, in any order, also where a file has an entry twice.
func TestReadCount(t *testing.T) {
	at := func(milli int64, amount int64) Entry { return Entry{At: milli, Amount: Whole(amount)} }
	for _, c := range []struct {
		bounds string
		log    []Entry
		want   string // "" where it cannot be meant
	}{
		{"to 10 books", nil, "to 10 books []"},
		{"from 90 to 80 kg", nil, "from 90 to 80 kg []"},
		{"to 5", nil, "to 5 []"},
		{"from -5 to 0.5 of all", nil, "from -5 to 0.5 of all []"},
		{" from 0  to 5\nbooks ", nil, "to 5 books []"},
		{"to 10", []Entry{at(7, 2), at(3, 1)}, "to 10 [1970-01-01T00:00:00.003Z +1 1970-01-01T00:00:00.007Z +2]"},
		{"to 10", []Entry{at(3, 1), at(3, 1)}, "to 10 [1970-01-01T00:00:00.003Z +1]"},
		{"to 10", []Entry{at(3, 1), at(3, 2)}, "to 10 [1970-01-01T00:00:00.003Z +1 1970-01-01T00:00:00.004Z +2]"},
		{"to 5 " + strings.Repeat("x", MaxUnit), nil, "to 5 " + strings.Repeat("x", MaxUnit) + " []"},
		{"to 5 " + strings.Repeat("x", MaxUnit+1), nil, ""},
		{"to 5 to 5", nil, "to 5 to 5 []"},
		{"to 0", nil, ""},
		{"from 5 to 5", nil, ""},
		{"10 books", nil, ""},
		{"to ten", nil, ""},
		{"from ten to 5", nil, ""},
		{"", nil, ""},
		{"to 10", []Entry{{At: 1, Set: true, Amount: MaxAmount}, at(2, 1)}, ""},
	} {
		read, ok := ReadCount(c.bounds, c.log)
		if ok != (c.want != "") {
			t.Errorf("%q, %v: %+v, %v", c.bounds, c.log, read, ok)
		}
		if !ok {
			continue
		}
		var log []string
		for _, e := range read.Log {
			text, err := e.MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, string(text))
		}
		if values := read.Values(); len(values) != len(log) || len(values) > 0 && values[len(values)-1] != read.Value() {
			t.Errorf("%q: it came to %v", c.bounds, values)
		}
		if got := fmt.Sprint(read.Bounds(), " ", log); got != c.want {
			t.Errorf("%q is %s, want %s", c.bounds, got, c.want)
		}
	}
}
