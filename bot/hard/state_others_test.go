//go:build linux

package hard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/message"
)

// This file adds to [TestAnyOrder] what goes beyond one goal and one person: the order of
// the list, tags, a second person, and days that pass.

var ben = handlers.Person{ID: 1002, Name: "Ben"}

// neighbours are the goals among which one can be moved, in their order, in the model.
func (m *machine) neighbours(of standing) (numbers []int64) {
	var all []standing
	pinned := func(s standing) bool { return s.pinned && s.status.Open() }
	for _, s := range m.list {
		if s.status.Open() && pinned(s) == pinned(of) && (pinned(of) || s.status == of.status) {
			all = append(all, s)
		}
	}
	rank := func(s standing) int64 { return cmp.Or(s.rank, s.number<<32) }
	slices.SortFunc(all, func(a, b standing) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.number, b.number)) })
	for _, s := range all {
		numbers = append(numbers, s.number)
	}
	return numbers
}

// move puts a goal elsewhere among its neighbours. How its place is kept is not the
// model's concern, so it takes that over; from then on it stays as it is.
func (m *machine) move(t *rapid.T) {
	if m.last == 0 {
		t.Skip("there is nothing to move")
	}
	number := rapid.Int64Range(1, m.last+1).Draw(t, "number")
	command := rapid.SampledFrom([]string{"top", "up", "down"}).Draw(t, "command")
	m.say(t, command, fmt.Sprint(number))
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	if i < 0 || !m.list[i].status.Open() {
		return
	}
	s := m.list[i]
	want := m.neighbours(s)
	at := slices.Index(want, number)
	to := map[string]int{"top": 0, "up": max(at-1, 0), "down": min(at+1, len(want)-1)}[command]
	if to == at {
		return
	}
	want = slices.Insert(slices.Delete(want, at, at+1), to, number)
	list := m.truth.List()
	g := list.Number(number)
	var got []int64
	for _, other := range list.Neighbours(g) {
		got = append(got, other.Number)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("/%s %d: the order is %v; want %v", command, number, got, want)
	}
	s.rank = g.Plan().Rank
	m.change(number, &s)
}

// tag gives a goal a text with a tag, or asks which tags there are.
func (m *machine) tag(t *rapid.T) {
	tags := []string{"home", "garden"}
	tag := rapid.SampledFrom(tags).Draw(t, "tag")
	if m.last > 0 && rapid.Bool().Draw(t, "new") {
		number := rapid.Int64Range(1, m.last+1).Draw(t, "number")
		name := fmt.Sprintf("errand at %d #%s", len(m.done), tag)
		m.say(t, "rename", fmt.Sprint(number, " ", name))
		if i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number }); i >= 0 {
			s := m.list[i]
			s.name = name
			m.change(number, &s)
		}
		return
	}
	counts := map[string]int{}
	for _, s := range m.list {
		if _, tag, found := strings.Cut(s.name, "#"); found && s.status.Open() {
			counts[tag]++
		}
	}
	said := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(m.answer(t, "tags")) + "\n"
	for _, tag := range tags {
		if counted := strings.Contains(said, fmt.Sprintf("\n#%s · %d\n", tag, counts[tag])); counted != (counts[tag] > 0) || !counted && strings.Contains(said, "#"+tag) {
			t.Fatalf("/tags says %q; want %v", said, counts)
		}
	}
}

// answer says something that changes nothing, when all that waits has been sent, and
// returns what is said to it.
func (m *machine) answer(t *rapid.T, name string) string {
	for {
		heads, err := m.truth.Outbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(heads) == 0 {
			break
		}
		for _, head := range heads {
			if err := m.truth.Sent(t.Context(), head.ID, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.say(t, name, "")
	waiting, err := m.truth.Waiting(t.Context(), ann.ID, 1)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("/%s: %d answers, %v", name, len(waiting), err)
	}
	said, err := message.Decode(waiting[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	return said.Text
}

// other is a second person who changes a goal, which the first one cannot take back.
func (m *machine) other(t *rapid.T) {
	if m.last == 0 {
		t.Skip("there is nothing to change")
	}
	number := rapid.Int64Range(1, m.last+1).Draw(t, "number")
	command := rapid.SampledFrom([]string{"note", "assign me", "assign off", "reopen"}).Draw(t, "command")
	i := slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })
	name, rest, _ := strings.Cut(command, " ")
	if name == "note" {
		rest = "said by Ben"
	}
	m.sayAs(t, ben, name, fmt.Sprint(number, " ", rest))
	if i < 0 {
		return
	}
	s := m.list[i]
	switch was := s; command {
	case "note":
		s.notes = append(slices.Clone(s.notes), rest)
	case "reopen":
		if s.status = goals.Pending; was.status == goals.Pending {
			return
		}
	default:
		if !s.status.Open() {
			return
		}
		if s.assignee = 0; rest == "me" {
			s.assignee = ben.ID
		}
		if s.assignee == was.assignee {
			return
		}
	}
	m.put(number, m.withinPins(number, &s))
	m.damaged = false
}

// days pass, and on a morning it is asked which goals are stuck. Which they are is not the
// model's concern: a few at most, and none that is done, put aside, or not begun.
func (m *machine) days(t *rapid.T) {
	noon := 12 * time.Hour
	m.now = m.now.Truncate(24 * time.Hour).Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "days"))*24*time.Hour + noon)
	for range 2 { // the second time it was asked already
		if err := m.h.Review(t.Context(), m.now); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.h.TellOwed(t.Context(), m.now); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for i, s := range m.list {
		now := ""
		if g := m.truth.List().Number(s.number); g != nil {
			now = g.Plan().Asked
		}
		if now == s.asked {
			continue
		}
		if asked++; asked > 5 || now != m.now.Format(time.DateOnly) || s.parked || s.status != goals.InProgress && s.status != goals.Blocked {
			t.Fatalf("asked about %+v on %q", s, now)
		}
		m.list[i].asked = now
	}
}

// repin gives the place of a pinned goal, which is done, to another one, and opens the
// first again: there is no pin left for it.
func (m *machine) repin(t *rapid.T) {
	var open []int64
	for _, s := range m.list {
		if s.status.Open() {
			open = append(open, s.number)
		}
	}
	if len(open) <= goals.MaxPinned {
		t.Skip("there are too few goals")
	}
	set := func(number int64, name, rest string, alter func(*standing)) {
		m.say(t, name, fmt.Sprint(number, rest))
		s := m.list[slices.IndexFunc(m.list, func(s standing) bool { return s.number == number })]
		alter(&s)
		m.change(number, &s)
	}
	pin := func() (number int64) {
		for _, s := range m.list {
			if s.status.Open() && !s.pinned {
				number = s.number
			}
		}
		set(number, "pin", "", func(s *standing) { s.pinned = true })
		return number
	}
	for m.pins(0) < goals.MaxPinned {
		pin()
	}
	first := m.list[slices.IndexFunc(m.list, func(s standing) bool { return s.pinned && s.status.Open() })].number
	set(first, "done", " anyway", func(s *standing) { s.status = goals.Done })
	pin()
	set(first, "reopen", "", func(s *standing) { s.status = goals.Pending })
}
