package formats

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"goalbot/goals"
)

// This file reads Vikunja: data.json of its export (projects with their tasks)
// and tasks as its API lists them.

type vikunjaProject struct {
	Title string
	Tasks some[vikunjaTask]
}

type vikunjaTask struct {
	ID          int64
	Title       string
	Description string // HTML
	Done        bool
	DoneAt      string  `json:"done_at"`
	DueDate     string  `json:"due_date"`
	StartDate   string  `json:"start_date"`
	RepeatAfter int64   `json:"repeat_after"` // seconds
	RepeatMode  int     `json:"repeat_mode"`  // 0 from the date, 1 every month, 2 from when it is done
	PercentDone float64 `json:"percent_done"` // 0 to 1
	Priority    int
	Labels      some[struct{ Title string }]
	Comments    some[struct{ Comment string }]
	Created     string
	Updated     string
	Related     map[string]some[struct {
		ID    int64
		Title string
		Done  bool
	}] `json:"related_tasks"`
}

func readVikunja(data []byte, f *File) error {
	if data[0] == '{' {
		data = append(append([]byte{'['}, data...), ']')
	}
	var projects some[vikunjaProject]
	if _, names := sniff(data); names["tasks"] || names["hex_color"] && !names["done"] {
		if err := json.Unmarshal(data, &projects); err != nil {
			return err
		}
	} else {
		var one vikunjaProject
		if err := json.Unmarshal(data, &one.Tasks); err != nil {
			return err
		}
		projects = some[vikunjaProject]{one}
	}
	left := leave{}
	for _, p := range projects {
		here := make(map[int64]bool, len(p.Tasks))
		for _, t := range p.Tasks {
			here[t.ID] = true
		}
		var all []child
		for _, t := range p.Tasks {
			it := t.item(p.Title, f)
			parent := ""
			for _, r := range t.Related["parenttask"] {
				if here[r.ID] {
					parent = strconv.FormatInt(r.ID, 10)
				}
			}
			for _, r := range t.Related["subtask"] {
				if !here[r.ID] { // others come by themselves
					it.Criteria = append(it.Criteria, Criterion{r.Title, r.Done})
				}
			}
			all = append(all, child{it, parent})
		}
		if err := f.addTree(all, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return nil
}

func (t vikunjaTask) item(project string, f *File) Item {
	it := Item{
		ID: strconv.FormatInt(t.ID, 10), Text: t.Title, List: project, Status: doneIf(t.Done),
		Due: f.local(readDate(t.DueDate, f.zone)), Start: f.local(readDate(t.StartDate, f.zone)),
		Created: readTime(t.Created, time.UTC), Changed: readTime(t.Updated, time.UTC),
	}
	if t.Done {
		it.Finished = readTime(t.DoneAt, time.UTC)
	} else if t.PercentDone > 0 {
		it.Status = goals.InProgress
	}
	if priorities := []string{"", "low", "medium", "high", "urgent", "do now"}; t.Priority > 0 && t.Priority < len(priorities) {
		it.Priority = priorities[t.Priority]
	}
	switch {
	case t.RepeatMode == 1:
		it.Repeat = "monthly"
	case t.RepeatAfter > 0:
		it.Repeat = "every " + (time.Duration(min(t.RepeatAfter, 1<<31)) * time.Second).String()
		if day := int64(24 * 60 * 60); t.RepeatAfter%day == 0 {
			it.Repeat = fmt.Sprintf("every %d days", t.RepeatAfter/day)
		}
		if t.RepeatMode == 2 {
			it.Repeat += " after it is done"
		}
	}
	for _, l := range t.Labels {
		it.Tags = append(it.Tags, l.Title)
	}
	if body := plainText(t.Description); goals.Shows(body) {
		it.Notes = append(it.Notes, body)
	}
	for _, c := range t.Comments {
		if body := plainText(c.Comment); goals.Shows(body) {
			it.Notes = append(it.Notes, body)
		}
	}
	return it
}
