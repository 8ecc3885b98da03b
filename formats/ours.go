package formats

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
)

// This file hands a list out for people, and takes it in again. What neither this
// page nor the table carries is linked sessions and attachments, of which only the
// names are said, members that other programs have
// added, and the fractions of seconds.

// sections are the headings of a page, in its order.
var sections = []struct {
	status goals.Status
	name   string
	also   []string // what a person may call it
}{
	{goals.InProgress, "In progress", []string{"in progress", "started", "doing"}},
	{goals.Blocked, "Blocked", []string{"blocked", "waiting"}},
	{goals.Pending, "To do", []string{"pending", "to do", "todo", "open"}},
	{goals.Done, "Done", []string{"done", "completed", "finished"}},
	{goals.Abandoned, "Abandoned", []string{"abandoned", "given up", "cancelled"}},
}

// statusNamed reads a status as goals.json spells it, or as people write it.
func statusNamed(word string) (goals.Status, bool) {
	word = goals.Fold(word)
	for _, s := range sections {
		if word == goals.Fold(string(s.status)) || slices.Contains(s.also, word) {
			return s.status, true
		}
	}
	return goals.Pending, false
}

const (
	carriesPlans  = "with its ticks, dates, counts, order and assignees"
	carriedBefore = "with its ticks, dates and counts" // what pages of older versions say, if any
	carries       = "This page can be imported again " + carriesPlans + ", all but the linked tasks and the attachments."
)

// WriteMarkdown writes a page with a heading for each status and a checklist
// below it. What people wrote stands there as they wrote it. A zone without a
// name is shown as UTC. An error is that of w.
func WriteMarkdown(w io.Writer, all []*goals.Goal, zone *time.Location) error {
	zone = named(zone)
	b := fmt.Appendf(nil, "# Goals\n\nTimes are those of %s. %s\n", markdown(zone.String(), ""), markdown(carries, ""))
	for _, s := range sections {
		first := true
		for _, g := range all {
			if g.Status != s.status {
				continue
			}
			if first {
				b = fmt.Appendf(b, "\n## %s\n\n", s.name)
				first = false
			}
			b = appendMarkdownGoal(b, g, zone)
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if len(all) == 0 {
		b = append(b, "\nNone yet.\n"...)
	}
	_, err := w.Write(b)
	return err
}

// named is a zone that can be found by its name.
func named(zone *time.Location) *time.Location {
	if name := zone.String(); name == "Local" || name == "" {
		return time.UTC
	}
	return zone
}

func appendMarkdownGoal(b []byte, g *goals.Goal, zone *time.Location) []byte {
	box := " "
	if g.Status == goals.Done {
		box = "x"
	}
	b = fmt.Appendf(b, "- [%s] **\\#%d** %s\n", box, g.Number, markdown(g.Description, "  "))
	item := func(head, text string) { b = fmt.Appendf(b, "  - %s%s\n", head, markdown(text, "    ")) }
	if due := g.Plan().Due; due != "" {
		if g.Plan().Repeat != "" {
			due += ", " + g.Plan().Repeat
		}
		item("Due: ", due)
	}
	if g.Plan().Remind != "" {
		item("Remind: ", g.Plan().Remind)
	}
	if g.Plan().Parked != "" {
		item("Parked: ", g.Plan().Parked)
	}
	if g.Plan().Text != "" {
		item("Typed: ", g.Plan().Text)
	}
	if count := countOf(g); count != "" {
		item("Counted: ", count)
	}
	for _, entry := range entriesOf(g) {
		item("Logged: ", entry)
	}
	for _, line := range []struct{ head, text string }{{"Pinned: ", pinnedOf(g)}, {"Order: ", orderOf(g)}, {"Assignee: ", assigneeOf(g)}} {
		if line.text != "" {
			item(line.head, line.text)
		}
	}
	for _, a := range g.Acceptance {
		box := "[ ] "
		if g.IsTicked(a) {
			box = "[x] "
		}
		item(box, a)
	}
	for _, s := range g.Sessions {
		text := s.Task + " – " + string(s.State)
		if s.Evidence != nil && *s.Evidence != "" {
			text += " (" + *s.Evidence + ")"
		}
		item("Task: ", text)
	}
	for _, n := range g.Notes {
		item("Note: ", n)
	}
	for _, name := range attachedOf(g) {
		item("Attached: ", name)
	}
	return fmt.Appendf(b, "  - added %s, changed %s, id %s\n", g.Created.In(zone).Format(time.DateTime), g.Updated.In(zone).Format(time.DateTime), markdown(g.ID, "    "))
}

// attachedOf names what is attached to a goal. The ids of files are left out: nobody
// but the bot that was given them can use them.
func attachedOf(g *goals.Goal) (names []string) {
	for _, f := range g.Plan().Files {
		names = append(names, cmp.Or(f.Name, strings.ReplaceAll(string(f.Kind), "_", " ")))
	}
	return names
}

// markdown makes any text stand in a list item as it is: what would be
// formatting, a link or HTML is escaped, and further lines are indented.
func markdown(text, indent string) string {
	var b strings.Builder
	for i, l := range strings.Split(goals.Visible(text), "\n") {
		switch {
		case l == "" && i > 0:
			b.WriteString("&#10;") // an empty line would end the item
			continue
		case i > 0:
			b.WriteString("  \n" + indent) // two blanks break the line
		}
		for j, r := range l {
			// Any of the ASCII marks may be escaped (CommonMark, Backslash escapes).
			mark := strings.ContainsRune("\\`*_[]<>&|~#!$", r)
			if j == 0 {
				mark = mark || strings.ContainsRune("-+=", r)
			}
			switch {
			case r == ' ' && (j == 0 || j == len(l)-1): // which Markdown drops
				b.WriteString("&#32;")
				continue
			case mark || (r == '.' || r == ')') && allDigits(l[:j]): // "1." would begin a list
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

var escaped = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])|&#(?:10|32);")

// unescaped is what [markdown] was given.
func unescaped(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		switch m {
		case "&#10;":
			return "\n"
		case "&#32;":
			return " "
		}
		return m[1:]
	})
}

var (
	ourGoal = regexp.MustCompile(`(?m)^[-*+] \[([ xX])\] \*\*\\?#(\d+)\*\* ?(.*)$`)
	// ourTimes has no id and days without a time in pages of older versions.
	ourTimes = regexp.MustCompile(`^added (\S+(?: \S+)?), changed (\S+(?: \S+)??)(?:, id (.*))?$`)
	ourZone  = regexp.MustCompile(`(?m)^Times are those of (\S+)\. `)
)

func isOurMarkdown(text string) bool {
	return ourGoal.MatchString(text) || strings.HasPrefix(strings.TrimSpace(text), "# Goals\n") && ourZone.MatchString(text)
}

// readOurMarkdown reads a page that [WriteMarkdown] wrote. A box that somebody
// ticked or cleared since counts for more than the heading.
func (f *File) readOurMarkdown(text string, zones func(string) (*time.Location, error)) error {
	f.Program, f.Ours = "goals.md", true
	if named := ourZone.FindStringSubmatch(text); named != nil {
		if zone, err := zones(unescaped(named[1])); err == nil {
			f.zone = zone
		}
	}
	places := strings.Contains(text, carriesPlans)
	f.plans = !ourZone.MatchString(text) || places || strings.Contains(text, carriedBefore)
	status := goals.Pending
	left := leave{}
	var it *Item
	var last *string // the text that a further line belongs to
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		inner := strings.TrimLeft(line, " ")
		indent := len(line) - len(inner)
		found := ourGoal.FindStringSubmatch(line)
		switch {
		case inner == "":
			last = nil
		case strings.HasPrefix(line, "## "):
			status, _ = statusNamed(line[len("## "):])
			it, last = nil, nil
		case found != nil || indent == 0 && ReadLine(line).Box:
			if len(f.Items) == maxItems {
				return ErrTooMany
			}
			box := ReadLine(line)
			f.Items = append(f.Items, Item{Text: unescaped(box.Text), Status: boxed(status, box.Ticked)})
			it = &f.Items[len(f.Items)-1]
			if f.plans {
				it.planned = planFields{due: new(string), remind: new(string), parked: new(string), counted: new(string), logged: new([]string)}
			}
			if places {
				it.planned.pinned, it.planned.order, it.planned.assignee = new(string), new(string), new(string)
			}
			if last = &it.Text; found != nil {
				it.Text = unescaped(found[3])
				it.number, _ = strconv.ParseInt(found[2], 10, 64)
			}
		case it == nil:
		case indent > 0 && (strings.HasPrefix(inner, "- ") || strings.HasPrefix(inner, "* ")):
			last = f.ourLine(it, inner[len("- "):], left)
		case indent > 0 && last != nil:
			*last += "\n" + unescaped(inner)
		}
	}
	f.byNumber()
	f.LeftOut = left.words()
	return nil
}

// boxed is the status of a goal below a heading, whose box is ticked or not.
func boxed(heading goals.Status, ticked bool) goals.Status {
	switch {
	case ticked:
		return goals.Done
	case heading == goals.Done:
		return goals.Pending
	}
	return heading
}

// ourLine reads what stands below a goal and returns the text that further
// lines belong to, nil for none.
func (f *File) ourLine(it *Item, text string, left leave) *string {
	after := func(text, name string) string { return unescaped(strings.TrimPrefix(text[len(name):], " ")) }
	times := ourTimes.FindStringSubmatch(text)
	note, isNote := strings.CutPrefix(text, "Note: ")
	switch l := ReadLine(text); {
	case times != nil:
		it.created, it.changed, it.ID = times[1], times[2], unescaped(times[3])
		it.Created, it.Changed = readTime(it.created, f.zone), readTime(it.changed, f.zone)
		return &it.ID
	case isNote || text == "Note:":
		it.Notes = append(it.Notes, unescaped(note))
		return &it.Notes[len(it.Notes)-1]
	case f.plans && strings.HasPrefix(text, "Due:"):
		due, repeat, _ := strings.Cut(after(text, "Due:"), ", ")
		it.planned.due, it.planned.repeat = &due, &repeat
		return new(string)
	case f.plans && strings.HasPrefix(text, "Remind:"):
		it.planned.remind = new(after(text, "Remind:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Parked:"):
		it.planned.parked = new(after(text, "Parked:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Typed:"):
		it.planned.typed = new(after(text, "Typed:"))
		return it.planned.typed
	case f.plans && strings.HasPrefix(text, "Counted:"):
		it.planned.counted = new(after(text, "Counted:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Logged:"):
		*it.planned.logged = append(*it.planned.logged, after(text, "Logged:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Pinned:"):
		it.planned.pinned = new(after(text, "Pinned:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Order:"):
		it.planned.order = new(after(text, "Order:"))
		return new(string)
	case f.plans && strings.HasPrefix(text, "Assignee:"):
		it.planned.assignee = new(after(text, "Assignee:"))
		return new(string)
	case strings.HasPrefix(text, "Task: "):
		left["linked task"]++
		return new(string)
	case f.plans && strings.HasPrefix(text, "Attached: "):
		left["attachment"]++
		return new(string)
	case l.Box:
		_, after, _ := strings.Cut(text, "] ")
		it.Criteria = append(it.Criteria, Criterion{unescaped(after), l.Ticked})
	default:
		it.Criteria = append(it.Criteria, Criterion{Text: unescaped(text)})
	}
	return &it.Criteria[len(it.Criteria)-1].Text
}

// byNumber puts items into the order of their numbers; those without one come last.
func (f *File) byNumber() {
	slices.SortStableFunc(f.Items, func(a, b Item) int {
		switch {
		case a.number == b.number:
			return 0
		case b.number == 0 || a.number != 0 && a.number < b.number:
			return -1
		}
		return 1
	})
}
