package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
	"goalbot/store"
	"goalbot/telegramtest"
)

func TestAnUpdateIsConfirmedOnlyAfterItsCommit(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		var updates []int64
		commit := make(chan struct{})
		c.before = func(_ context.Context, req handlers.Request) error {
			<-commit
			for _, id := range updates {
				if w.IsConfirmed(id) && strings.HasPrefix(req.Key, fmt.Sprintf("tg/%d/", id)) {
					t.Errorf("update %d is confirmed before its commit", id)
				}
			}
			return nil
		}
		for _, text := range []string{"/done 1", "/done 2", "/done 3"} {
			updates = append(updates, w.Say(w.Private(ann), ann, text).Update)
		}
		w.poller(c)
		for range updates {
			if n := w.Confirmed(); n != 0 {
				t.Errorf("%d updates are confirmed before all of the batch is committed", n)
			}
			commit <- struct{}{}
			synctest.Wait()
		}
		c.did(t, "done 1", "done 2", "done 3")
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

func TestWhatWasNotHandledIsNotConfirmed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{before: func(ctx context.Context, req handlers.Request) error {
			if req.Args == "2" {
				<-ctx.Done() // as a disk that does not answer
				return ctx.Err()
			}
			return nil
		}}
		first := w.Say(w.Private(ann), ann, "/done 1").Update
		second := w.Say(w.Private(ann), ann, "/done 2").Update
		_, stop := w.poller(c)
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if !w.IsConfirmed(first) || w.IsConfirmed(second) {
			t.Errorf("confirmed: %v and %v, want the first alone", w.IsConfirmed(first), w.IsConfirmed(second))
		}
		c.before = nil
		w.poller(c)
		c.did(t, "done 1", "done 2")
	})
}

func TestStoppingEndsALongPollAtOnceAndConfirmsWhatIsDone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		_, stop := w.poller(c)
		pass(17 * time.Second)
		if !w.Polling() {
			t.Fatal("there is no poll to be cut off")
		}
		began := time.Now()
		if err := stop(); err != nil || time.Since(began) >= time.Second {
			t.Errorf("stopped with %v after %v", err, time.Since(began))
		}

		// Soon after an update: the poll that is cut off has confirmed that one,
		// and a server that makes a repetition of it wait holds nobody up.
		_, stop = w.poller(c)
		id := w.Say(w.Private(ann), ann, "/done 0").Update
		pass(100 * time.Millisecond)
		began = time.Now()
		if err := stop(); err != nil || time.Since(began) >= 100*time.Millisecond || !w.IsConfirmed(id) {
			t.Errorf("stopped with %v after %v, confirmed %v", err, time.Since(began), w.IsConfirmed(id))
		}

		// In the middle of a commit: that is finished and confirmed.
		going := make(chan struct{})
		c.before = func(context.Context, handlers.Request) error {
			close(going)
			time.Sleep(2 * time.Second)
			return nil
		}
		id = w.Say(w.Private(ann), ann, "/done 1").Update
		w.Say(w.Private(ann), ann, "/done 2")
		_, stop = w.poller(c)
		<-going
		began = time.Now()
		if err := stop(); err != nil || time.Since(began) > 2100*time.Millisecond {
			t.Errorf("stopped with %v after %v", err, time.Since(began))
		}
		c.did(t, "done 0", "done 1")
		if !w.IsConfirmed(id) || w.Pending() != 1 {
			t.Errorf("confirmed %v, pending %d", w.IsConfirmed(id), w.Pending())
		}

		// A Telegram that does not answer keeps nobody from stopping.
		c.before = nil
		_, stop = w.poller(c)
		w.Fail("", -1, telegramtest.Hang())
		w.Say(w.Private(ann), ann, "/done 3")
		synctest.Wait()
		began = time.Now()
		if stop(); time.Since(began) > time.Second {
			t.Errorf("stopped after %v", time.Since(began))
		}
	})
}

func TestNothingTakesEffectTwice(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		_, stop := w.poller(c)
		first := w.Say(w.Private(ann), ann, "/addgoal a")
		w.Say(w.Private(ann), ann, "words")
		tap := w.TapForged(w.Private(ann), ann, first.ID, "done 1")
		if _, err := w.Edit(w.Private(ann), ann, first.ID, "/addgoal b"); err != nil {
			t.Fatal(err)
		}
		want := []string{"addgoal a", "words", "done 1", "addgoal b"}
		c.did(t, want...)
		for n := range 4 { // also out of order, and beside something new
			w.Redeliver(4 - n)
			text := fmt.Sprint("new ", n)
			w.Say(w.Private(ann), ann, text)
			want = append(want, text)
			pass(5 * time.Second)
			c.did(t, want...)
		}
		stop()
		w.Redeliver(8)
		w.poller(c) // a new one remembers nothing
		pass(5 * time.Second)
		c.did(t, want...)
		if !tap.Answered() || w.Pending() != 0 {
			t.Errorf("answered %v, pending %d", tap.Answered(), w.Pending())
		}
	})
}

func TestIDsThatStartAnew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.poller(c)
		first := w.Say(w.Private(ann), ann, "one").Update
		want := []string{"one"}
		for i, next := range []int64{5, 2_000_000_000, first, 77, first} { // lower, higher, used before
			pass(8 * 24 * time.Hour / 100)
			w.RestartIDs(next)
			for j := range 3 {
				text := fmt.Sprintf("%d.%d", i, j)
				w.Say(w.Private(ann), ann, text)
				want = append(want, text)
				pass(2 * time.Second)
			}
		}
		c.did(t, want...)
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

func TestAnOffsetIsForgottenBeforeTheIDsStartAnew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := NewPoller(w.client, &clerk{}, NewSender(w.client, newShelf(), Hooks{}, w.log), "", w.log)
		w.Fail("getUpdates", -1, telegramtest.EmptyAtOnce())
		for _, tt := range []struct {
			awake, wall time.Duration // that have gone by
			want        string
		}{
			{idsLast - time.Hour, idsLast - time.Hour, "41"},
			{idsLast + time.Hour, idsLast + time.Hour, ""},
			{time.Hour, idsLast + time.Hour, ""},              // the machine slept
			{idsLast + time.Hour, -30 * 24 * time.Hour, ""},   // the clock was set back
			{idsLast - time.Hour, -30 * 24 * time.Hour, "41"}, // and that alone says nothing
			{time.Minute, idsLast - time.Hour, "41"},          // asleep, not so long
		} {
			then := now()
			p.offset, p.moved = 41, instant{then.awake.Add(-tt.awake), then.wall.Add(-tt.wall)}
			want := tt.want
			if _, err := p.poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			calls := w.CallsTo("getUpdates")
			if got := calls[len(calls)-1].Params["offset"]; got != want {
				t.Errorf("after %v awake and %v by the clock the offset is %q, want %q", tt.awake, tt.wall, got, want)
			}
		}
	})
}

func TestNoServerMakesThePollerSpin(t *testing.T) {
	ours := `{"update_id":9,"message":{"message_id":1,"date":1,"from":{"id":1001},"chat":{"id":1001,"type":"private"},"text":"/done 1"}}`
	for name, result := range map[string]string{
		"nothing":              `[]`,
		"null":                 `null`,
		"the same command":     `[` + ours + `]`,
		"the same stranger":    `[` + strings.ReplaceAll(ours, "1001", "6666") + `]`,
		"the same of no kind":  `[{"update_id":9,"poll_answer":{}}]`,
		"an update of nothing": `[null]`,
		"one without an id":    `[{"message":{"text":5}}]`,
		"no object":            `["x", 5]`,
		"an id out of range":   `[{"update_id":9223372036854775807}, {"update_id":-5}, {"update_id":1e99}]`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := &clerk{}
				w.Fail("getUpdates", -1, telegramtest.Answer(200, `{"ok":true,"result":`+result+`}`))
				p, _ := w.poller(c)
				pass(time.Minute)
				if n := len(w.CallsTo("getUpdates")); n < 5 || n > 65 {
					t.Errorf("%d polls in a minute", n)
				}
				if name == "the same command" {
					c.did(t, "done 1")
				}
				if age := time.Since(p.client.Polling.Polled()); age > 2*time.Second {
					t.Errorf("last polled %v ago", age)
				}
				w.Heal("")
				w.Say(w.Private(ann), ann, "still here")
				pass(2 * time.Second)
				if done := c.list(&c.done); done[len(done)-1] != "still here" {
					t.Errorf("stalled after it: %q", done)
				}
			})
		})
	}
	t.Run("empty at once", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.Fail("getUpdates", -1, telegramtest.EmptyAtOnce())
			w.poller(&clerk{})
			pass(time.Minute)
			if n := len(w.CallsTo("getUpdates")); n < 30 || n > 65 {
				t.Errorf("%d polls in a minute", n)
			}
		})
	})
}

func TestABurstIsNotSlowedDown(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		var want []string
		for i := range 250 {
			w.Say(w.Private(ann), ann, fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		w.poller(c)
		c.did(t, want...)
	})
}

func TestWhatCannotBeHandledDoesNotBlockTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			if req.Args == "panic" {
				panic("an odd request")
			}
			if req.Args == "error" {
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
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
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

func TestEveryFailureOfAPollIsWaitedOutAndPasses(t *testing.T) {
	for name, tt := range map[string]struct {
		fault telegramtest.Fault
		most  int // polls in the first ten minutes
	}{
		"502":          {telegramtest.ServerErrorHTML(502), 100},
		"eof":          {telegramtest.EOF(), 100},
		"cut":          {telegramtest.CutBody(), 100},
		"hang":         {telegramtest.Hang(), 20},
		"401":          {telegramtest.Unauthorized(), 12},
		"404":          {telegramtest.Status(404, "Not Found"), 12},
		"404 page":     {telegramtest.ServerErrorHTML(404), 12},
		"409":          {telegramtest.Conflict409(), 70},
		"429":          {telegramtest.TooManyRequests(50), 13},
		"429 bare":     {telegramtest.Status(429, "Too Many Requests"), 125},
		"500":          {telegramtest.Status(500, "Internal Server Error"), 100},
		"portal":       {telegramtest.Answer(200, "<html>Please log in</html>"), 100},
		"redirect":     {telegramtest.Answer(302, ""), 100},
		"not ok":       {telegramtest.Answer(200, `{"ok":false}`), 100},
		"no result":    {telegramtest.Answer(200, `{"ok":true}`), 100},
		"odd result":   {telegramtest.Answer(200, `{"ok":true,"result":{"a":1}}`), 100},
		"array":        {telegramtest.Answer(200, `[]`), 100},
		"empty":        {telegramtest.Answer(200, ``), 100},
		"slow":         {telegramtest.SlowBody(time.Minute), 20},
		"unknown text": {telegramtest.Status(400, "Bad Request: whatever"), 100},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := &clerk{}
				p, _ := w.poller(c)
				w.Say(w.Private(ann), ann, "before")
				synctest.Wait()
				polled := p.client.Polling.Polled()
				if name == "slow" {
					w.Fail("", -1, telegramtest.SlowBody(time.Minute))
				} else {
					w.Fail("getUpdates", -1, tt.fault)
				}
				pass(time.Minute) // the poll that waits ends
				before := len(w.CallsTo("getUpdates"))
				pass(10 * time.Minute)
				if n := len(w.CallsTo("getUpdates")) - before; n < 5 || n > tt.most {
					t.Errorf("%d polls in ten minutes", n)
				}
				if p.client.Polling.Polled().Sub(polled) > time.Minute {
					t.Error("a failed poll counts as one")
				}
				w.Heal("")
				w.Say(w.Private(ann), ann, "after")
				pass(2 * time.Minute)
				c.did(t, "before", "after")
				if time.Since(p.client.Polling.Polled()) > 3*time.Minute {
					t.Error("a good poll does not count")
				}
			})
		})
	}
}

func TestARefusedConnectionIsWaitedOut(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.pipe.down.Store(true)
		c := &clerk{}
		w.poller(c) // a start without a network is no reason to end
		w.Say(w.Private(ann), ann, "hello")
		pass(24*time.Hour - time.Minute)
		w.pipe.down.Store(false)
		pass(time.Minute)
		c.did(t, "hello")
	})
}

func TestConflictsBackOffFromFiveToThirtySeconds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.Fail("getUpdates", 20, telegramtest.Conflict409())
		w.poller(&clerk{})
		pass(20 * time.Minute)
		calls := w.CallsTo("getUpdates")
		for i := range 20 {
			gap := calls[i+1].At.Sub(calls[i].At)
			if gap < 5*time.Second || gap > 34*time.Second || i > 12 && gap < 14*time.Second {
				t.Errorf("poll %d comes %v after the one before", i+1, gap)
			}
		}
		if !strings.Contains(w.lines.String(), "somebody else polls with this token") {
			t.Error("the log does not say what to do")
		}
	})
}

func TestAWebhookIsRemoved(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		if _, err := w.client.call(t.Context(), "setWebhook", tgbotapi.Params{"url": "https://example.org/hook"}, callDeadline); err != nil {
			t.Fatal(err)
		}
		c := &clerk{}
		w.poller(c)
		w.Say(w.Private(ann), ann, "hello")
		pass(10 * time.Second)
		c.did(t, "hello")
	})
}

func TestARejectedTokenEndsTheProgramAtTheStartOnly(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"401":      telegramtest.Unauthorized(),
		"404":      telegramtest.Status(404, "Not Found"),
		"404 page": telegramtest.ServerErrorHTML(404),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.Fail("getMe", -1, fault)
				err := NewPoller(w.client, &clerk{}, NewSender(w.client, newShelf(), Hooks{}, w.log), "", w.log).Run(t.Context(), func(string) { t.Error("ready") })
				if !errors.Is(err, ErrRejected) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), secret) {
					t.Errorf("ended with %v", err)
				}
				if n := len(w.Calls()); n != 1 {
					t.Errorf("%d calls", n)
				}
			})
		})
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

func TestRetryAfterIsKeptAndBounded(t *testing.T) {
	flood := func(n int) *tgbotapi.Error {
		return &tgbotapi.Error{ResponseParameters: tgbotapi.ResponseParameters{RetryAfter: n}}
	}
	for n, most := range map[int]time.Duration{1: 1200 * time.Millisecond, 60: 70 * time.Second, 35_000: 11 * time.Hour, 1 << 60: 26 * time.Hour} {
		want := time.Duration(min(n, 24*60*60)) * time.Second
		if got := retryAfter(flood(n)); got < want || got > most {
			t.Errorf("retry_after %d waits %v", n, got)
		}
	}
	for _, e := range []*tgbotapi.Error{nil, flood(0), flood(-3), {Code: http.StatusTooManyRequests}} {
		if got := retryAfter(e); got < time.Second {
			t.Errorf("%v waits %v", e, got)
		}
	}
}

// The service message comes from an anonymous administrator; nobody else could
// say it.
func TestAGroupIsFollowedWhenItSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		p := NewPoller(w.client, &clerk{}, NewSender(w.client, o, Hooks{}, w.log), "", w.log)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, func(string) {}) }()
		w.Group(-4001, "Club", telegramtest.BasicGroup, ann)
		w.MigrateGroup(-4001, -1001234567890)
		pass(time.Minute)
		if o.moved != 1 {
			t.Errorf("moved %d times", o.moved)
		}
		stop()
		<-ended
	})
}
