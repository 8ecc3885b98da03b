package palace

import (
	"fmt"
	"iter"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

// Going back through the history gives every list that there was, whatever was done.
func TestPast(t *testing.T) {
	t.Run("in a file", func(t *testing.T) { testPast(t, fresh(t)) })
	t.Run("on a server", func(t *testing.T) { p, _ := onPostgres(t); testPast(t, p) })
}

func testPast(t *testing.T, p *Palace) {
	var lists []string
	text := func(l goals.List) (all string) {
		for _, g := range l.All() {
			all += fmt.Sprintf("#%d %s %q %s %v %v; ", g.Number, g.ID, g.Description, g.Status, g.Notes, g.Updated.UnixNano())
		}
		return all
	}
	do := func(f func(*goals.List) error) {
		t.Helper()
		update(t, p, origin("x", 7), func(tx store.Tx) error { return f(tx.List()) })
		lists = append(lists, text(p.List()))
	}
	put := func(n int64, change func(*goals.Goal)) {
		do(func(l *goals.List) error {
			g := *l.Number(n)
			change(&g)
			l.Put(&g)
			return nil
		})
	}
	var gone goals.Goal
	for i := range 5 {
		do(func(l *goals.List) error {
			_, err := l.Add(goals.Draft{Description: fmt.Sprint("goal ", i)}, fmt.Sprint("g-", i), noon)
			return err
		})
	}
	put(1, func(g *goals.Goal) { g.Description = "another"; g.Touch(noon) })
	put(2, func(g *goals.Goal) { g.Notes = append(g.Notes, "a note") })
	put(1, func(g *goals.Goal) { g.Status = goals.Done; g.Touch(noon) })
	do(func(l *goals.List) error { gone = *l.Number(2); _, err := l.Delete(2); return err })
	do(func(l *goals.List) error { l.Put(&gone); return nil })
	do(func(l *goals.List) error { _, err := l.Delete(3); return err })

	err := p.Past(t.Context(), func(now goals.List, back iter.Seq[goals.Change]) {
		list := now.Clone()
		at := len(lists) - 1
		same(t, "now", text(list), lists[at])
		for c := range back {
			at--
			if at < 0 {
				break
			}
			if c.Before == nil {
				all := []*goals.Goal{}
				for _, g := range list.All() {
					if g.Number != c.Number() {
						all = append(all, g)
					}
				}
				list = goals.NewList(now.LastNumber(), all)
			} else {
				list.Put(c.Before)
			}
			same(t, fmt.Sprint("list ", at), text(list), lists[at])
		}
		same(t, "how far back", at, -1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Going back ends where the history does not say what a goal was: nobody may take a list
// that never was for one that was.
func TestThePastEndsWhereItIsNotKnown(t *testing.T) {
	for name, test := range map[string]struct {
		damage string
		steps  int
	}{
		"nothing":                    {"SELECT 1", 5},
		"the text of a deleted goal": {"UPDATE goals SET body = replace(body, 'two', 'twp') WHERE number = 2", 1},
		"a note that is forgotten":   {"DELETE FROM events WHERE number = 1 AND goal IS NULL", 3},
		"how a goal was added":       {"UPDATE events SET sum = 1 - sum WHERE number = 1 AND goal IS NOT NULL", 4},
		"every change":               {"UPDATE changes SET taken_back = 1", 0},
	} {
		p := fresh(t)
		add(t, p, "one")
		add(t, p, "two")
		noted(t, p, 1, 7, "a note")
		update(t, p, origin("delete", 7), func(tx store.Tx) error { _, err := tx.List().Delete(2); return err })
		add(t, p, "three")
		p.sql(t, test.damage)
		steps := 0
		err := p.Past(t.Context(), func(_ goals.List, back iter.Seq[goals.Change]) {
			for range back {
				steps++
			}
		})
		wantErr(t, err, nil)
		same(t, "steps back where what is damaged is "+name, steps, test.steps)
	}
}
