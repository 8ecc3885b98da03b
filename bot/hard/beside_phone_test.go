//go:build linux

package hard

import (
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
)

// spoken is what the phone said of a goal.
type spoken struct {
	added, deleted  bool
	notes, criteria []string
	tasks           map[string]string // that it linked, and the state that it set
	status          string            // that it set last
	number          string            // as an answer has told
}

// touchy goals are those that the phone may delete. Theirs do not change: one that
// they change after that comes back, as it should.
func touchy(name string) bool { return strings.ContainsAny(name[len(name)-1:], "0258") }

// phoned goals are those of theirs whose status the phone sets. That of the others
// is theirs, so that nobody sets one in two places at once.
func phoned(name string) bool { return strings.ContainsAny(name[len(name)-1:], "13579") }

func pick(random *mathrand.Rand, from ...string) string { return from[random.IntN(len(from))] }

// say lets the phone say something that will be accepted.
func (b *beside) say(random *mathrand.Rand) {
	ann := people[0]
	b.telegram.Say(b.telegram.Private(ann), ann, b.next(random))
}

// next is what the phone says next.
func (b *beside) next(random *mathrand.Rand) (text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands++
	var names []string
	for name, g := range b.said {
		if !g.deleted {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	kind := random.IntN(13)
	if len(names) == 0 || kind < 2 {
		b.last = fmt.Sprintf("errand%05d", b.commands)
		b.said[b.last] = &spoken{added: true, status: "pending"}
		text = "/addgoal " + b.last
	} else {
		name := names[random.IntN(len(names))]
		if may := slices.DeleteFunc(names, func(name string) bool { return !touchy(name) }); kind == 9 && len(may) > 0 {
			name = pick(random, may...)
		}
		g := b.said[name]
		switch {
		case kind == 9 && g.number != "" && touchy(name):
			g.deleted = true
			text = "/delete " + g.number + " yes"
		case kind > 10 && len(g.tasks) > 0:
			task := pick(random, slices.Sorted(maps.Keys(g.tasks))...)
			if g.tasks[task] == "verified" {
				g.tasks[task], text = "failed", "/fail "+name+" "+task+" it broke"
			} else {
				g.tasks[task], text = "verified", "/verify "+name+" "+task+" https://example.org/log"
			}
		case kind > 9:
			if g.tasks == nil {
				g.tasks = map[string]string{}
			}
			task := fmt.Sprintf("chore%05d", b.commands)
			g.tasks[task], text = "launched", "/link "+name+" "+task
		case kind < 5 || kind == 9 && touchy(name) || (kind == 6 || kind == 7) && !g.added && !phoned(name):
			note := fmt.Sprintf("note %d of the phone", b.commands)
			g.notes = append(g.notes, note)
			text = "/note " + name + " " + note
		case kind < 6:
			criterion := fmt.Sprintf("criterion %d of the phone", b.commands)
			g.criteria = append(g.criteria, criterion)
			text = "/criterion " + name + " " + criterion
		case g.status == "blocked":
			g.status, text = "inProgress", "/begin "+name
		case g.status == "inProgress" && (g.added || phoned(name)):
			g.status, text = "pending", "/reopen "+name
		case g.added || phoned(name):
			why := fmt.Sprintf("reason %d of the phone", b.commands)
			g.status, g.notes = "blocked", append(g.notes, "Blocked: "+why)
			text = "/block " + name + " " + why
		default:
			criterion := fmt.Sprintf("criterion %d of the phone", b.commands)
			g.criteria = append(g.criteria, criterion)
			text = "/criterion " + name + " " + criterion
		}
	}
	return text
}
