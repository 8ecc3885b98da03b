package formats

import (
	"strings"
	"time"

	"goalbot/goals"
)

// readTickTick reads TickTick's backup. Some lines stand above the names of its
// columns; they say that a status is 0 for normal, 1 for completed and 2 for
// archived, which is completed too. -1 is "won't do".
func readTickTick(t *table, f *File) error {
	left := leave{}
	var all []child
	for t.next() {
		if goals.Fold(t.get("kind")) == "note" {
			left["note"]++
			continue
		}
		zone := t.zone("timezone", f.zone)
		it := Item{
			ID: t.get("taskid"), Text: goals.OneLine(t.get("title")), List: t.get("list name"), Tags: splitTags(t.get("tags"), ","),
			Repeat: strings.TrimPrefix(strings.TrimSpace(t.get("repeat")), "RRULE:"),
			Due:    readDate(t.get("due date"), zone), Start: readDate(t.get("start date"), zone),
			Created: readTime(t.get("created time"), zone), Finished: readTime(t.get("completed time"), zone),
			Priority: map[string]string{"1": "low", "3": "medium", "5": "high"}[strings.TrimSpace(t.get("priority"))],
			Status:   goals.Pending,
		}
		if folder := t.get("folder name"); folder != "" {
			it.List = folder + " / " + it.List
		}
		switch strings.TrimSpace(t.get("status")) {
		case "1", "2":
			it.Status = goals.Done
		case "-1":
			it.Status = goals.Abandoned
		default:
			it.Finished = time.Time{}
		}
		allDay := goals.Fold(t.get("is all day")) == "true"
		for _, d := range []*Date{&it.Due, &it.Start} {
			d.At = d.At.In(zone)
			d.Clock = d.Clock && !allDay
		}
		it.readContent(t.get("content"), goals.Fold(t.get("is check list")))
		if it.ID == "" { // without one it would be a part of others without one
			if err := f.add(it, left); err != nil {
				return err
			}
			continue
		}
		if len(all) == maxItems {
			return ErrTooMany
		}
		all = append(all, child{it, t.get("parentid")})
	}
	if err := f.addTree(all, left); err != nil {
		return err
	}
	f.LeftOut = left.words()
	return t.err
}

// readContent reads what stands in a task: a text, or the steps of a checklist,
// ▫ before those that are open and ▪ before those that are done.
func (it *Item) readContent(content, checklist string) {
	if checklist != "y" && checklist != "true" {
		if goals.Shows(content) {
			it.Notes = append(it.Notes, strings.TrimSpace(content))
		}
		return
	}
	for line := range strings.Lines(content) {
		l := ReadLine(line)
		switch {
		case l.Text == "":
		case l.Marked:
			it.Criteria = append(it.Criteria, Criterion{l.Text, strings.Contains(line, "▪") && strings.HasPrefix(strings.TrimSpace(line), "▪")})
		default:
			it.Notes = append(it.Notes, l.Text)
		}
	}
}
