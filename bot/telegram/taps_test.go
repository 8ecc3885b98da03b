package telegram

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"goalbot/handlers"
	"goalbot/telegramtest"
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

// Telegram may leave out which message was tapped. The tap was passed over, and
// the button kept spinning.
func TestATapOnWhoKnowsWhatIsAnsweredInPrivate(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		p := w.program(dir)
		defer func() { p.stop() }()
		w.Say(w.Private(ann), ann, "/addgoal a")
		pass(5 * time.Second)
		for _, from := range []telegramtest.User{ann, eve} {
			w.TapWithout(w.Private(from), from, "done 1")
			w.TapInline(from, "goal 1")
		}
		pass(5 * time.Second)
		if got := p.truth.List().Number(1).Status; got != "done" {
			t.Errorf("the goal is %s", got)
		}
		if texts := w.texts(ann.ID); len(texts) != 3 || !strings.Contains(texts[1], "✅ #1 a") {
			t.Errorf("said %q", texts)
		}
		toasts := 0
		for _, c := range w.CallsTo("answerCallbackQuery") {
			if c.Params["text"] == handlers.ToastPrivate {
				toasts++
			}
		}
		if toasts != 2 || len(w.texts(eve.ID)) > 0 {
			t.Errorf("%d toasts, a stranger heard %q", toasts, w.texts(eve.ID))
		}
	})
}

// An admin who writes as the group taps under the own name, which nobody let
// in. They are told what to do; everybody else hears nothing, and the server is
// not asked about each of many taps. Not asking who it is, and asking without a
// bound, turn this red.
func TestWhoWritesAsTheGroupIsToldWhyButtonsAreDead(t *testing.T) {
	for name, tt := range map[string]struct {
		is    func(w *world, group telegramtest.Chat) // Eve
		group int64                                   // that may speak for itself
		toast bool
	}{
		"anonymous": {func(w *world, g telegramtest.Chat) { w.Say(g, eve, "hello", telegramtest.AsAnonymousAdmin()) }, -4001, true},
		"the creator": {func(w *world, g telegramtest.Chat) {
			w.Fail("getChatMember", -1, telegramtest.Answer(200, `{"ok":true,"result":{"status":"creator","is_anonymous":true}}`))
		}, -4001, true},
		"seen":          {func(w *world, g telegramtest.Chat) { w.Promote(g, eve, true) }, -4001, false},
		"not an admin":  {func(w *world, g telegramtest.Chat) {}, -4001, false},
		"nobody knows":  {func(w *world, g telegramtest.Chat) { w.Fail("getChatMember", -1, telegramtest.Hang()) }, -4001, false},
		"in some group": {func(w *world, g telegramtest.Chat) { w.Say(g, eve, "hello", telegramtest.AsAnonymousAdmin()) }, -4002, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, eve)
				tt.is(w, group)
				c := &clerk{group: tt.group}
				w.poller(c)
				tap := w.TapForged(group, eve, 99, "done 1")
				pass(time.Second)
				calls := w.CallsTo("answerCallbackQuery")
				if got := len(calls) == 1 && calls[0].Params["text"] == handlers.ToastAnonymous; got != tt.toast || tap.Answered() != tt.toast {
					t.Errorf("told %v, want %v; answered %v", got, tt.toast, tap.Answered())
				}
				for range 50 {
					w.TapForged(group, eve, 99, "done 1")
				}
				pass(time.Second)
				if n := len(w.CallsTo("getChatMember")); n > 10 {
					t.Errorf("the server is asked %d times", n)
				}
				c.did(t)
				if w.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", w.Pending())
				}
			})
		})
	}
}

func TestToastsAreShortEnough(t *testing.T) {
	for _, toast := range []string{handlers.ToastPrivate, handlers.ToastAnonymous} {
		if n := utf8.RuneCountInString(toast); n == 0 || n > 200 {
			t.Errorf("%d characters: %s", n, toast)
		}
	}
}

func TestOnlyTapsOfMembersAreAnsweredAndOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, eve)
		c := &clerk{}
		w.poller(c)
		m := w.Say(w.Private(ann), ann, "hello")
		ours := []*telegramtest.Tap{
			w.TapForged(w.Private(ann), ann, m.ID, "done 1"),
			w.TapForged(group, ann, 99, "done 2"), // of a message that is gone
			w.TapForged(group, ann, 99, ""),       // without anything to do
		}
		theirs := []*telegramtest.Tap{w.TapForged(w.Private(ann), eve, m.ID, "done 3"), w.TapForged(group, eve, 99, "done 4")}
		c.did(t, "hello", "done 1", "done 2")
		w.Redeliver(6)
		pass(10 * time.Second)
		for i, tap := range ours {
			if !tap.Answered() {
				t.Errorf("tap %d of a member is not answered", i)
			}
		}
		for i, tap := range theirs {
			if tap.Answered() {
				t.Errorf("tap %d of a stranger is answered", i)
			}
		}
		if n := len(w.CallsTo("answerCallbackQuery")); n != len(ours) {
			t.Errorf("%d answers to %d taps", n, len(ours))
		}
		c.did(t, "hello", "done 1", "done 2")
	})
}

func TestATapIsAnsweredWhileTheHandlerWorks(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{before: func(context.Context, handlers.Request) error { time.Sleep(20 * time.Second); return nil }}
		w.poller(c)
		tap := w.TapForged(w.Private(ann), ann, 1, "done 1")
		synctest.Wait()
		if done := c.list(&c.done); !tap.Answered() || len(done) > 0 {
			t.Errorf("answered %v, handled %q", tap.Answered(), done)
		}
	})
}

func TestATapWhoseAnswerIsLostIsAnsweredAgain(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"eof": telegramtest.EOF(), "502": telegramtest.ServerErrorHTML(502), "429": telegramtest.TooManyRequests(2), "hang": telegramtest.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := &clerk{}
				w.poller(c)
				w.Fail("answerCallbackQuery", 1, fault)
				tap := w.TapForged(w.Private(ann), ann, 1, "done 1")
				pass(8 * time.Second)
				c.did(t, "done 1")
				if !tap.Answered() {
					t.Error("not answered")
				}
			})
		})
	}
}
