package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/telegramtest"
)

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
	for name, tt := range map[string]struct {
		fault telegramtest.Fault
		cure  string
	}{
		"401":      {telegramtest.Unauthorized(), "Ask @BotFather for the right one"},
		"404":      {telegramtest.Status(404, "Not Found"), "Ask @BotFather for the right one"},
		"404 page": {telegramtest.ServerErrorHTML(404), "something else than the Bot API answers at TELEGRAM_API_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.Fail("getMe", -1, tt.fault)
				err := NewPoller(w.client, &clerk{}, NewSender(w.client, newShelf(), Hooks{}, w.log), "", w.log).Run(t.Context(), func(string) { t.Error("ready") })
				if !errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), tt.cure) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), secret) {
					t.Errorf("ended with %v", err)
				}
				if n := len(w.Calls()); n != 1 {
					t.Errorf("%d calls", n)
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

// After an outage the next poll that fails is made again as soon as the first one was.
func TestAPollThatSucceedsEndsTheBackOff(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.Fail("getUpdates", 12, telegramtest.ServerErrorHTML(502))
		w.poller(&clerk{})
		pass(10 * time.Minute)
		w.Fail("getUpdates", 1, telegramtest.ServerErrorHTML(502))
		pass(10 * time.Minute)
		polls := w.CallsTo("getUpdates")
		shortest := time.Hour
		for i, p := range polls[14:] {
			shortest = min(shortest, p.At.Sub(polls[13+i].At))
		}
		if shortest > 3*time.Second {
			t.Errorf("the poll after the one that failed comes after %v", shortest)
		}
	})
}
