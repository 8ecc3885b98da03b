package formats

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// This file reads Microsoft To Do. It exports nothing itself: people have JSON
// as Microsoft Graph gives it (todoTaskList and todoTask), by itself or as the
// tools around it write it, and CSV as Outlook writes the same tasks.

type graphList struct {
	DisplayName string
	Title       string
	Tasks       some[graphTask]
}

type graphTask struct {
	ID                   string
	Title                string
	Status               string
	Importance           string
	Body                 graphBody
	DueDateTime          graphTime
	StartDateTime        graphTime
	CompletedDateTime    graphTime
	CreatedDateTime      string
	LastModifiedDateTime string
	Categories           some[string]
	ChecklistItems       some[struct {
		DisplayName string
		IsChecked   bool
	}]
	LinkedResources some[struct{ WebURL, DisplayName string }]
	Recurrence      graphRecurrence
}

// graphRecurrence is a patternedRecurrence of Graph.
type graphRecurrence struct {
	Pattern struct {
		Type       string
		Interval   int
		Month      int
		DayOfMonth int
		DaysOfWeek some[string]
		Index      string
	}
	Range struct{ Type, EndDate string }
}

// words are what is said of a recurrence in notes; what [agenda.ParseRepeat] reads
// where it goes on for ever.
func (r graphRecurrence) words() string {
	p := r.Pattern
	repeat := agenda.Repeat{Every: p.Interval}
	for _, name := range p.DaysOfWeek {
		for d := range time.Weekday(7) {
			if strings.EqualFold(name, d.String()) {
				repeat.Weekday, repeat.Weekdays = d, repeat.Weekdays|agenda.WeekdaysOf(d)
			}
		}
	}
	switch p.Type {
	case "daily":
		repeat = agenda.Repeat{Every: p.Interval, Unit: agenda.Days}
	case "weekly":
		repeat.Unit, repeat.Weekday = agenda.Weeks, 0
	case "absoluteMonthly":
		repeat = agenda.Repeat{Every: p.Interval, Unit: agenda.Months, Day: p.DayOfMonth}
	case "relativeMonthly":
		nth := map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "last": agenda.Last}
		repeat = agenda.Repeat{Every: p.Interval, Unit: agenda.Months, Nth: nth[p.Index], Weekday: repeat.Weekday}
		if len(p.DaysOfWeek) != 1 {
			return p.Type
		}
	case "absoluteYearly":
		repeat = agenda.Repeat{Every: p.Interval, Unit: agenda.Years, Month: time.Month(p.Month), Day: p.DayOfMonth}
	}
	if !repeat.Valid() {
		return p.Type
	}
	switch r.Range.Type {
	case "endDate":
		return repeat.String() + " until " + r.Range.EndDate
	case "numbered":
		return repeat.String() + ", a number of times"
	}
	return repeat.String()
}

type graphBody struct{ Content, ContentType string }

// UnmarshalJSON reads the object of Graph, or a text, as some tools write it.
func (b *graphBody) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &b.Content)
	}
	type plain graphBody
	return json.Unmarshal(data, (*plain)(b))
}

type graphTime struct{ DateTime, TimeZone string }

// UnmarshalJSON reads the object of Graph, or a text, as some tools write it.
func (t *graphTime) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.DateTime)
	}
	type plain graphTime
	return json.Unmarshal(data, (*plain)(t))
}

// date is a day: To Do knows no time of the day for these.
func (t graphTime) date(f *File) Date {
	d := readDate(t.DateTime, time.UTC)
	if h, m, _ := d.At.Clock(); d.Clock && h+m > 0 && (t.TimeZone == "" || t.TimeZone == "UTC") { // midnight of another zone
		d.At = d.At.In(f.zone)
	}
	d.Clock = false
	return d
}

func readMicrosoft(data []byte, f *File) error {
	var lists some[graphList]
	var tasks some[graphTask]
	var top struct {
		Lists some[graphList]
		Value json.RawMessage
		graphList
	}
	inner := data
	if data[0] == '{' {
		if err := json.Unmarshal(data, &top); err != nil {
			return err
		}
		lists = top.Lists
		if len(top.Tasks) > 0 {
			lists = append(lists, top.graphList)
		}
		inner = top.Value
	}
	if len(inner) > 0 {
		if _, names := sniff(inner); names["tasks"] {
			if err := json.Unmarshal(inner, &lists); err != nil {
				return err
			}
		} else if err := json.Unmarshal(inner, &tasks); err != nil {
			return err
		}
	}
	if len(tasks) > 0 {
		lists = append(lists, graphList{Tasks: tasks})
	}
	left := leave{}
	for _, list := range lists {
		name := list.DisplayName
		if name == "" {
			name = list.Title
		}
		for _, t := range list.Tasks {
			if err := f.add(t.item(name, f), left); err != nil {
				return err
			}
		}
	}
	f.LeftOut = left.words()
	return nil
}

func (t graphTask) item(list string, f *File) Item {
	it := Item{
		ID: t.ID, Text: t.Title, List: list, Tags: t.Categories, Status: microsoftStatus(t.Status),
		Due: t.DueDateTime.date(f), Start: t.StartDateTime.date(f), Finished: t.CompletedDateTime.date(f).At,
		Created: readTime(t.CreatedDateTime, time.UTC), Changed: readTime(t.LastModifiedDateTime, time.UTC),
		Repeat: t.Recurrence.words(),
	}
	if t.Importance == "high" {
		it.Priority = "high"
	}
	body := t.Body.Content
	if strings.EqualFold(t.Body.ContentType, "html") {
		body = plainText(body)
	}
	if goals.Shows(body) {
		it.Notes = append(it.Notes, strings.TrimSpace(body))
	}
	for _, c := range t.ChecklistItems {
		it.Criteria = append(it.Criteria, Criterion{c.DisplayName, c.IsChecked})
	}
	for _, l := range t.LinkedResources {
		if link := strings.TrimSpace(l.DisplayName + " " + l.WebURL); link != "" {
			it.Notes = append(it.Notes, link)
		}
	}
	return it
}

// microsoftStatus reads the statuses of Graph and, in words, those of Outlook.
func microsoftStatus(status string) goals.Status {
	switch strings.ReplaceAll(goals.Fold(status), " ", "") {
	case "completed", "complete", "done", "true", "yes":
		return goals.Done
	case "inprogress":
		return goals.InProgress
	case "waitingonothers", "waitingonsomeoneelse":
		return goals.Blocked
	}
	return goals.Pending
}

// readOutlook reads the table that Outlook exports.
func readOutlook(t *table, f *File) error {
	left := leave{}
	for t.next() {
		it := Item{
			Text: t.get("subject"), Status: microsoftStatus(t.get("status")),
			Due: readDate(t.get("due date"), f.zone), Start: readDate(t.get("start date"), f.zone),
			Finished: readTime(t.get("date completed"), f.zone),
			Tags:     splitTags(t.get("categories"), ";,"),
		}
		percent := strings.TrimSuffix(strings.TrimSpace(t.get("% complete")), "%")
		if percent == "100" || percent == "1" || !it.Finished.IsZero() {
			it.Status = goals.Done
		}
		if p := t.get("priority"); goals.Fold(p) == "high" || goals.Fold(p) == "low" {
			it.Priority = goals.Fold(p)
		}
		if note := t.get("notes"); goals.Shows(note) {
			it.Notes = append(it.Notes, note)
		}
		if err := f.add(it, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return t.err
}

func splitTags(text, separators string) (tags []string) {
	for _, tag := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

var (
	lineEnd = regexp.MustCompile(`(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>\n?`)
	comment = regexp.MustCompile(`(?s)<!--.*?-->|(?i)<(?:style|script|head)\b.*?</(?:style|script|head)>`)
	tag     = regexp.MustCompile(`<[A-Za-z/!][^>]*>`)
	blanks  = regexp.MustCompile(`\n{3,}`)
)

// plainText is what HTML shows, as text. Nothing of it is used as HTML again.
func plainText(s string) string {
	s = tag.ReplaceAllString(lineEnd.ReplaceAllString(comment.ReplaceAllString(s, ""), "\n"), "")
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(s), "\n\n"))
}
