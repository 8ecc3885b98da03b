package telegram

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// What is said past the outbox to a chat that takes nothing is said in private to each
// of the others. It is an error where nobody hears it, and where Telegram may take it later.
func TestWhatAChatDoesNotTakeIsSaidToEachOfTheOthers(t *testing.T) {
	for _, tt := range []struct {
		name     string
		set      func(w *world, group telegramtest.Chat)
		ann, bob bool  // hears it
		err      class // of the error, if nobody does
		failed   bool
	}{
		{name: "the chat takes it", set: func(*world, telegramtest.Chat) {}},
		{name: "kicked", set: func(w *world, g telegramtest.Chat) { w.Kick(g, ann) }, ann: true, bob: true},
		{name: "kicked, and one has blocked it", set: func(w *world, g telegramtest.Chat) { w.Kick(g, ann); w.Block(bob) }, ann: true},
		{name: "kicked and blocked", set: func(w *world, g telegramtest.Chat) { w.Kick(g, ann); w.Block(ann); w.Block(bob) }, failed: true, err: gone},
		{name: "out of order", set: func(w *world, g telegramtest.Chat) { w.Fail("sendMessage", 1, telegramtest.Status(502, "Bad Gateway")) }, failed: true, err: transient},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, bob)
				tt.set(w, group)
				number, err := w.client.Say(t.Context(), group.ID, message.Message{Text: "🚨 goals.json", Elsewhere: []int64{ann.ID, bob.ID}})
				kind, _ := classify(err)
				if (err != nil) != tt.failed || tt.failed && kind != tt.err || (number == 0) != tt.failed {
					t.Errorf("it has the number %d, %v", number, err)
				}
				if there := len(w.texts(group.ID)) > 0; there != (!tt.failed && !tt.ann && !tt.bob) {
					t.Errorf("in the group: %v", there)
				}
				if a, b := len(w.texts(ann.ID)) > 0, len(w.texts(bob.ID)) > 0; a != tt.ann || b != tt.bob {
					t.Errorf("Ann hears it: %v, Bob: %v", a, b)
				}
			})
		})
	}
}

// Somebody who has blocked the bot cannot be told anything, and there is nowhere else
// to tell it.
func TestWhatNobodyTakesIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.poller(&clerk{before: func(context.Context, handlers.Request) error { return fmt.Errorf("commit: %w", store.ErrFull) }})
		w.FailIf(refusals(w.Private(ann)), -1, telegramtest.Blocked())
		w.Say(w.Private(ann), ann, "/done 1")
		pass(time.Minute)
		if text := w.lines.String(); strings.Contains(text, "panic") || !strings.Contains(text, "what the outbox does not take could not be said") {
			t.Errorf("the log says\n%s", text)
		}
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

// The answer to what was said past the outbox is lost. Before it is said once more,
// Telegram is asked for something without effect: each try may add a copy.
func TestWhatMayHaveBeenSaidIsSaidAgainOnlyWhereTelegramAnswers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p, _ := w.poller(&clerk{})
		w.Fail("sendMessage", 1, telegramtest.EOF().After())
		w.Fail("sendChatAction", 3, telegramtest.EOF())
		if !p.sayNow(t.Context(), handlers.Chat{ID: ann.ID, Private: true}, message.Message{Text: "saved"}) {
			t.Error("it was not said")
		}
		said, asked := w.CallsTo("sendMessage"), w.CallsTo("sendChatAction")
		if len(said) != 2 || len(asked) != 4 || !asked[0].At.After(said[0].At) {
			t.Errorf("said %d times, asked %d times", len(said), len(asked))
		}
	})
}

// Whoever is told to wait and asks again at once is told to wait longer. Red where what
// Telegram says is passed over.
func TestWhatIsSaidPastTheOutboxKeepsPatience(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p, _ := w.poller(&clerk{})
		w.Fail("sendMessage", 1, telegramtest.TooManyRequests(100))
		if !p.sayNow(t.Context(), handlers.Chat{ID: ann.ID, Private: true}, message.Message{Text: "not saved"}) {
			t.Error("it was not said")
		}
		said := w.CallsTo("sendMessage")
		if len(said) != 2 || said[1].At.Sub(said[0].At) < 100*time.Second {
			t.Errorf("said by %v", said)
		}
	})
}
