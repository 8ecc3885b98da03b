package handlers

import (
	"cmp"
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file lists the tags of goals: words with # in their texts.

const (
	tagFilter    = "tag" // of a board whose words are tags
	maxTags      = 60    // that /tags names
	maxTagButton = 12
)

// readTags reads "#reading #home"; of other words there are none.
func readTags(words string) (tags []string) {
	for word := range strings.FieldsSeq(words) {
		tag := goals.Tags(word)
		if len(tag) != 1 || !strings.HasPrefix(word, "#") {
			return nil
		}
		tags = append(tags, tag[0])
	}
	return tags
}

func anyTagged(list goals.List, tags []string) bool {
	return slices.ContainsFunc(list.All(), func(g *goals.Goal) bool { return g.HasTags(tags) })
}

// byTags shows the goals that have these tags.
func (c *call) byTags(tags []string, page int) (message.Message, error) {
	if !anyTagged(*c.tx.List(), tags) {
		word := "tag"
		if len(tags) > 1 {
			word = "tags"
		}
		return message.Message{}, refuse("No goal has the %s %s. /tags shows those that there are.", word, isolate(clip(tagWords(tags), 60)))
	}
	return c.board(boardView{Filter: tagFilter, Words: tagWords(tags), Page: page})
}

// tagWords are tags as they are typed.
func tagWords(tags []string) string { return "#" + strings.Join(tags, " #") }

// tagged are the open goals with these tags, or those that are closed where none is
// open.
func tagged(list goals.List, words string) (shown []goals.Found) {
	tags := goals.Tags(words)
	for _, open := range []bool{true, false} {
		for _, g := range list.All() {
			if g.Status.Open() == open && g.HasTags(tags) {
				shown = append(shown, goals.Found{Goal: g})
			}
		}
		if len(shown) > 0 {
			break
		}
	}
	return shown
}

// tagCount is how many open goals have a tag.
type tagCount struct {
	tag string
	n   int
}

// countTags counts the tags of the open goals, the most used first.
func countTags(list goals.List) (all []tagCount) {
	counts := map[string]int{}
	for _, g := range list.All() {
		if g.Status.Open() {
			for _, tag := range goals.Tags(g.Description) {
				counts[tag]++
			}
		}
	}
	for tag, n := range counts {
		all = append(all, tagCount{tag, n})
	}
	slices.SortFunc(all, func(a, b tagCount) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.tag, b.tag)) })
	return all
}

// tags lists the tags with their counts.
func (c *call) tags() (message.Message, error) {
	all := countTags(*c.tx.List())
	if len(all) == 0 {
		return message.Message{}, refusal("No open goal has a tag. Write one in a goal's text, as in /addgoal read Dune #reading.")
	}
	t := new(message.Text).Bold("Tags").Addf(" · %d\n", len(all))
	var buttons []message.Button
	for i, counted := range all {
		if i == maxTags {
			t.Addf("\n… and %d more", len(all)-maxTags)
			break
		}
		t.Addf("\n%s · %d", isolate("#"+counted.tag), counted.n)
		if b := (message.Button{Label: clip("#"+counted.tag, maxInButton), Command: "goals #" + counted.tag}); len(b.Command) <= message.MaxButtonData && len(buttons) < maxTagButton {
			buttons = append(buttons, b)
		}
	}
	rows := slices.Collect(slices.Chunk(buttons, 3))
	return t.Message(append(rows, listRow())...), nil
}
