//go:build linux

package hard

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"goalbot/goals"
)

// plan is what the members say, in one row for all of them, and what must have
// become of the list after each command. It is made before anything runs and
// never changes, so that every check of a suite is a look into it.
type plan struct {
	commands []command
	after    []outcome      // after[i]: when the first i commands have been applied
	byAnswer map[string]int // which command an answer belongs to
	latest   map[uint64]int // the highest i at which goals.json says this
}

// command is one thing said. Its answer begins with a word that says what was
// done, and names the goal; both together belong to this command alone.
type command struct {
	member int
	text   string
	done   string
	goal   string
}

// outcome is the list at one moment, as two sums: with the numbers, which only
// the palace knows, and without.
type outcome struct {
	numbered, plain uint64
	goals           int
}

// standing is a goal of the model.
type standing struct {
	number int64
	name   string
	status goals.Status
	notes  []string
	planned
}

// newPlan makes a plan of n commands. Goals come and go, so that the list
// stays short, and every kind of damage would show: a command that is applied
// twice adds a second goal, a second note, or takes back the wrong thing; one
// that is lost leaves all that follows different.
func newPlan(seed uint64, members, n int) *plan {
	random := rand.New(rand.NewPCG(seed, 0))
	p := &plan{byAnswer: map[string]int{}, latest: map[uint64]int{}}
	var list []standing
	last := int64(0)
	p.note(list)

	type life struct{ steps []func() command }
	lives := make([]life, members)
	begun := 0
	begin := func(member int) []func() command {
		begun++
		name := fmt.Sprintf("errand%05d", begun)
		at := func() int { return slices.IndexFunc(list, func(s standing) bool { return s.name == name }) }
		var before []standing // what this goal was, change by change
		change := func(text, done string, do func(*standing)) func() command {
			return func() command {
				i := at()
				before = append(before, list[i])
				s := list[i]
				s.notes = slices.Clone(s.notes)
				do(&s)
				list[i] = s
				return command{member, text, done, name}
			}
		}
		undo := func(done string) func() command {
			return func() command {
				list[at()] = before[len(before)-1]
				before = before[:len(before)-1]
				return command{member, "/undo", "↩️ Undone: " + done + " ", name}
			}
		}
		add := func() command {
			last++
			list = append(list, standing{number: last, name: name, status: goals.Pending})
			return command{member, "/addgoal " + name, "Added: ", name}
		}
		note := change("/note "+name+" remember the keys", "Note added to: ", func(s *standing) { s.notes = append(s.notes, "remember the keys") })
		begunIt := change("/begin "+name, "In progress: ", func(s *standing) { s.status = goals.InProgress })
		finish := change("/done "+name, "Done: ", func(s *standing) { s.status = goals.Done })
		block := change("/block "+name+" it rains", "Blocked: ", func(s *standing) {
			s.status, s.notes = goals.Blocked, append(s.notes, "Blocked: it rains")
		})
		switch random.IntN(6) {
		case 0:
			return []func() command{add, note, finish}
		case 1:
			return []func() command{add, finish, undo("finishing"), note, undo("adding a note to")}
		case 2:
			return []func() command{add, begunIt, note, undo("adding a note to"), finish}
		case 3:
			return []func() command{add, block}
		}
		return []func() command{add, func() command { // gone again
			list = slices.Delete(list, at(), at()+1)
			return command{member, "/undo", "↩️ Undone: adding ", name}
		}}
	}
	for len(p.commands) < n {
		member := random.IntN(members)
		l := &lives[member]
		if len(l.steps) == 0 {
			l.steps = begin(member)
		}
		c := l.steps[0]()
		l.steps = l.steps[1:]
		key := c.done + c.goal
		if _, twice := p.byAnswer[key]; twice {
			panic("two commands of a plan have one answer: " + key)
		}
		p.byAnswer[key] = len(p.commands)
		p.commands = append(p.commands, c)
		p.note(list)
	}
	return p
}

func (p *plan) note(list []standing) {
	o := outcome{goals: len(list)}
	numbered, plain := fnv.New64a(), fnv.New64a()
	for _, s := range list {
		line := fmt.Sprintf("%q %s %q\n", s.name, s.status, s.notes)
		fmt.Fprint(plain, line)
		fmt.Fprint(numbered, s.number, " ", line)
	}
	o.numbered, o.plain = numbered.Sum64(), plain.Sum64()
	p.latest[o.plain] = len(p.after)
	p.after = append(p.after, o)
}

// numbered and plain are the sums of a list of goals as an outcome has them.
func numbered(list []*goals.Goal) uint64 {
	sum := fnv.New64a()
	for _, g := range list {
		fmt.Fprintf(sum, "%d %q %s %q\n", g.Number, g.Description, g.Status, notesOf(g))
	}
	return sum.Sum64()
}

func plain(list []*goals.Goal) uint64 {
	sum := fnv.New64a()
	for _, g := range list {
		fmt.Fprintf(sum, "%q %s %q\n", g.Description, g.Status, notesOf(g))
	}
	return sum.Sum64()
}

func notesOf(g *goals.Goal) []string {
	if len(g.Notes) == 0 {
		return nil
	}
	return g.Notes
}

// apart takes a message apart that answers several commands which had to wait.
func apart(text string) (answers []string) {
	head, rest, found := strings.Cut(text, "\n\n")
	if !found || !strings.Contains(head, " commands were waiting.") {
		return []string{text}
	}
	rest, _, _ = strings.Cut(rest, "\n\nThe buttons are for")
	lines := strings.Split(rest, "\n")
	for i := 0; i < len(lines); i++ {
		switch {
		case lines[i] == "":
		case strings.HasPrefix(lines[i], "↩️ Undone: ") && i+1 < len(lines):
			answers = append(answers, lines[i]+"\n"+lines[i+1])
			i++
		default:
			answers = append(answers, lines[i])
		}
	}
	return answers
}

// answers returns which command a message of the bot answers.
func (p *plan) answers(text string) (int, bool) {
	first, rest, _ := strings.Cut(text, "errand")
	if len(rest) < 5 {
		return 0, false
	}
	for _, word := range []string{"Added: ", "Note added to: ", "In progress: ", "Done: ", "Blocked: "} {
		if strings.HasPrefix(first, word) {
			first = word
		}
	}
	if strings.HasPrefix(first, "↩️ Undone: ") {
		first, _, _ = strings.Cut(first, "#")
	}
	i, ok := p.byAnswer[first+"errand"+rest[:5]]
	return i, ok
}
