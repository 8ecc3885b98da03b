package handlers

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goalbot/access"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// person is what a model knows of somebody: their goals, and the states that
// undo and redo lead to.
type person struct {
	id           int64
	goals        []int64 // the numbers of those that they added
	undo, redo   []string
	mayConfigure bool
}

// state is how a person's goals and settings are.
func (h *house) state(p *person) string {
	var b strings.Builder
	for _, n := range p.goals {
		if g := h.truth.List().Number(n); g != nil {
			fmt.Fprintf(&b, "#%d %s %q %q %q; ", n, g.Description, g.Status, g.Notes, g.Acceptance)
		}
	}
	if p.mayConfigure {
		fmt.Fprint(&b, h.records(store.SettingRecord), h.members.Role(editor))
	}
	return b.String()
}

// Undo and redo go back and forth over what each person did, goals, settings
// and people alike, as in an editor, whatever the mix and also over restarts.
// Broken on purpose: not forgetting what was undone when something new is done,
// taking the first of what was undone and not the last, leaving an action where
// it stood when it is redone.
func TestUndoAndRedoAreThoseOfAnEditor(t *testing.T) {
	_ = flag.Set("rapid.nofailfile", "true") // what failed is printed
	if checks := flag.Lookup("rapid.checks"); !*deep && checks.Value.String() == "100" {
		_ = flag.Set("rapid.checks", "2") // where nobody asked for others
		defer flag.Set("rapid.checks", "100")
	}
	rapid.Check(t, func(r *rapid.T) {
		h := open(t)
		defer h.truth.Close()
		h.now = time.Now() // codes run by the real clock too
		h.knock(h.at(editor, "/start "+h.invitation(ann, access.Editor)))
		h.spoken()
		h.wantRole(editor, access.Editor)
		all := []*person{{id: ann, mayConfigure: true}, {id: ben}}
		count := 0
		step := func(p *person, what string) {
			before := h.state(p)
			some := func() string {
				if len(p.goals) == 0 {
					return "99"
				}
				return fmt.Sprint(rapid.SampledFrom(p.goals).Draw(r, "goal"))
			}
			do := func(words string) { h.must(h.h.Handle(t.Context(), h.at(p.id, words))) }
			count++
			fresh := true
			switch what {
			case "add":
				do(fmt.Sprint("/addgoal goal ", count))
				p.goals = append(p.goals, h.truth.List().LastNumber())
			case "done":
				do("/" + what + " " + some())
			case "note", "criterion", "rename":
				do(fmt.Sprint("/", what, " ", some(), " words ", count))
			case "delete":
				do("/delete " + some() + " yes")
			case "several":
				do("/done " + some() + " " + some())
			case "ring", "zone", "role":
				if !p.mayConfigure {
					return
				}
				values := map[string][]string{"ring": settings.Rings, "zone": {"Asia/Tokyo", "UTC", "default"}, "role": {"viewer", "editor"}}
				command := map[string]string{"ring": "/settings ring ", "zone": "/settings timezone ", "role": fmt.Sprintf("/members %d ", editor)}
				do(command[what] + rapid.SampledFrom(values[what]).Draw(r, "value"))
			case "restart":
				h.spoken()
				h.start(nil, ann, ben)
				fresh = false
			case "undo":
				fresh = false
				if do("/undo"); len(p.undo) > 0 {
					p.redo, before = append(p.redo, before), p.undo[len(p.undo)-1]
					p.undo = p.undo[:len(p.undo)-1]
				}
			case "redo":
				fresh = false
				if do("/redo"); len(p.redo) > 0 {
					p.undo, before = append(p.undo, before), p.redo[len(p.redo)-1]
					p.redo = p.redo[:len(p.redo)-1]
				}
			}
			if now := h.state(p); fresh && now != before {
				p.undo, p.redo = append(p.undo, before), nil
			} else if now != before {
				r.Fatalf("after /%s of %d it is\n%s\nwant\n%s\nsaid %q", what, p.id, now, before, wordsOf(h.spoken()))
			}
		}
		who := rapid.SampledFrom([]*person{all[0], all[0], all[1]})
		what := rapid.SampledFrom(strings.Fields("add add done note criterion rename delete several ring zone role restart"))
		for range rapid.IntRange(1, 3).Draw(r, "rounds") {
			for range rapid.IntRange(1, 4).Draw(r, "new") {
				step(who.Draw(r, "who"), what.Draw(r, "what"))
			}
			for _, back := range []string{"undo", "redo", "undo", "redo"} {
				p := who.Draw(r, "who")
				for range rapid.IntRange(0, 3).Draw(r, back) {
					step(p, back)
				}
			}
		}
	})
}

func wordsOf(all []message.Message) (texts []string) {
	for _, m := range all {
		texts = append(texts, m.Text)
	}
	return texts
}
