package formats

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"goalbot/goals"
)

// table is a table whose columns have names, read row by row. The names are
// folded.
type table struct {
	csv    *csv.Reader
	column map[string]int
	row    []string
	err    error // that ended it
	zones  func(string) (*time.Location, error)
}

// next reads the next row.
func (t *table) next() bool {
	if t.err == nil {
		t.row, t.err = t.csv.Read()
	}
	if t.err == io.EOF {
		t.err = nil
		return false
	}
	return t.err == nil
}

// get returns the cell of a column, "" where there is none.
func (t *table) get(name string) string {
	if i, ok := t.column[name]; ok && i < len(t.row) {
		return t.row[i]
	}
	return ""
}

// zone is the time zone that the cell of a column names, or else another.
func (t *table) zone(name string, other *time.Location) *time.Location {
	if zone, err := t.zones(t.get(name)); err == nil {
		return zone
	}
	return other
}

func (t *table) has(names ...string) bool {
	for _, name := range names {
		if _, ok := t.column[name]; !ok {
			return false
		}
	}
	return true
}

// readTable reads a table of a program that is known by the names of its
// columns. found is false where the text is no such table.
func (f *File) readTable(text string, zones func(string) (*time.Location, error)) (found bool, err error) {
	for _, comma := range []string{",", ";", "\t"} {
		if strings.Count(text, comma) > maxCells {
			return true, ErrTooMany
		}
		t := &table{csv: csv.NewReader(strings.NewReader(text)), zones: zones}
		t.csv.Comma, t.csv.LazyQuotes, t.csv.FieldsPerRecord = rune(comma[0]), true, -1
		const most = 12 // lines that may stand above the names, as TickTick has them
		for range most {
			names, err := t.csv.Read()
			if err != nil {
				break
			}
			t.column = make(map[string]int, len(names))
			for i, name := range names {
				t.column[goals.Fold(name)] = i
			}
			read := f.tableOf(t)
			if read == nil {
				continue
			}
			if err := read(t, f); err == ErrTooMany {
				return true, err
			} else if err != nil {
				return true, &Damaged{f.Program, err}
			}
			return true, nil
		}
	}
	return false, nil
}

// tableOf returns what reads a table with those columns, nil for none.
func (f *File) tableOf(t *table) func(*table, *File) error {
	switch {
	case t.has("type", "content", "priority", "indent"):
		f.Program = "Todoist"
		return readTodoist
	case t.has("list name", "title", "status"):
		f.Program = "TickTick"
		return readTickTick
	case t.has("number", "id", "goal", "status"):
		f.Program = "goals.csv"
		return readOurTable
	case t.has("subject") && (t.has("due date") || t.has("% complete") || t.has("status")):
		f.Program = "Microsoft To Do"
		return readOutlook
	}
	for _, name := range []string{"title", "task", "task name", "goal", "todo", "to-do", "to do", "subject", "name"} {
		if i, ok := t.column[name]; ok && len(t.column) > 1 {
			f.Program = "a table"
			t.column["title"] = i
			return readAnyTable
		}
	}
	return nil
}

// readAnyTable reads a table with a column for the title and others that bear
// their usual names, as tools around To Do and people with spreadsheets have it.
func readAnyTable(t *table, f *File) error {
	left := leave{}
	first := func(names ...string) string {
		for _, name := range names {
			if cell := t.get(name); strings.TrimSpace(cell) != "" {
				return cell
			}
		}
		return ""
	}
	for t.next() {
		it := Item{
			Text: t.get("title"), Status: microsoftStatus(first("status", "completed", "done", "is completed", "state")),
			List: first("list", "list name", "project", "folder"), Tags: splitTags(first("tags", "labels", "categories"), ",;"),
			Due: readDate(first("due date", "due", "duedate", "date", "deadline"), f.zone), Start: readDate(first("start date", "start"), f.zone),
			Priority: goals.OneLine(first("priority", "importance")),
			Created:  readTime(first("created", "created at", "created time", "creation date"), f.zone),
			Finished: readTime(first("completed date", "completed at", "completion date", "date completed"), f.zone),
		}
		if note := first("notes", "note", "description", "body", "content", "details"); goals.Shows(note) {
			it.Notes = append(it.Notes, note)
		}
		if !it.Finished.IsZero() {
			it.Status = goals.Done
		}
		if err := f.add(it, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return t.err
}
