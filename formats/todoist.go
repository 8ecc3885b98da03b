package formats

import (
	"regexp"
	"strconv"
	"strings"

	"goalbot/goals"
)

// trailingTag is a label at the end of a task, as Todoist and todo.txt write it.
var trailingTag = regexp.MustCompile(`(?:^|\s)([@+])(\S+)$`)

// readTodoist reads the table of one project (Todoist help, "Import or export a
// project as a CSV file"). It has open tasks only, subtasks below their tasks
// by their indent, and comments below the task that they belong to.
func readTodoist(t *table, f *File) error {
	left := leave{}
	section := ""
	var at *Item // the task that comments belong to, nil for none
	top := -1    // the index of the task that subtasks belong to
	for t.next() {
		content := t.get("content")
		switch goals.Fold(t.get("type")) {
		case "section":
			section, top, at = content, -1, nil
		case "note":
			if at != nil && goals.Shows(content) {
				at.Notes = append(at.Notes, content)
			}
		case "task":
			it := Item{
				List: section, Status: goals.Pending,
				Due:      readDate(t.get("date"), f.zone),
				Priority: map[string]string{"1": "high", "2": "medium", "3": "low"}[strings.TrimSpace(t.get("priority"))],
			}
			if it.Due.Words != "" && strings.HasPrefix(goals.Fold(it.Due.Words), "every") {
				it.Due, it.Repeat = Date{}, it.Due.Words
			}
			if deadline := readDate(t.get("deadline"), f.zone); !deadline.IsZero() {
				it.Notes = append(it.Notes, "Deadline: "+deadline.String())
			}
			it.Text, it.Tags = cutTags(strings.TrimPrefix(content, "* "), "@") // the star is for tasks without a box
			if d := t.get("description"); goals.Shows(d) {
				it.Notes = append([]string{d}, it.Notes...)
			}
			if indent, _ := strconv.Atoi(strings.TrimSpace(t.get("indent"))); indent > 1 && top >= 0 && goals.Shows(it.Text) {
				parent := &f.Items[top]
				parent.Criteria = append(parent.Criteria, Criterion{Text: it.Text})
				for _, note := range it.Notes {
					parent.Notes = append(parent.Notes, it.Text+": "+note)
				}
				if !it.Due.IsZero() {
					parent.Notes = append(parent.Notes, it.Text+" · Due: "+it.Due.String())
				}
				at = parent
				continue
			}
			n := len(f.Items)
			if err := f.add(it, left); err != nil {
				return err
			}
			top, at = -1, nil
			if len(f.Items) > n {
				top, at = n, &f.Items[n]
			}
		}
	}
	f.LeftOut = left.words()
	return t.err
}

// cutTags takes the labels off the end of a text. Those within it are words of
// it as well, and stay.
func cutTags(text, signs string) (rest string, tags []string) {
	rest = strings.TrimSpace(text)
	for {
		found := trailingTag.FindStringSubmatchIndex(rest)
		if found == nil || found[0] == 0 || !strings.Contains(signs, rest[found[2]:found[3]]) {
			return rest, tags
		}
		tags = append([]string{rest[found[4]:found[5]]}, tags...)
		rest = strings.TrimSpace(rest[:found[0]])
	}
}
