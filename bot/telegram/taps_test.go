package telegram

import (
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/bot/telegramtest"
)

// Telegram keeps a tap for 150 seconds only, and takes no answer to it later. A
// tap from a time when the program was down longer has no effect, then or ever;
// what was typed meanwhile is done, and the button still works. A tap that is
// handed over just before that time is acted on once, whatever becomes of its
// answer. Red where an answer that is refused is tried again, or taken for a
// failure of the tap.
func TestTapsThatAreTooOld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		down     time.Duration
		patience int // seconds that Telegram asks for before it lets the tap be answered
		done     bool
		answers  int // calls
		answered bool
	}{
		{name: "three minutes", down: 3 * time.Minute},
		{name: "just in time", down: 148 * time.Second, done: true, answers: 1, answered: true},
		{name: "too late for the answer", down: 148 * time.Second, patience: 4, done: true, answers: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			bubble(t, func(t *testing.T, w *world) {
				chat := w.Private(ann)
				p := w.program(dir)
				w.Say(chat, ann, "/addgoal a")
				w.Say(chat, ann, "/goal 1")
				pass(10 * time.Second)
				card, _ := w.Last(ann.ID)
				p.stop()
				button := ""
				for _, b := range slices.Concat(card.Buttons...) {
					if strings.Contains(b.Text, "Done") {
						button = b.Text
					}
				}
				tap := func() *telegramtest.Tap {
					t.Helper()
					tap, err := w.Tap(chat, ann, card.ID, button)
					if err != nil {
						t.Fatal(err)
					}
					return tap
				}
				old := tap()
				w.Say(chat, ann, "/addgoal typed")
				pass(tt.down)
				if tt.patience > 0 {
					w.Fail("answerCallbackQuery", 1, telegramtest.TooManyRequests(tt.patience))
				}
				before := w.lines.String()
				p = w.program(dir)
				defer func() { p.stop() }()
				look := func(status string) {
					t.Helper()
					list := p.truth.List()
					if g := list.Number(1); list.Len() != 2 || string(g.Status) != status {
						t.Errorf("there are %d goals, the first is %s", list.Len(), g.Status)
					}
					if w.Pending() != 0 {
						t.Errorf("%d updates are not confirmed", w.Pending())
					}
				}
				status := map[bool]string{false: "pending", true: "done"}[tt.done]
				pass(10 * time.Minute)
				look(status)
				if got := len(w.CallsTo("answerCallbackQuery")); got != tt.answers || old.Answered() != tt.answered {
					t.Errorf("%d calls to answer the tap, answered %v", got, old.Answered())
				}
				if log := strings.TrimPrefix(w.lines.String(), before); strings.Contains(log, "ERROR") {
					t.Errorf("the log says %s", log)
				}
				// It is not done when the program starts anew either.
				p.stop()
				p = w.program(dir)
				pass(time.Minute)
				look(status)
				if tt.done {
					return
				}
				fresh := tap()
				pass(time.Minute)
				look("done")
				if !fresh.Answered() || !slices.ContainsFunc(w.texts(ann.ID), func(text string) bool { return strings.Contains(text, "✅ #1 a") }) {
					t.Errorf("answered %v; it says %q", fresh.Answered(), w.texts(ann.ID))
				}
			})
		})
	}
}
