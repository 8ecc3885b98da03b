package telegram

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"goalbot/telegramtest"
)

// afternoon is what people do: commands that came while the program was down,
// some together and some alone, one refused, one edited, and taps.
func (l *lives) afternoon() {
	a, b := l.Private(ann), l.Private(bob)
	tap := func(who telegramtest.User, chat telegramtest.Chat, label string) {
		l.t.Helper()
		shown := l.Messages(chat.ID)
		for _, m := range slices.Backward(shown) {
			for _, row := range m.Buttons {
				for _, button := range row {
					if strings.Contains(button.Text, label) {
						if _, err := l.Tap(chat, who, m.ID, button.Text); err != nil {
							l.t.Fatal(err)
						}
						return
					}
				}
			}
		}
		l.t.Fatalf("nobody offers %q: %+v", label, shown)
	}
	l.Say(a, ann, "/addgoal alpha")
	l.Say(b, bob, "/addgoal beta")
	l.Say(a, ann, "/note 1 first")
	l.Say(a, ann, "/done 99")
	l.begin(memory(l.t))
	l.quiet()
	gamma := l.Say(a, ann, "/addgoal gamma")
	l.Say(b, bob, "/done 2")
	l.Say(a, ann, "/note 3 together")
	l.quiet()
	l.Say(a, ann, "/block 1 rain")
	l.quiet()
	if _, err := l.Edit(a, ann, gamma.ID, "/addgoal delta"); err != nil {
		l.t.Fatal(err)
	}
	l.quiet()
	tap(bob, b, "Undo")
	l.quiet()
	l.Say(a, ann, "/goal 3")
	l.quiet()
	tap(ann, a, "Done")
	l.quiet()
	l.Say(a, ann, "/undo") // the tap
	l.quiet()
	l.Say(a, ann, "/undo") // the edit
	l.quiet()
}

// backlog is more than a chat is answered one by one, and then some.
func (l *lives) backlog() {
	a, b := l.Private(ann), l.Private(bob)
	for i := range 12 {
		l.Say(a, ann, fmt.Sprintf("/addgoal goal %d", i+1))
	}
	l.Say(b, bob, "/begin 1")
	l.Say(l.Private(eve), eve, "/addgoal stolen")
	l.Say(a, ann, "/block 2 rain")
	l.begin(memory(l.t))
	l.quiet()
}

// live runs what people do in a world of its own, with deaths at these steps,
// and hands over how it ended.
func live(t *testing.T, people func(*lives), deaths []moment, end func(*lives)) {
	t.Helper()
	bubble(t, func(t *testing.T, w *world) {
		l := &lives{world: w, deaths: deaths}
		people(l)
		l.sound()
		end(l)
		l.now.stop()
		if t.Failed() {
			t.Fatalf("it died %d times of %+v", l.died, deaths)
		}
	})
}

// TestADeathAtAnyStep lets the program die at every step that it takes, and
// start again from what is on the disk. Whatever it was about: every command takes
// effect once, in order, and is answered once, or twice; goals.json says what the
// palace says, and nothing is left to do. The ordinary run takes samples of the steps.
//
// Red when updates are confirmed before they are handled, when a key is not
// asked for, when a message is forgotten before it is sent, when only the first
// of many is forgotten, and when our own older file is taken for somebody else's.
func TestADeathAtAnyStep(t *testing.T) {
	for name, tt := range map[string]struct {
		people func(*lives)
		least  int // steps that there must be
		want   []string
	}{
		"afternoon": {(*lives).afternoon, 100, []string{
			"addgoal #1 by 1001, taken back: false", "addgoal #2 by 1002, taken back: false", "note #1 by 1001, taken back: false",
			"addgoal #3 by 1001, taken back: false", "done #2 by 1002, taken back: true", "note #3 by 1001, taken back: false",
			"block #1 by 1001, taken back: false", "addgoal #3 by 1001, taken back: true", "undo #2 by 1002, taken back: false",
			"done #3 by 1001, taken back: true", "undo #3 by 1001, taken back: false", "undo #3 by 1001, taken back: false",
		}},
		"backlog": {(*lives).backlog, 40, append(slices.Collect(func(yield func(string) bool) {
			for i := 1; i <= 12 && yield(fmt.Sprintf("addgoal #%d by 1001, taken back: false", i)); i++ {
			}
		}), "begin #1 by 1002, taken back: false", "block #2 by 1001, taken back: false")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want ledger
			var moments []moment
			live(t, tt.people, nil, func(l *lives) {
				want = l.ledger()
				for step, n := range l.death.came {
					for i := range n {
						moments = append(moments, moment{step, i + 1})
					}
				}
			})
			if !slices.Equal(want.effects, tt.want) || len(moments) < tt.least {
				t.Fatalf("without a death it has %d steps, and took effect:\n%s", len(moments), strings.Join(want.effects, "\n"))
			}
			slices.SortFunc(moments, func(a, b moment) int { return cmp.Or(strings.Compare(a.step, b.step), a.nth-b.nth) })
			died, stride := 0, 7
			if *deep {
				stride = 1
			}
			for i := 0; i < len(moments); i += stride {
				live(t, tt.people, moments[i:i+1], func(l *lives) { l.like(want); died += l.died })
			}
			t.Logf("it died %d times, of %d steps", died, len(moments))
			if died < len(moments)/stride*9/10 {
				t.Errorf("it died only %d times of %d", died, len(moments))
			}
			chance := rand.New(rand.NewPCG(1, 2))
			for range 14 / stride { // and dies again and again
				var deaths []moment
				for range 3 {
					deaths = append(deaths, moments[chance.IntN(len(moments))])
				}
				live(t, tt.people, deaths, func(l *lives) { l.like(want) })
			}
		})
	}
}
