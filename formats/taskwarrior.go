package formats

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"goalbot/goals"
)

// warriorTask is a task as `task export` writes it (taskwarrior.org, JSON Format).
type warriorTask struct {
	UUID        string
	Description string
	Status      string
	Project     string
	Priority    string
	Tags        some[string]
	Entry       string
	Modified    string
	Start       string // it is being worked on
	End         string
	Due         string
	Scheduled   string
	Recur       string
	Parent      string // the template that it was made of
	Annotations some[struct{ Description string }]
}

// readTaskwarrior reads an array of tasks, or tasks one after another, as
// older versions write them.
func readTaskwarrior(data []byte, f *File) error {
	var all some[warriorTask]
	if data[0] == '{' { // objects in lines, in some versions with commas between them
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("},\n{"), []byte("}\n{")), []byte("}\n{"), []byte("},\n{"))
		data = append(append([]byte{'['}, bytes.TrimRight(data, ",")...), ']')
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	left := leave{}
	last := map[string]string{} // when the last of a template's open tasks is due: it goes on
	for _, t := range all {
		if t.Status != "completed" && t.Status != "deleted" && t.Due > last[t.Parent] {
			last[t.Parent] = t.Due
		}
	}
	for _, t := range all {
		if t.Parent != "" && t.Due != last[t.Parent] {
			t.Recur = ""
		}
		it := Item{
			ID: t.UUID, Text: t.Description, List: t.Project, Tags: t.Tags, Repeat: t.Recur,
			Priority: map[string]string{"H": "high", "M": "medium", "L": "low"}[t.Priority],
			Due:      readDate(t.Due, time.UTC), Start: readDate(t.Scheduled, time.UTC),
			Created: readTime(t.Entry, time.UTC), Changed: readTime(t.Modified, time.UTC),
		}
		switch t.Status {
		case "deleted":
			left["deleted"]++
			continue
		case "recurring": // of which the tasks are made that stand beside it
			left["repeating template"]++
			continue
		case "completed":
			it.Status, it.Finished = goals.Done, readTime(t.End, time.UTC)
		default:
			it.Status = goals.Pending
			if t.Start != "" {
				it.Status = goals.InProgress
			}
		}
		for _, a := range t.Annotations {
			it.Notes = append(it.Notes, a.Description)
		}
		it.Due, it.Start = f.local(it.Due), f.local(it.Start)
		it.List = strings.ReplaceAll(it.List, ".", " / ") // projects within projects
		if err := f.add(it, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return nil
}

// local is a date on the clock of the file's reader. A program that knows no
// days without a time writes them as midnight.
func (f *File) local(d Date) Date {
	if d.At = d.At.In(f.zone); d.Clock {
		h, m, s := d.At.Clock()
		d.Clock = h+m+s > 0
	}
	return d
}
