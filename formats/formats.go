// Package formats reads lists of goals from the files of other programs, and
// reads and writes the forms that a list is handed out in. It does no I/O and
// reads no clock. What a file says is not trusted: its size, the number of its
// entries and the length of their texts are bounded, and every text is cleaned.
package formats

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"goalbot/goals"
)

// Limits on what is read from one file.
const (
	maxItems   = goals.MaxGoals
	maxObjects = 500_000   // JSON objects
	maxCells   = 4_000_000 // of a table
	maxLines   = 1_000_000 // of a text
)

// Errors of [Read] to branch on.
var (
	// ErrUnknown reports a file of a kind that is not read here; [Known] lists
	// those that are.
	ErrUnknown = errors.New("this is no list that can be read")
	// ErrEmpty reports a file with nothing in it.
	ErrEmpty = errors.New("the file is empty")
	// ErrTooMany reports a file with more entries than a list may have.
	ErrTooMany = fmt.Errorf("it has more entries than the %d that a list may have", maxItems)
)

// Damaged is the error for a file of a known program that cannot be read.
type Damaged struct {
	Program string
	Err     error
}

func (d *Damaged) Error() string {
	return fmt.Sprintf("an export of %s that is damaged: %v", d.Program, d.Err)
}
func (d *Damaged) Unwrap() error { return d.Err }

// Known says for people what [Read] reads, in lines.
const Known = `• goals.json, and what /export sends: JSON, CSV or Markdown
• a list as plain text or Markdown, and todo.txt
• what Todoist (CSV), TickTick (CSV), Microsoft To Do (JSON, CSV), Google Tasks (Tasks.json), Taskwarrior (JSON) and Vikunja (data.json) export`

// File is what a file holds.
type File struct {
	// Program is where the file is from, in words: "Todoist", "goals.json".
	Program string
	// Items are its entries, in their order. Those of a goals.json are in
	// Whole instead.
	Items []Item
	// Whole are goals in the form of goals.json, with all that belongs to them.
	Whole []*goals.Goal
	// Ours says that the items are goals of ours, as [WriteMarkdown] or
	// [WriteCSV] wrote them.
	Ours bool
	// LeftOut says what the file has and is not taken from it, as in "2
	// deleted tasks".
	LeftOut []string

	zone  *time.Location // of the times of items that are ours
	plans bool           // a page that carries ticks and dates
}

// Item is an entry of a list, as another program has it.
type Item struct {
	ID       string // the program's own, "" where it has none
	Text     string
	Status   goals.Status
	Criteria []Criterion // steps, checklists and subtasks
	Notes    []string

	List     string // the list, project or heading that it stands under
	Tags     []string
	Priority string // in words, "" for none
	Start    Date
	Due      Date
	Repeat   string // in words, or as the program writes it

	Created, Changed, Finished time.Time // zero where that is not said

	// Of items that are ours: as the file writes them.
	number           int64
	created, changed string
	planned          planFields
}

// Criterion is a step of an entry.
type Criterion struct {
	Text string
	Done bool
}

// Date is a day, perhaps with a time, or words that say when.
type Date struct {
	At    time.Time
	Clock bool   // At has a time of the day
	Words string // where At is zero: "every monday", "28/11/26"
}

// IsZero reports whether no date is given.
func (d Date) IsZero() bool { return d.At.IsZero() && d.Words == "" }

func (d Date) String() string {
	switch {
	case d.At.IsZero():
		return d.Words
	case d.Clock:
		return d.At.Format("2006-01-02 15:04")
	}
	return d.At.Format(time.DateOnly)
}

// about is what an entry says that a goal has no place for, as one note. Its date and
// its repeat are in it unless they were taken.
func (it *Item) about(dueTaken, repeatTaken bool) string {
	var said []string
	add := func(name, value string) {
		if value = goals.OneLine(value); goals.Shows(value) {
			said = append(said, name+": "+value)
		}
	}
	add("List", it.List)
	if !dueTaken {
		add("Due", it.Due.String())
	}
	add("Start", it.Start.String())
	if !repeatTaken {
		add("Repeats", it.Repeat)
	}
	add("Priority", it.Priority)
	add("Tags", strings.Join(it.Tags, ", "))
	if !it.Finished.IsZero() {
		add("Done", it.Finished.Format(time.DateOnly))
	}
	return strings.Join(said, " · ")
}

// layouts are the ways in which programs write times, the longer ones first.
var layouts = []struct {
	layout string
	clock  bool
}{
	{time.RFC3339Nano, true},
	{"2006-01-02T15:04:05.999999999Z0700", true},
	{"20060102T150405Z0700", true},
	{"2006-01-02T15:04:05.999999999", true},
	{"2006-01-02T15:04", true},
	{"2006-01-02 15:04:05", true},
	{"2006-01-02 15:04", true},
	{"2006-01-02T15:04:05-07:00", true},
	{time.DateOnly, false},
	{"Jan 2 2006", false},
	{"Jan 2, 2006", false},
	{"2 Jan 2006", false},
	{"January 2, 2006", false},
	{"2 January 2006", false},
}

// parseTime reads a time; one without a zone is in that zone. Times that
// cannot be meant, as the year 1 of a program that knows none, are none.
func parseTime(text string, zone *time.Location) (at time.Time, clock, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return at, false, false
	}
	for _, l := range layouts {
		if at, err := time.ParseInLocation(l.layout, text, zone); err == nil {
			ok := at.Year() >= 1970 && at.Year() <= 9000
			return at, l.clock, ok
		}
	}
	return at, false, false
}

func readDate(text string, zone *time.Location) Date {
	at, clock, ok := parseTime(text, zone)
	if ok {
		return Date{At: at, Clock: clock}
	}
	if _, err := time.Parse(time.RFC3339, strings.TrimSpace(text)); err == nil {
		return Date{} // one that cannot be meant
	}
	return Date{Words: goals.OneLine(text)}
}

func readTime(text string, zone *time.Location) time.Time {
	if at, _, ok := parseTime(text, zone); ok {
		return at
	}
	return time.Time{}
}

// leave counts what is not taken from the file, by its kind.
type leave map[string]int

// kinds of what is left out: one of them, and several.
var kinds = [][2]string{
	{"deleted", "deleted"}, {"repeating template", "repeating templates"}, {"note", "notes"}, {"linked task", "linked tasks"}, {"attachment", "attachments"},
	{"entry without text", "entries without text"}, {"line of text", "lines of text"},
	{unreadDate, "dates that cannot be read"}, {unreadRepeat, "repeats that cannot be read"},
	{pastReminder, "reminders that are over"}, {strayTick, "ticks of criteria that are not there"},
	{unreadCount, "counts that cannot be read"}, {unreadOrder, "places in the order that cannot be read"}, {unreadAssignee, "assignees that cannot be read"}, {manyPins, "pins beyond the first three"},
	{unreadEntry, "entries of counts that cannot be read"},
}

func (l leave) words() (said []string) {
	for _, kind := range kinds {
		switch n := l[kind[0]]; {
		case n == 1:
			said = append(said, "1 "+kind[0])
		case n > 1:
			said = append(said, fmt.Sprintf("%d %s", n, kind[1]))
		}
	}
	return said
}
