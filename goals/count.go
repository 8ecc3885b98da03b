package goals

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of what is counted.
const (
	// MaxEntries is how many entries a count has at most. Of more, the two oldest
	// become one.
	MaxEntries = 366
	// MaxUnit is how many characters the word for what is counted has at most.
	MaxUnit = 20
)

// Count says how far a goal has come that is counted, as in 35 of 50 pages. Where the
// target is below the start, as for a weight, less is better.
type Count struct {
	Unit   string  `json:"unit,omitempty"` // what is counted, "" where nobody said
	Start  Amount  `json:"start,omitzero"`
	Target Amount  `json:"target,omitzero"`
	Log    []Entry `json:"log,omitempty"` // the oldest first; no two at the same time
}

// Entry is what was logged at a time. It is kept as text, in which + and - stand
// before what was added, and = before what the count was: "2026-03-01T12:00:00Z +2".
// The entry of several old ones says how many these are: "2026-03-01T12:00:00Z =40 x12".
type Entry struct {
	At     int64 // Unix time in milliseconds
	Set    bool  // the count was Amount; otherwise Amount was added
	Amount Amount
	Of     int // how many entries it stands for, 0 for itself alone
}

// Time is when it was logged.
func (e Entry) Time() time.Time { return time.UnixMilli(e.At).UTC() }

// several reports whether it stands for more than one.
func (e Entry) several() bool { return e.Of > 1 }

// after is what a count comes to with this entry.
func (e Entry) after(value Amount) Amount {
	if e.Set {
		return e.Amount
	}
	return value + e.Amount
}

const entryTime = "2006-01-02T15:04:05.999Z07:00"

// MarshalText implements [encoding.TextMarshaler].
func (e Entry) MarshalText() ([]byte, error) {
	b := e.Time().AppendFormat(nil, entryTime)
	b = append(b, ' ')
	if e.Set {
		b = append(append(b, '='), e.Amount.String()...)
	} else {
		b = append(b, e.Amount.Signed()...)
	}
	if e.several() {
		b = strconv.AppendInt(append(b, " x"...), int64(e.Of), 10)
	}
	return b, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (e *Entry) UnmarshalText(text []byte) (err error) {
	words := strings.Split(string(text), " ")
	if len(words) < 2 || len(words) > 3 {
		return fmt.Errorf("read entry: %.60q is none", text)
	}
	at, err := time.Parse(time.RFC3339, words[0])
	if err != nil {
		return fmt.Errorf("read entry: %w", err)
	}
	r := Entry{At: at.UnixMilli()}
	number, set := strings.CutPrefix(words[1], "=")
	if !set && !strings.HasPrefix(number, "+") && !strings.HasPrefix(number, "-") {
		return fmt.Errorf("read entry: %.60q is none", text)
	}
	r.Set = set
	if r.Amount, err = readAmount(number); err != nil {
		return fmt.Errorf("read entry: %w", err)
	}
	if len(words) == 3 {
		if r.Of, err = strconv.Atoi(strings.TrimPrefix(words[2], "x")); err != nil || r.Of < 2 {
			return fmt.Errorf("read entry: %.60q is none", text)
		}
	}
	*e = r
	return nil
}

// On reports whether the goal is counted.
func (c Count) On() bool { return c.Start != c.Target }

// Same reports whether two counts say the same.
func (c Count) Same(o Count) bool {
	return c.Unit == o.Unit && c.Start == o.Start && c.Target == o.Target && slices.Equal(c.Log, o.Log)
}

// IsZero reports whether there is nothing to keep.
func (c Count) IsZero() bool { return c.Same(Count{}) }

// Falls reports whether less is better.
func (c Count) Falls() bool { return c.Target < c.Start }

// Value is what the count has come to.
func (c Count) Value() Amount {
	value := c.Start
	for _, e := range c.Log {
		value = e.after(value)
	}
	return value
}

// Bounds say from where to where a goal is counted, and what: "to 10 books", "from 90 to
// 80 kg".
func (c Count) Bounds() string {
	said := "to " + c.Target.String()
	if c.Start != 0 {
		said = "from " + c.Start.String() + " " + said
	}
	return strings.TrimSpace(said + " " + c.Unit)
}

var boundsForm = regexp.MustCompile(`^(?:from (\S+) )?to (\S+)(?: (.*))?$`)

// ReadCount reads a count from what [Count.Bounds] said, and entries in any order. It
// keeps the limits of what a person may count. ok is false where it cannot be meant.
func ReadCount(bounds string, log []Entry) (c Count, ok bool) {
	m := boundsForm.FindStringSubmatch(OneLine(bounds))
	if m == nil {
		return c, false
	}
	var wrong [3]error
	if m[1] != "" {
		c.Start, wrong[0] = ParseAmount(m[1])
	}
	c.Target, wrong[1] = ParseAmount(m[2])
	if m[3] != "" {
		c.Unit, wrong[2] = CleanText(UnitText, m[3], MaxUnit)
	}
	for _, e := range slices.SortedStableFunc(slices.Values(log), func(a, b Entry) int { return cmp.Compare(a.At, b.At) }) {
		if n := len(c.Log); n == 0 || e != c.Log[n-1] {
			c.add(e)
		}
	}
	return c, errors.Join(wrong[:]...) == nil && c.On() && c.withinLimits(0) == nil
}

// Values are what it came to with each entry.
func (c Count) Values() []Amount {
	values := make([]Amount, len(c.Log))
	value := c.Start
	for i, e := range c.Log {
		value = e.after(value)
		values[i] = value
	}
	return values
}

// Reached reports whether a goal that is counted has come to its target, or beyond it.
func (c Count) Reached() bool {
	value := c.Value()
	return c.On() && (c.Falls() && value <= c.Target || !c.Falls() && value >= c.Target)
}

// millionths is the share of the way from the start to the target, from 0 to 1e6. It is
// 1e6 only for one that is reached.
func (c Count) millionths() int64 {
	const all = 1_000_000
	part, whole := int64(c.Value()-c.Start), int64(c.Target-c.Start)
	if whole < 0 {
		part, whole = -part, -whole
	}
	switch {
	case whole == 0 || part <= 0:
		return 0
	case part >= whole:
		return all
	}
	return part * all / whole // amounts are at most 1e12, so this has room
}

// Percent is that share in percent, rounded. It is 100 only where the target is
// reached.
func (c Count) Percent() int { return percent(c.millionths(), 1, c.Reached()) }

// percent rounds the mean of parts shares, which sum up to millionths.
func percent(millionths int64, parts int, all bool) int {
	whole := int64(parts) * 10_000
	p := int((2*millionths + whole) / (2 * whole))
	if !all {
		p = min(p, 99)
	}
	return p
}

// fresh is the count before anything was logged.
func (c Count) fresh() Count {
	c.Log = nil
	return c
}

// add appends an entry. It is later than all others, whatever the clock says.
func (c *Count) add(e Entry) {
	if n := len(c.Log); n > 0 {
		e.At = max(e.At, c.Log[n-1].At+1)
	}
	c.Log = append(slices.Clip(c.Log), e)
	c.shorten(MaxEntries)
}

// shorten makes one of the two oldest entries, as long as there are too many.
func (c *Count) shorten(most int) {
	for len(c.Log) > most {
		first, second := c.Log[0], c.Log[1]
		folded := Entry{At: second.At, Set: first.Set || second.Set, Amount: second.after(first.Amount), Of: max(first.Of, 1) + max(second.Of, 1)}
		c.Log = append([]Entry{folded}, c.Log[2:]...)
	}
}

// undo returns the count without what a change did to it. What was changed since stays.
func (c Count) undo(before, after Count) Count {
	back(&c.Unit, before.Unit, after.Unit)
	back(&c.Start, before.Start, after.Start)
	back(&c.Target, before.Target, after.Target)
	added, removed := minus(after.Log, before.Log), minus(before.Log, after.Log)
	if len(added)+len(removed) == 0 {
		return c
	}
	upTo := func(at int64) func(Entry) bool { return func(e Entry) bool { return e.At <= at } }
	there := func(e Entry) bool { return slices.Contains(c.Log, e) }
	// Entries that became one stay so where that one has become a part of another.
	if i := slices.IndexFunc(added, func(e Entry) bool { return e.several() && !there(e) }); i >= 0 {
		at := added[i].At
		added, removed = slices.DeleteFunc(added, upTo(at)), slices.DeleteFunc(removed, upTo(at))
	}
	if i := slices.IndexFunc(removed, Entry.several); i >= 0 {
		at := removed[i].At
		if slices.ContainsFunc(added, func(e Entry) bool { return e.At <= at && !there(e) }) {
			added, removed = slices.DeleteFunc(added, upTo(at)), slices.DeleteFunc(removed, upTo(at))
		}
	}
	log := append(minus(c.Log, added), minus(removed, c.Log)...)
	slices.SortFunc(log, func(a, b Entry) int { return cmp.Compare(a.At, b.At) })
	c.Log = nilIfEmpty(log)
	c.shorten(MaxEntries)
	return c
}

// Folded is what a change logged for the goal as it is now and what has become a part of
// an entry that stands for several, so that an undo leaves it as it is; nil for nothing.
func (e Edit) Folded(now *Goal) (folded []Entry) {
	if e.Plan == nil || now == nil {
		return nil
	}
	log := now.Plan().Count.Log
	for _, logged := range minus(e.Plan[1].Count.Log, e.Plan[0].Count.Log) {
		if !logged.several() && !slices.Contains(log, logged) && slices.ContainsFunc(log, func(o Entry) bool { return o.several() && o.At >= logged.At }) {
			folded = append(folded, logged)
		}
	}
	return folded
}

// changed are the counts before and after a change, with those entries alone that one
// of them does not have.
func changed(before, after Count) (b, a Count) {
	b, a = before, after
	b.Log, a.Log = minus(before.Log, after.Log), minus(after.Log, before.Log)
	return b, a
}

// Log logs something for an open goal that is counted: how much was added or, with
// set, how much it is by now.
func (l *List) Log(n int64, set bool, amount Amount, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		c := g.Plan().Count
		switch {
		case !g.Status.Open():
			return g.closed()
		case !c.On():
			return Refusal{Kind: NotCounted, Goal: n}
		case !set && amount == 0:
			return Refusal{Kind: NothingNew, Goal: n}
		}
		c.add(Entry{At: now.UnixMilli(), Set: set, Amount: amount})
		g.ChangePlan(func(p *Plan) { p.Count = c })
		return c.withinLimits(n)
	})
}

func (c Count) withinLimits(n int64) error {
	for _, a := range []Amount{c.Start, c.Target, c.Value()} {
		if a > MaxAmount || a < -MaxAmount {
			r := tooLarge
			r.Goal = n
			return r
		}
	}
	return nil
}

// SetCount says from where to where an open goal is counted, and what. What is nil or
// "" stays as it is; a goal that was not counted starts at 0.
func (l *List) SetCount(n int64, start, target *Amount, unit string, now time.Time) (*Goal, error) {
	return l.SetPlan(n, now, func(p *Plan) (err error) {
		c := &p.Count
		if !c.On() {
			if target == nil {
				return Refusal{Kind: NotCounted, Goal: n}
			}
			*c = Count{} // entries may be left of one that was undone
		}
		if start != nil {
			c.Start = *start
		}
		if target != nil {
			c.Target = *target
		}
		if unit != "" {
			if c.Unit, err = CleanText(UnitText, OneLine(unit), MaxUnit); err != nil {
				return err
			}
		}
		if !c.On() {
			return Refusal{Kind: NoWay, Goal: n}
		}
		return c.withinLimits(n)
	})
}

// StopCount ends the count of an open goal. Its entries go.
func (l *List) StopCount(n int64, now time.Time) (*Goal, error) {
	return l.SetPlan(n, now, func(p *Plan) error {
		if !p.Count.On() {
			return Refusal{Kind: NotCounted, Goal: n}
		}
		p.Count = Count{}
		return nil
	})
}
