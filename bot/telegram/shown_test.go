package telegram

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/progress"
	"goalbot/store"
	"goalbot/telegramtest"
)

// slowLine sends what a call holds at a megabyte a second.
type slowLine struct{ http.RoundTripper }

type slowBody struct{ io.ReadCloser }

func (r slowLine) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "Document") {
		req.Body = slowBody{req.Body}
	}
	return r.RoundTripper.RoundTrip(req)
}

func (b slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	time.Sleep(time.Duration(n) * time.Microsecond)
	return n, err
}

// told are the calls that show in a chat how long work goes on, since began.
func (w *world) told(began time.Time) (all []string) {
	for _, c := range w.Calls() {
		switch c.Method {
		case "sendChatAction":
			all = append(all, fmt.Sprintf("%v %s", c.At.Sub(began).Round(time.Second), c.Params["action"]))
		case "sendMessage", "editMessageText":
			all = append(all, fmt.Sprintf("%v %s %s", c.At.Sub(began).Round(time.Second), strings.TrimSuffix(c.Method, "Message"), c.Params["text"]))
		}
	}
	return all
}

// Broken on purpose: no action before the file is made, no count, a count that is
// sent anew each time, and a reader that says nothing.
func TestAFileOnItsWayIsShown(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.client.http.Transport = slowLine{w.client.http.Transport}
		o := newShelf()
		w.senderWith(o, Hooks{Render: func(_ context.Context, _ store.Message, m message.Message) (message.Message, bool, error) {
			time.Sleep(500 * time.Millisecond)
			made := new(message.Text).Add("All goals").Message()
			made.Document = message.NewDocument("goals.json", bytes.Repeat([]byte("x"), 6_000_000))
			return m.Rendered(made), true, nil
		}})
		pass(time.Minute)
		began := time.Now()
		o.put(ann.ID, message.Message{Render: "export"})
		pass(time.Minute)
		want := []string{
			"0s upload_document", "2s send Sending the file: 2 of 6 MB", "4s upload_document",
			"5s editMessageText Sending the file: 5 of 6 MB", "7s editMessageText Sending the file: 6 of 6 MB",
		}
		if got := w.told(began); !slices.Equal(got, want) {
			t.Errorf("it shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// Broken on purpose: typing after a second, as for other commands, and no count.
func TestAnImportIsShown(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.poller(&clerk{before: func(ctx context.Context, _ handlers.Request) error {
			for done := range int64(7) {
				progress.Report(ctx, progress.Saving, (done+1)*1000, 7000)
				time.Sleep(900 * time.Millisecond)
			}
			return nil
		}})
		pass(time.Minute)
		began := time.Now()
		w.Say(w.Private(ann), ann, "/import yes 1")
		pass(time.Minute)
		want := []string{
			"0s typing", "2s send Saving: 3000 of 7000 goals", "4s typing", "5s editMessageText Saving: 6000 of 7000 goals",
			"6s editMessageText Saving: 7000 of 7000 goals",
		}
		if got := w.told(began); !slices.Equal(got, want) {
			t.Errorf("it shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// What is done within two seconds says nothing of how far it came.
func TestQuickWorkIsNotCounted(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.poller(&clerk{before: func(ctx context.Context, _ handlers.Request) error {
			progress.Report(ctx, progress.Saving, 1, 6000)
			time.Sleep(1900 * time.Millisecond)
			return nil
		}})
		pass(time.Minute)
		w.Say(w.Private(ann), ann, "/import yes 1")
		pass(time.Minute)
		if n := len(w.CallsTo("sendMessage")); n > 0 {
			t.Errorf("%d messages", n)
		}
	})
}

// A few goals that a server keeps waiting are not counted: "Saving: 1 of 1 goal" told
// nobody anything, and stayed in the chat.
func TestFewGoalsAreNotCounted(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.poller(&clerk{before: func(ctx context.Context, _ handlers.Request) error {
			progress.Report(ctx, progress.Saving, 1, leastSaved-1)
			time.Sleep(10 * time.Second)
			return nil
		}})
		pass(time.Minute)
		w.Say(w.Private(ann), ann, "/import yes 1")
		pass(time.Minute)
		if n := len(w.CallsTo("sendMessage")); n > 0 {
			t.Errorf("%d messages", n)
		}
	})
}

// A file that breaks off and is sent again is counted in one message. Broken on
// purpose: a count of its own for each try.
func TestTriesOfOneFileAreCountedInOneMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.client.http.Transport = slowLine{w.client.http.Transport}
		w.Fail("sendDocument", 1, telegramtest.Status(500, "Internal Server Error"))
		o := newShelf()
		w.sender(o)
		m := new(message.Text).Add("All goals").Message()
		m.Document = message.NewDocument("goals.json", bytes.Repeat([]byte("x"), 6_000_000))
		o.put(ann.ID, m)
		pass(10 * time.Minute)
		w.delivered(ann.ID, "Sending the file: 6 of 6 MB", "All goals")
	})
}

// The last word of a try that broke off is on its way while the next try counts. The
// next one waits for it; with a mutex this test never ends, since a bubble's clock
// stands still while a goroutine waits for one.
func TestTheNextTryWaitsForTheLastWord(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		work := w.client.showing(ann.ID, w.log)
		work.report(progress.Sending, 1e6, 9e6)
		work.say(t.Context(), 0, true)
		work.report(progress.Sending, 2e6, 9e6)
		w.Fail("editMessageText", 1, telegramtest.Hang())
		last, cancel := context.WithTimeout(t.Context(), countEvery)
		defer cancel()
		go work.say(last, 0, false)
		synctest.Wait()
		work.report(progress.Sending, 3e6, 9e6)
		if !work.say(t.Context(), 0, true) {
			t.Error("the next try does not count")
		}
		w.delivered(ann.ID, "Sending the file: 3 of 9 MB")
	})
}
