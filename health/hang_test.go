package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
	"goalbot/message"
	"goalbot/store"
)

func TestACheckThatHangsIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		waiting := func() int {
			synctest.Wait()
			w.shelf.mu.Lock()
			defer w.shelf.mu.Unlock()
			return len(w.shelf.queued)
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Hour)
		if waiting() > 0 {
			t.Fatal("told of something while all was well")
		}
		w.file.hangs.begin()
		time.Sleep(12 * time.Minute)
		if waiting() > 0 {
			t.Fatal("told before two and a half intervals were over")
		}
		time.Sleep(time.Minute)
		if waiting() > 0 {
			t.Error("it is queued, where nobody may fetch it")
		}
		one(t, w.said, "🚨 goals.json is no longer being checked")
		w.file.hangs.end()
		time.Sleep(time.Minute)
		waiting()
		one(t, w.sends(t), "✅ goals.json is being checked again")
		stop()
		all.Wait()
	})
}

// On a frozen file system nobody was told of anything: whoever was to tell
// waited for the disk to keep that first.
func TestADiskThatHangsKeepsNobodyFromSayingSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var down atomic.Bool // the poll loop waits for the disk too
		w.polled = func() time.Time {
			if down.Load() {
				return time.Time{}
			}
			return time.Now()
		}
		say := w.say
		w.say = func(ctx context.Context, chat int64, m message.Message) (int64, error) {
			if w.mu.Lock(); len(w.heard) == 0 {
				t.Error("those who hear of it by other ways had to wait")
			}
			w.mu.Unlock()
			return say(ctx, chat, m)
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		w.forget()
		disk := []*hang{&w.file.hangs, &w.shelf.hangs, &w.note.hangs}
		for _, h := range disk {
			h.begin()
		}
		down.Store(true)
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		one(t, w.said, "🚨 goals.json is no longer being checked")
		if len(w.heard) == 0 || w.heard[0] != "check-silent" {
			t.Errorf("by other ways: %q", w.heard)
		}
		if got := waiting(w.Monitor); got != "firing check-silent" {
			t.Errorf("to be posted: %q", got)
		}
		if found := w.Found(); len(found) != 1 || found[0].Cause != alert.Silent {
			t.Errorf("it is found that %v", found)
		}
		for what, f := range map[string]func() string{
			"/health":    func() string { return w.Report(ctx).Text },
			"/testalert": func() string { return w.TestAlert(ctx).Text },
		} {
			began := time.Now()
			if text := f(); !strings.Contains(text, "A check has been running since 13:05:00") && !strings.Contains(text, "A check has been running since 01:05:00") || time.Since(began) > 10*time.Second {
				t.Errorf("%s says after %v: %s", what, time.Since(began), text)
			}
		}
		if _, err := w.Restore(ctx); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("restored: %v", err)
		}
		w.Mute(ctx, "1h")
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.said) > 1 && !strings.Contains(strings.Join(w.said[1:], ""), "Muted until") {
			t.Errorf("said %q", w.said[1:])
		}
		w.forget()
		for _, h := range disk {
			h.end()
		}
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		one(t, w.sends(t), "✅ goals.json is being checked again")
		time.Sleep(time.Minute)
		stop()
		all.Wait()
		if w.note.data != nil {
			t.Error("the state is still aside")
		}
		w.restart(t)
		w.check(t)
		if said := append(w.sends(t), w.said...); len(said) > 0 {
			t.Errorf("after a restart: %q", said)
		}
	})
}

// A database server that does not answer is told of within a minute, though the check
// waits for it too. What is said names the server, and not the disk.
func TestAServerThatDoesNotAnswerIsToldOfWhileTheCheckHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var silent, known atomic.Bool
		w.Immediate = []Source{Failing(mayFail(func() error {
			if silent.Load() {
				return fmt.Errorf("the server db.example.org does not answer; see that it runs: %w", store.ErrUnreachable)
			}
			return nil
		}), &Refused{Settings: w})}
		w.Sources = []Source{func(context.Context) (_ []alert.Finding, unsure []alert.Cause) {
			if !known.Load() {
				unsure = append(unsure, alert.PalaceUnwritable)
			}
			return nil, unsure
		}}
		healthz := func() string {
			rec := httptest.NewRecorder()
			Handler(time.Now(), time.Hour, w.polled, w, func(io.Writer) {}).ServeHTTP(rec, httptest.NewRequest("GET", "/healthz", nil))
			return rec.Body.String()
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Hour)
		synctest.Wait()
		w.forget()
		server := []*hang{&w.file.hangs, &w.shelf.hangs}
		for _, h := range server {
			h.begin()
		}
		silent.Store(true)
		time.Sleep(2*w.Limits.Watch + storeTime + returnTime)
		synctest.Wait()
		const found = "🚨 The bot's database cannot be written, so goals.json gets no changes\nThe server db.example.org does not answer; see that it runs"
		one(t, w.said, found)
		if len(w.heard) == 0 || w.heard[0] != "palace-unwritable" {
			t.Errorf("by other ways: %q", w.heard)
		}
		if got := waiting(w.Monitor); got != "firing palace-unwritable" {
			t.Errorf("to be posted: %q", got)
		}
		if body := healthz(); !strings.Contains(body, `"causes":["palace-unwritable"],"warnings":[],"unknown":[]`) {
			t.Errorf("/healthz says %s", body)
		}
		if text := w.Report(ctx).Text; !strings.Contains(text, "; the bot's database cannot be written. ") || !strings.Contains(text, "🚨 The bot's database cannot be written") || strings.Contains(text, "the disk") {
			t.Errorf("/health says %s", text)
		}
		time.Sleep(15*time.Minute + 5*time.Second) // now the check is late, too
		synctest.Wait()
		if text := strings.Join(w.said[1:], "\n"); !strings.HasPrefix(text, "🚨 goals.json is no longer being checked") || strings.Contains(text, "the disk") {
			t.Errorf("said after %q: %q", w.said[0], text)
		}
		w.forget()
		silent.Store(false)
		known.Store(true)
		for _, h := range server {
			h.end()
		}
		time.Sleep(2 * lookAgain) // before it is watched again
		synctest.Wait()
		if body := healthz(); !strings.HasPrefix(body, `{"ok":true,`) {
			t.Errorf("/healthz says %s", body)
		}
		time.Sleep(w.Limits.Watch)
		synctest.Wait()
		if said := w.sends(t); len(said) != 1 || !strings.HasPrefix(said[0], "✅ ") || !strings.Contains(said[0], "Also resolved: ") || strings.Contains(said[0], "Still wrong") {
			t.Errorf("when it is over, said %q", said)
		}
		stop()
		all.Wait()
	})
}

// mayFail is a palace that says whether it fails.
type mayFail func() error

func (f mayFail) Failing() error { return f() }

// What was queued before the disk began to hang is said too: nobody can read
// the outbox then.
func TestWhatWasQueuedWhenTheDiskBeganToHangIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var down atomic.Bool
		w.polled = func() time.Time {
			if down.Load() {
				return time.Time{}
			}
			return time.Now()
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		w.file.err = gone // before the first check
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Minute)
		synctest.Wait()
		w.shelf.hangs.begin()
		down.Store(true)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if len(w.said) == 0 || !strings.Contains(w.said[0], "goals.json is missing") {
			t.Errorf("said %q", w.said)
		}
		w.shelf.hangs.end()
		stop()
		all.Wait()
	})
}
