package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/handlers"
	"goalbot/store"
	"goalbot/telegramtest"
)

func TestWhatCannotBeHandledDoesNotBlockTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		tries := 0
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			if req.Args == "panic" {
				panic("an odd request")
			}
			if req.Args == "error" {
				tries++
				return errors.New("broken")
			}
			return nil
		}}
		w.poller(c)
		for _, text := range []string{
			`{"message":{"date":"x","message_id":1}}`, `{"message":[]}`, `{"message":null}`, `{"callback_query":5}`,
			`{"edited_message":{"chat":7}}`, `{"from_the_future":{"a":[1,2]}}`, `{}`, `{"message":{"from":{"id":1e99}}}`,
			`{"callback_query":{"id":"1","from":{"id":1001},"data":""}}`,
		} {
			w.Push(raw(text))
		}
		w.Say(w.Private(ann), ann, "/done panic")
		w.Say(w.Private(ann), ann, "/done error")
		w.Say(w.Private(ann), ann, "/done 1")
		pass(10 * time.Second)
		c.did(t, "done 1")
		if got := strings.Join(c.list(&c.failed), ", "); got != "done panic, done error" {
			t.Errorf("given up: %s", got)
		}
		if tries != 3 {
			t.Errorf("tried %d times", tries)
		}
		w.delivered(ann.ID) // what was given up is answered in the outbox
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

// silent is a clerk whose outbox takes no word about what was given up.
type silent struct {
	*clerk
	err error
}

func (s silent) Failed(context.Context, handlers.Request) error { return s.err }

// What was given up is told past the outbox where that fails, too, unless it was told
// before. Red where nobody asks whether the outbox took it.
func TestWhatWasGivenUpIsToldWhateverTheOutboxDoes(t *testing.T) {
	for err, want := range map[error][]string{
		errors.New("out of order"): {handlers.GivenUp(handlers.Request{Name: "done"}).Text},
		store.ErrRepeat:            nil,
	} {
		bubble(t, func(t *testing.T, w *world) {
			broken := &clerk{before: func(context.Context, handlers.Request) error { return errors.New("broken") }}
			w.poller(silent{broken, err})
			w.Say(w.Private(ann), ann, "/done 1")
			pass(time.Minute)
			w.delivered(ann.ID, want...)
			if w.Pending() != 0 {
				t.Errorf("%v: %d updates are not confirmed", err, w.Pending())
			}
		})
	}
}

// aghast panics where only the poller can catch it.
type aghast struct{ clerk }

func (a *aghast) Member(user int64) bool {
	if user == eve.ID {
		panic("no such person")
	}
	return a.clerk.Member(user)
}

func TestAPanicOutsideOfACommandDoesNotBlockTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := &aghast{}
		w.poller(a)
		w.Say(w.Private(eve), eve, "/start")
		w.Say(w.Private(ann), ann, "/done 1")
		a.did(t, "done 1")
	})
}

// What the outbox has no room for is said past it, once: the request is done.
func TestWhatTheOutboxHasNoRoomForIsSaidAllTheSame(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		c.before = func(_ context.Context, req handlers.Request) error {
			if err := c.note(&c.done, req); err != nil {
				return err
			}
			return &handlers.Unsaid{Chats: []handlers.Chat{{ID: ann.ID, Private: true}}, Message: handlers.NotSaved(store.ErrFull), Err: store.ErrFull}
		}
		w.Say(w.Private(ann), ann, "/done 1")
		w.poller(c)
		w.Redeliver(1)
		pass(time.Minute)
		c.did(t, "done 1")
		w.delivered(ann.ID, handlers.NotSaved(store.ErrFull).Text)
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

func TestACommitOfUnknownOutcomeIsTriedUntilItIsKnown(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		fails := 20
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			if fails--; fails >= 0 {
				return fmt.Errorf("commit: %w", store.ErrUnknown)
			}
			return nil
		}}
		w.poller(c)
		id := w.Say(w.Private(ann), ann, "/done 1").Update
		w.Say(w.Private(ann), ann, "/done 2")
		pass(20 * time.Second)
		if failed := c.list(&c.failed); w.IsConfirmed(id) || len(failed) > 0 {
			t.Errorf("confirmed %v, given up %q, before it is known", w.IsConfirmed(id), failed)
		}
		pass(10 * time.Minute)
		c.did(t, "done 1", "done 2")
	})
}

// A database on a server comes back: until then a command is neither confirmed nor given up,
// and the person is told once.
func TestACommandIsTriedUntilTheStoreCanBeReached(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		fails := 50
		c := &clerk{before: func(context.Context, handlers.Request) error {
			if fails--; fails >= 0 {
				return fmt.Errorf("write: %w", store.ErrUnreachable)
			}
			return nil
		}}
		w.poller(c)
		id := w.Say(w.Private(ann), ann, "/done 1").Update
		w.Say(w.Private(ann), ann, "/done 2")
		pass(time.Minute)
		w.delivered(ann.ID, handlers.Unreachable().Text)
		if failed := c.list(&c.failed); w.IsConfirmed(id) || len(failed) > 0 {
			t.Errorf("confirmed %v, given up %q, before it could be saved", w.IsConfirmed(id), failed)
		}
		pass(20 * time.Minute)
		c.did(t, "done 1", "done 2")
		w.delivered(ann.ID, handlers.Unreachable().Text)
	})
}

// Broken on purpose, and what went red: one try to say it,
// TestAFullDiskIsToldWhateverTelegramDoes; forgetting that a try was unknown,
// TestNothingIsSaidOfACommandBeforeItIsKnown; saying nothing of what cannot be
// read, TestWhoSentWhatCannotBeReadIsTold.

func TestAFullDiskIsToldAtOnceWithoutTheOutbox(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{before: func(context.Context, handlers.Request) error { return fmt.Errorf("commit: %w", store.ErrFull) }}
		w.poller(c)
		w.Say(w.Private(ann), ann, "/done 1")
		synctest.Wait()
		if got := w.texts(ann.ID); len(got) != 1 || w.Pending() != 0 {
			t.Errorf("said %q, pending %d", got, w.Pending())
		}
	})
}

// What was not saved was once told in one call: if that failed, a command had
// neither an effect nor an answer.
func TestAFullDiskIsToldWhateverTelegramDoes(t *testing.T) {
	full := func(context.Context, handlers.Request) error { return fmt.Errorf("commit: %w", store.ErrFull) }
	for name, fault := range map[string]telegramtest.Fault{"502": telegramtest.ServerErrorHTML(502), "429": telegramtest.TooManyRequests(3), "eof": telegramtest.EOF(), "hang": telegramtest.Hang()} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.Fail("sendMessage", 3, fault)
				said := w.Say(w.Private(ann), ann, "/done 1").Update
				w.poller(&clerk{before: full})
				pass(2 * time.Second)
				if w.IsConfirmed(said) {
					t.Error("it is confirmed before it is told")
				}
				pass(5 * time.Minute)
				w.delivered(ann.ID, handlers.NotSaved(store.ErrFull).Text)
				if w.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", w.Pending())
				}
			})
		})
	}
	t.Run("at Telegram's pace", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.LimitRates(true)
			for i := range 60 {
				w.Say(w.Private(ann), ann, fmt.Sprintf("/done %d", i))
			}
			w.poller(&clerk{before: full})
			pass(time.Hour)
			if got := len(w.texts(ann.ID)); got != 60 || w.Pending() != 0 {
				t.Errorf("told %d times of 60, pending %d", got, w.Pending())
			}
		})
	})
	t.Run("a chat that refuses", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.Fail("sendMessage", -1, telegramtest.Blocked())
			w.Say(w.Private(ann), ann, "/done 1")
			w.poller(&clerk{before: full})
			pass(time.Minute)
			if w.Pending() != 0 {
				t.Errorf("%d updates wait behind it", w.Pending())
			}
		})
	})
}

// A commit of unknown outcome was once followed by a full disk, of which it was
// said that nothing was changed; the next start found the change in the log of
// the palace.
func TestNothingIsSaidOfACommandBeforeItIsKnown(t *testing.T) {
	for name, after := range map[string]error{"a full disk": store.ErrFull, "another error": errors.New("odd")} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				fails := 20
				c := &clerk{before: func(context.Context, handlers.Request) error {
					fails--
					switch {
					case fails == 19:
						return fmt.Errorf("commit: %w", store.ErrUnknown)
					case fails >= 0:
						return fmt.Errorf("commit: %w", after)
					}
					return nil
				}}
				p, _ := w.poller(c)
				began := time.Now()
				w.Say(w.Private(ann), ann, "/done 1")
				pass(5 * time.Second)
				w.delivered(ann.ID, handlers.NotKnown().Text)
				if w.Pending() == 0 {
					t.Error("it is confirmed before it is known")
				}
				if !p.client.Polling.Busy().Equal(began) {
					t.Errorf("busy since %v, want %v", p.client.Polling.Busy(), began)
				}
				pass(5 * time.Minute)
				if !p.client.Polling.Busy().IsZero() {
					t.Error("busy with nothing")
				}
				c.did(t, "done 1")
				w.delivered(ann.ID, handlers.NotKnown().Text)
				if len(c.list(&c.failed)) > 0 || w.Pending() != 0 {
					t.Errorf("given up %q, pending %d", c.list(&c.failed), w.Pending())
				}
			})
		})
	}
}

func TestWhoSentWhatCannotBeReadIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.poller(c)
		odd := func(from, chat int64, kind string) string {
			return fmt.Sprintf(`{"message_id":1,"date":1,"from":{"id":%d},"chat":{"id":%d,"type":%q},"text":"/done 1","forward_origin":"x"}`, from, chat, kind)
		}
		w.Push(raw(`{"message":` + odd(ann.ID, ann.ID, "private") + `}`))
		w.Push(raw(`{"edited_message":` + odd(ann.ID, ann.ID, "private") + `}`))
		w.Push(raw(fmt.Sprintf(`{"callback_query":{"id":"7","data":5,"from":{"id":%d},"message":%s}}`, ann.ID, odd(1, -4001, "group"))))
		pass(time.Minute)
		if n := len(c.list(&c.failed)); n != 3 {
			t.Errorf("%d of 3 are answered", n)
		}
		// In a group it need not be meant for us, and strangers hear nothing.
		w.Push(raw(`{"message":` + odd(ann.ID, -4001, "group") + `}`))
		w.Push(raw(`{"message":` + odd(eve.ID, eve.ID, "private") + `}`))
		w.Push(raw(`{"message":7}`))
		pass(time.Minute)
		if n := len(c.list(&c.failed)); n != 3 || w.Pending() != 0 {
			t.Errorf("%d are answered, %d pend", n, w.Pending())
		}
		c.did(t)
	})
}

// doubtful is a clerk whose commits of several commands together end nobody knows how.
type doubtful struct{ *clerk }

func (doubtful) Batch(context.Context, []handlers.Request) (int, error) {
	return 0, fmt.Errorf("commit: %w", store.ErrUnknown)
}

// Commands that came together may have taken effect. Then each is tried by itself, and
// the disk is full: nobody is told that nothing was changed. Red where what the commit
// of all said is forgotten.
func TestNobodyIsToldThatNothingChangedAfterACommitOfManyInDoubt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var full atomic.Bool
		full.Store(true)
		c := &clerk{before: func(context.Context, handlers.Request) error {
			if full.Load() {
				return fmt.Errorf("commit: %w", store.ErrFull)
			}
			return nil
		}}
		for i := range 3 {
			w.Say(w.Private(ann), ann, fmt.Sprint("/done ", i))
		}
		w.poller(doubtful{c})
		pass(5 * time.Minute)
		if said := w.texts(ann.ID); !slices.Equal(said, []string{handlers.NotKnown().Text}) {
			t.Errorf("it says %q", said)
		}
		full.Store(false)
		pass(5 * time.Minute)
		c.did(t, "done 0", "done 1", "done 2")
	})
}
