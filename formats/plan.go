package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// This file carries what goals.json has no place for: ticks, dates, reminders,
// counts, the order and assignees. A list that is handed out has them, in JSON as further members of a goal.

// The members and columns of a plan, and what begins its lines in a page.
const (
	dueName    = "due"
	repeatName = "repeat"
	remindName = "remind"
	tickedName = "ticked"
	typedName  = "typed"
	countName  = "counted"
	logName    = "logged"
	parkedName = "parked"
)

// What is not taken of a plan, by its kind.
const (
	unreadDate   = "date that cannot be read"
	unreadRepeat = "repeat that cannot be read"
	pastReminder = "reminder that is over"
	strayTick    = "tick of a criterion that is not there"
	unreadCount  = "count that cannot be read"
	unreadEntry  = "entry of a count that cannot be read"
)

// maxDate is how long a text may be that says a date, in bytes.
const maxDate = 200

// WriteJSON writes the goals in the form of goals.json, each with what is planned
// of it: "due", "repeat", "remind", "parked", "ticked", "typed", "counted", "logged",
// "pinned", "order" and "assignee". They take the place of members of these names that
// nobody here knows. An error is that of w.
func WriteJSON(w io.Writer, all []*goals.Goal) error {
	const partGoals = 512 // at a time, so that it takes little memory
	with := slices.Clone(all)
	var part []byte
	for from := 0; from == 0 || from < len(all); from += partGoals {
		to := min(from+partGoals, len(all))
		for i, g := range all[from:to] {
			with[from+i] = withPlan(g)
		}
		part = goaljson.AppendPart(part[:0], with, from, to)
		copy(with[from:to], all[from:to])
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// AppendGoalJSON appends one goal as [WriteJSON] writes it.
func AppendGoalJSON(dst []byte, g *goals.Goal) []byte { return goaljson.AppendGoal(dst, withPlan(g)) }

// withPlan is a goal with its plan in members.
func withPlan(g *goals.Goal) *goals.Goal {
	var members []goals.Field
	add := func(name string, value any) {
		members = append(members, goals.Field{Name: `"` + name + `"`, Value: encoded(value)})
	}
	for _, m := range []struct{ name, value string }{{dueName, g.Plan().Due}, {repeatName, g.Plan().Repeat}, {remindName, g.Plan().Remind}, {parkedName, g.Plan().Parked}} {
		if m.value != "" {
			add(m.name, m.value)
		}
	}
	if ticked := tickedOf(g); len(ticked) > 0 {
		add(tickedName, ticked)
	}
	if g.Plan().Text != "" {
		add(typedName, g.Plan().Text)
	}
	if g.Plan().Count.On() {
		add(countName, g.Plan().Count.Bounds())
		add(logName, entriesOf(g))
	}
	if g.Plan().Pinned {
		add(pinnedName, true)
	}
	for _, m := range []struct{ name, number string }{{orderName, orderOf(g)}, {assigneeName, assigneeOf(g)}} {
		if m.number != "" {
			add(m.name, json.Number(m.number))
		}
	}
	if members == nil {
		return g
	}
	with := *g
	with.Extra = append(slices.DeleteFunc(slices.Clone(g.Extra), func(f goals.Field) bool {
		return slices.ContainsFunc(members, func(m goals.Field) bool { return m.Name == f.Name })
	}), members...)
	return &with
}

// encoded is JSON, indented as in goals.json.
func encoded(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("    ", "  ")
	_ = e.Encode(value) // texts
	return strings.TrimSpace(b.String())
}

// tickedOf are the criteria of a goal that are ticked.
func tickedOf(g *goals.Goal) (ticked []string) {
	for _, criterion := range g.Acceptance {
		if g.IsTicked(criterion) && !slices.Contains(ticked, criterion) {
			ticked = append(ticked, criterion)
		}
	}
	return ticked
}

// planFields are the fields of a plan in a list of ours; nil for one that it does not carry.
type planFields struct {
	due, repeat, remind, typed, counted, parked *string
	pinned, order, assignee                     *string
	ticked, logged                              *[]string
}

// cutMembers takes a plan out of the members of a goal. What is none stays a member:
// dates that cannot be read, a repeat without a date.
func cutMembers(extra []goals.Field, o agenda.Options, left leave) (s planFields, rest []goals.Field) {
	for _, f := range extra {
		switch f.Name {
		case `"` + dueName + `"`:
			s.due = decoded[string](f.Value)
		case `"` + repeatName + `"`:
			s.repeat = decoded[string](f.Value)
		case `"` + remindName + `"`:
			s.remind = decoded[string](f.Value)
		case `"` + parkedName + `"`:
			s.parked = decoded[string](f.Value)
		case `"` + tickedName + `"`:
			s.ticked = decoded[[]string](f.Value)
		case `"` + typedName + `"`:
			s.typed = decoded[string](f.Value)
		case `"` + countName + `"`:
			s.counted = decoded[string](f.Value)
		case `"` + logName + `"`:
			s.logged = decoded[[]string](f.Value)
		case `"` + pinnedName + `"`:
			if pinned := decoded[bool](f.Value); pinned != nil {
				s.pinned = new(pinnedOf(planned(goals.Plan{Pinned: *pinned})))
			}
		case `"` + orderName + `"`:
			s.order = (*string)(decoded[json.Number](f.Value))
		case `"` + assigneeName + `"`:
			s.assignee = (*string)(decoded[json.Number](f.Value))
		}
	}
	unread := func(text **string, kind string, ok func(string) bool) {
		if *text != nil && **text != "" && !ok(**text) {
			left[kind]++
			*text = nil
		}
	}
	isDate := func(text string) bool { _, ok := readOurDate(text, o); return ok }
	unread(&s.due, unreadDate, isDate)
	unread(&s.remind, unreadDate, isDate)
	unread(&s.parked, unreadDate, isDate)
	if s.due == nil {
		s.repeat, s.typed = nil, nil
	}
	unread(&s.repeat, unreadRepeat, func(text string) bool { _, ok := readOurRepeat(text); return ok })
	unread(&s.counted, unreadCount, func(text string) bool { _, ok := goals.ReadCount(text, nil); return ok })
	if s.counted == nil {
		s.logged = nil
	}
	unread(&s.order, unreadOrder, func(text string) bool { _, ok := readOrder(text); return ok })
	unread(&s.assignee, unreadAssignee, func(text string) bool { _, ok := readAssignee(text); return ok })
	cut := map[string]bool{pinnedName: s.pinned != nil, orderName: s.order != nil, assigneeName: s.assignee != nil, parkedName: s.parked != nil, countName: s.counted != nil, logName: s.logged != nil, dueName: s.due != nil, repeatName: s.repeat != nil, remindName: s.remind != nil, tickedName: s.ticked != nil, typedName: s.typed != nil}
	if s == (planFields{}) {
		return s, extra
	}
	return s, slices.DeleteFunc(slices.Clone(extra), func(f goals.Field) bool { return cut[strings.Trim(f.Name, `"`)] })
}

// decoded reads JSON, and returns nil where it holds something else.
func decoded[T any](text string) *T {
	var v *T
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}

// plan is the plan of a goal with these criteria, p until now, as a list of ours says.
// A date comes with its repeat and with the words that it was made of. What the list
// does not carry stays, and so does what it says and cannot be meant: dates that
// cannot be read, reminders that are over, ticks of criteria that the goal does not
// have.
func (s planFields) plan(p goals.Plan, criteria []string, o agenda.Options, left leave) goals.Plan {
	if s.due != nil {
		when, ok := readOurDate(*s.due, o)
		repeat, isRepeat := "", true
		if text := value(s.repeat); text != "" && ok {
			repeat, isRepeat = readOurRepeat(text)
		}
		switch {
		case *s.due == "":
			p.Due, p.Repeat, p.Text = "", "", ""
		case !ok:
			left[unreadDate]++
		default:
			if !isRepeat {
				left[unreadRepeat]++
			}
			p = dated(p, when, o)
			p.Repeat = repeat
			if text := asCarried(p.Text, value(s.typed)); text != p.Text {
				p.Text, _ = goals.CleanText(goals.DescriptionText, text, goals.MaxDescription) // "" for one that nobody typed
			}
		}
	}
	if s.remind != nil {
		when, ok := readOurDate(*s.remind, o)
		switch {
		case *s.remind == "":
			p.Remind = ""
		case !ok:
			left[unreadDate]++
		case when.String() == p.Remind:
		case over(when, o):
			left[pastReminder]++
		default:
			p.Remind = when.String()
		}
	}
	if s.parked != nil {
		when, ok := readOurDate(*s.parked, o)
		switch {
		case *s.parked == "":
			p.Parked = ""
		case !ok:
			left[unreadDate]++
		default:
			p.Parked = when.String()
		}
	}
	if s.ticked != nil {
		p.Ticked = retick(p.Ticked, *s.ticked, criteria, left)
	}
	if s.counted != nil {
		p.Count = s.count(p.Count, left)
	}
	return s.place(p, left)
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// dated is a plan with another date. One that is over when it comes is not told of.
func dated(p goals.Plan, when agenda.When, o agenda.Options) goals.Plan {
	if due := when.String(); due != p.Due {
		if p.Due = due; over(when, o) {
			p.Told = due
		}
	}
	return p
}

// over reports whether the time to remind of a date has passed.
func over(when agenda.When, o agenda.Options) bool {
	return !when.Remind(o.Now.Location(), agenda.DefaultHours.Morning).After(o.Now)
}

// retick returns which criteria are ticked where a file names those. Ticks of other
// criteria stay, and the order does where the file says the same.
func retick(here, there, criteria []string, left leave) (ticked []string) {
	tidy := func(s string) string { return strings.TrimSpace(goals.Visible(s)) }
	var named []string
	for _, text := range there {
		i := slices.Index(criteria, text)
		if i < 0 {
			i = slices.IndexFunc(criteria, func(c string) bool { return tidy(c) == tidy(text) })
		}
		if i < 0 {
			left[strayTick]++
		} else if !slices.Contains(named, criteria[i]) {
			named = append(named, criteria[i])
		}
	}
	for _, text := range here {
		if slices.Contains(named, text) || !slices.Contains(criteria, text) {
			ticked = append(ticked, text)
		}
	}
	for _, text := range named {
		if !slices.Contains(ticked, text) {
			ticked = append(ticked, text)
		}
	}
	return ticked
}

// readOurDate reads a date as a list of ours has it, or as a spreadsheet has saved it
// since.
func readOurDate(text string, o agenda.Options) (when agenda.When, ok bool) {
	if len(text) > maxDate {
		return when, false
	}
	if when.UnmarshalText([]byte(strings.TrimSpace(text))) == nil && !when.IsZero() {
		return when, true
	}
	return readDate(text, o.Now.Location()).when(o, false)
}

func readOurRepeat(text string) (string, bool) {
	if len(text) > maxDate {
		return "", false
	}
	r, err := agenda.ParseRepeat(text)
	return r.String(), err == nil
}

// when is a date as a goal has it. Words are one only where they mean the same day
// whenever they are read: "28.11.2026", and not "tomorrow" or "28 Nov", unless they
// are relative to when the file is taken in.
func (d Date) when(o agenda.Options, relative bool) (when agenda.When, ok bool) {
	switch {
	case d.Words != "":
		if r, ok := readWords(d.Words, o, relative); ok && r.Repeat.IsZero() {
			return r.When, true
		}
		return when, false
	case d.At.IsZero():
		return when, false
	case d.Clock:
		at := d.At.In(o.Now.Location())
		when = agenda.AtClock(agenda.DateOf(at), time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute)
	default:
		when = agenda.OnDay(agenda.DateOf(d.At))
	}
	return when, when.Valid()
}

// readWords reads words that say a date for certain, or a repeat with its first day.
func readWords(text string, o agenda.Options, relative bool) (r agenda.Reading, ok bool) {
	if len(text) > maxDate {
		return r, false
	}
	first, other := o, o
	first.Now = time.Date(2000, 1, 1, 0, 0, 0, 0, o.Now.Location())
	other.Now = first.Now.AddDate(1, 2, 10)
	r, err := agenda.ParseWhen(text, first)
	if again, err2 := agenda.ParseWhen(text, other); err == nil && err2 == nil && again == r && r.Repeat.IsZero() {
		return r, true
	}
	if _, ambiguous := errors.AsType[*agenda.Ambiguous](err); ambiguous {
		return r, false // even where all but one of them is over
	}
	r, err = agenda.ParseWhen(text, o)
	return r, err == nil && !r.NextYear && (relative || !r.Repeat.IsZero())
}

// plan is what is certain of the dates of another program's entry. taken says of which
// of them: what is not stays in words.
func (it *Item) plan(o agenda.Options, relative bool) (p goals.Plan, dueTaken, repeatTaken bool) {
	when, dueTaken := it.Due.when(o, relative)
	switch {
	case it.Repeat == "" || !it.Status.Open():
	case dueTaken:
		r, ok := readRepeat(it.Repeat, when.Day(o.Now.Location()))
		if repeatTaken = ok; ok {
			p.Repeat = r.String()
		}
	case it.Due.IsZero():
		if r, ok := readWords(it.Repeat, o, false); ok {
			when, p.Repeat, repeatTaken = r.When, r.Repeat.String(), true
		}
	}
	if !when.IsZero() {
		p = dated(p, when, o)
	}
	return p, dueTaken, repeatTaken
}
