package formats

import (
	"encoding/json"
	"time"

	"goalbot/goals"
)

// This file reads Tasks.json, as Google Takeout packs it: lists of tasks as the
// Tasks API has them, and a list alone.

type googleList struct {
	Title string
	Items some[googleTask]
}

type googleTask struct {
	ID        string
	Title     string
	Notes     string
	Status    string
	Parent    string
	Due       string
	Completed string
	Created   string
	Updated   string
	Deleted   bool
}

func readGoogle(data []byte, f *File) error {
	var kind struct{ Kind string }
	if err := json.Unmarshal(data, &kind); err != nil {
		return err
	}
	lists := struct{ Items some[googleList] }{}
	if kind.Kind == "tasks#taskLists" {
		if err := json.Unmarshal(data, &lists); err != nil {
			return err
		}
	} else {
		var one googleList
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		lists.Items = some[googleList]{one}
	}
	left := leave{}
	for _, list := range lists.Items {
		var all []child
		for _, t := range list.Items {
			if t.Deleted {
				left["deleted"]++
				continue
			}
			it := Item{
				ID: t.ID, Text: t.Title, List: list.Title, Status: doneIf(t.Status == "completed"),
				Due:      readDate(t.Due, time.UTC), // a day; the time is always midnight UTC (Tasks API)
				Created:  readTime(t.Created, time.UTC),
				Changed:  readTime(t.Updated, time.UTC),
				Finished: readTime(t.Completed, time.UTC),
			}
			it.Due.Clock = false
			if goals.Shows(t.Notes) {
				it.Notes = []string{t.Notes}
			}
			all = append(all, child{it, t.Parent})
		}
		if err := f.addTree(all, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return nil
}

// child is an entry with the id of the one that it is a part of, "" for none.
type child struct {
	Item
	parent string
}

// addTree takes entries in. Parts of another entry become its steps, and what
// belongs to them its notes.
func (f *File) addTree(all []child, left leave) error {
	byID := make(map[string]*child, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	for i := range all {
		c := &all[i]
		root := c
		for depth := 0; root.parent != "" && byID[root.parent] != nil && depth < 50; depth++ {
			root = byID[root.parent]
		}
		if root == c || root.parent != "" && byID[root.parent] != nil { // or it is a part of itself
			c.parent = ""
			continue
		}
		if !goals.Shows(c.Text) {
			left["entry without text"]++
			continue
		}
		root.Criteria = append(root.Criteria, Criterion{c.Text, c.Status == goals.Done})
		for _, note := range c.Notes {
			root.Notes = append(root.Notes, c.Text+": "+note)
		}
		if !c.Due.IsZero() {
			root.Notes = append(root.Notes, c.Text+" · Due: "+c.Due.String())
		}
	}
	for _, c := range all {
		if c.parent != "" && byID[c.parent] != nil {
			continue
		}
		if err := f.add(c.Item, left); err != nil {
			return err
		}
	}
	return nil
}
