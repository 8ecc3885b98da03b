package goals

import (
	"strconv"
	"strings"
)

// Select returns the goals that a person may mean by which, in the order of
// their numbers: "#12" or "12" is the goal with that number and no other; a
// whole id is the goal with that id; anything else means every goal whose id
// begins with it or whose description holds all its words, whatever their
// case. Where several match and some are preferred, only those are returned;
// prefer may be nil.
func (l List) Select(which string, prefer func(*Goal) bool) []*Goal {
	which = strings.TrimSpace(which)
	if n, ok := ParseNumber(which); ok {
		if g := l.Number(n); g != nil {
			return []*Goal{g}
		}
		return nil
	}
	if which == "" {
		return nil
	}
	words := strings.Fields(fold(which))
	var found, preferred []*Goal
	for _, g := range l.goals {
		if g.ID == which {
			return []*Goal{g}
		}
		if !strings.HasPrefix(g.ID, which) && !holdsAll(fold(g.Description), words) {
			continue
		}
		found = append(found, g)
		if prefer != nil && prefer(g) {
			preferred = append(preferred, g)
		}
	}
	if len(preferred) > 0 {
		return preferred
	}
	return found
}

// Find returns the goals whose id, description, criteria and notes hold all
// the words, whatever their case, in the order of their numbers; a number
// finds the goal that has it as well.
func (l List) Find(text string) []*Goal {
	words := strings.Fields(fold(text))
	if len(words) == 0 {
		return nil
	}
	n, _ := ParseNumber(strings.TrimSpace(text))
	var found []*Goal
	for _, g := range l.goals {
		all := g.ID + "\n" + g.Description + "\n" + strings.Join(g.Acceptance, "\n") + "\n" + strings.Join(g.Notes, "\n")
		if g.Number == n || holdsAll(fold(all), words) {
			found = append(found, g)
		}
	}
	return found
}

// ParseNumber reads a goal's number as people write it: 12 or #12.
func ParseNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(s, "#"), 10, 64)
	return n, err == nil && n > 0 && !strings.HasPrefix(s, "#+") && !strings.HasPrefix(s, "+")
}

// fold makes texts equal that differ in case only. Upper case comes first
// because some letters, as the Greek sigma, have two lower cases.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
