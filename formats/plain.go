package formats

import "goalbot/goals"

// readPlain reads a list that stands as text: each line is an entry, and one
// that is indented below an entry is a step of it.
func readPlain(text string, f *File) error {
	f.Program = "a list in plain text"
	lines := ReadLines(text)
	least := -1 // of the entries
	for _, l := range lines {
		if least < 0 || l.Indent < least {
			least = l.Indent
		}
	}
	for _, l := range lines {
		if n := len(f.Items); n > 0 && l.Indent >= least+2 {
			it := &f.Items[n-1]
			if l.Marked {
				it.Criteria = append(it.Criteria, Criterion{l.Text, l.Ticked})
			} else {
				it.Notes = append(it.Notes, l.Text)
			}
			continue
		}
		if len(f.Items) == maxItems {
			return ErrTooMany
		}
		f.Items = append(f.Items, Item{Text: l.Text, Status: doneIf(l.Ticked)})
	}
	return nil
}

func doneIf(done bool) goals.Status {
	if done {
		return goals.Done
	}
	return goals.Pending
}
