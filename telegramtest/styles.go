package telegramtest

import (
	"cmp"
	"slices"
)

// maxEntities is how many entities of the sender survive (tdlib, get_input_message_entities in MessageEntity.cpp).
const maxEntities = 100

// styles are the entities that Telegram merges and splits as it needs them, in the order of its priorities.
var styles = []string{"bold", "italic", "underline", "strikethrough", "spoiler"}

func isStyle(e Entity) bool { return slices.Contains(styles, e.Type) }

func end(e Entity) int { return e.Offset + e.Length }

// keepMost keeps what Telegram keeps of a bot's entities: styles of one kind that touch become one, and of all, 100 stay,
// those that are no styles first; custom emoji are not counted (tdlib, get_input_message_entities).
func (s *Server) keepMost(entities []Entity) []Entity {
	var kept, loose []Entity
	counted := 0
	for _, e := range entities {
		switch {
		case isStyle(e):
			loose = append(loose, e)
		case e.Type == "custom_emoji":
			kept = append(kept, e)
		case counted < maxEntities:
			counted++
			kept = append(kept, e)
		default:
			counted++
		}
	}
	loose = merge(loose)
	room := max(0, maxEntities-counted)
	if lost := counted + len(loose) - maxEntities; lost > 0 {
		s.notice("%d entities more than the %d that survive", lost, maxEntities)
	}
	kept = append(kept, loose[:min(room, len(loose))]...)
	sortEntities(kept)
	return kept
}

// merge joins styles of one kind that overlap or touch.
func merge(entities []Entity) (merged []Entity) {
	for _, kind := range styles {
		first := len(merged)
		for _, e := range entities { // which are sorted
			switch last := len(merged) - 1; {
			case e.Type != kind:
			case last >= first && e.Offset <= end(merged[last]):
				merged[last].Length = max(end(merged[last]), end(e)) - merged[last].Offset
			default:
				merged = append(merged, e)
			}
		}
	}
	sortEntities(merged)
	return merged
}

// split cuts styles at the ends of links, quotes and all else that is one piece, and takes them out of code (tdlib,
// split_entities in MessageEntity.cpp).
func split(entities []Entity) []Entity {
	var pieces, loose []Entity
	var cuts []int
	for _, e := range entities {
		if isStyle(e) {
			loose = append(loose, e)
			continue
		}
		pieces = append(pieces, e)
		cuts = append(cuts, e.Offset, end(e))
	}
	slices.Sort(cuts)
	for _, e := range merge(loose) {
		from, to := e.Offset, end(e)
		for _, cut := range append(cuts, to) {
			if cut <= from || cut > to {
				continue
			}
			part := e
			part.Offset, part.Length = from, cut-from
			from = cut
			if !slices.ContainsFunc(pieces, func(p Entity) bool { return isSolid(p) && p.Offset <= part.Offset && end(part) <= end(p) }) {
				pieces = append(pieces, part)
			}
		}
	}
	sortEntities(pieces)
	return pieces
}

// isSolid tells whether an entity holds no other.
func isSolid(e Entity) bool { return e.Type == "code" || e.Type == "pre" || e.Type == "date_time" }

// priorities order the entities of one place (tdlib, MessageEntity::get_type_priority).
func priority(e Entity) int {
	switch e.Type {
	case "blockquote", "expandable_blockquote":
		return 0
	case "pre":
		return 10
	case "code":
		return 20
	case "date_time":
		return 30
	case "text_link", "text_mention":
		return 49
	case "custom_emoji":
		return 99
	}
	if i := slices.Index(styles, e.Type); i >= 0 {
		return 90 + i
	}
	return 50
}

// sortEntities puts the outer before the inner ones.
func sortEntities(entities []Entity) {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length), cmp.Compare(priority(a), priority(b)))
	})
}
