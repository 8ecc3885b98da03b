package health

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/alert"
	"goalbot/cache"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// What a check of goals.json may return.
var (
	gone           = &cache.MissingError{Path: "goals.json"}
	differing      = &cache.MergeError{Path: "goals.json", Err: errors.New("no")}
	malformed      = &cache.SerdeError{Path: "goals.json", Err: &goaljson.Error{Problem: "no"}}
	unreadableFile = &cache.IOError{Op: "read", Path: "goals.json", Err: errors.New("no")}
)

// ward is a monitor and what it works with, all of which the test may change
// while nothing runs.
type ward struct {
	*Monitor
	file   *patient
	shelf  *shelf
	note   *note
	chats  func() []int64
	polled func() time.Time
	say    func(context.Context, int64, message.Message) (int64, error)
	values settings.Values
	deaf   bool // nobody takes posts

	mu    sync.Mutex // guards what follows
	said  []string   // directly
	heard []string   // the causes, by other ways
}

// Values implements [Settings].
func (w *ward) Values() settings.Values { return w.values }

// AlertChats implements [Recipients].
func (w *ward) AlertChats() []int64 { return w.chats() }

// Posting implements [Listener].
func (w *ward) Posting() bool { return !w.deaf }

// Heard implements [Listener].
func (w *ward) Heard(found []alert.Finding, _ []alert.Cause) {
	var causes []string
	for _, f := range found {
		causes = append(causes, string(f.Cause))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, strings.Join(causes, " "))
}

// wire implements [Telegram].
type wire struct{ *ward }

func (w wire) Polled() time.Time { return w.polled() }

func (w wire) Say(ctx context.Context, chat int64, m message.Message) (int64, error) {
	return w.say(ctx, chat, m)
}

// forget forgets what was said and heard until now.
func (w *ward) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said, w.heard = nil, nil
}

func newWard(t *testing.T) *ward {
	w := &ward{file: &patient{}, shelf: &shelf{records: map[string]string{}}, note: &note{}, polled: time.Now,
		chats:  func() []int64 { return []int64{chat} },
		values: settings.Values{Zone: time.UTC, Repeat: 6 * time.Hour, Ring: settings.RingEverything},
	}
	w.say = func(_ context.Context, _ int64, m message.Message) (int64, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, m.Text)
		return int64(len(w.said)), nil
	}
	w.restart(t)
	return w
}

// restart is a program that begins with what the one before it has kept.
func (w *ward) restart(t *testing.T) {
	w.begin(Config{Schedule: mustParse(t, "@every 5m")})
}

// begin makes another monitor.
func (w *ward) begin(c Config) {
	c.Limits, c.Settings, c.Recipients, c.Telegram, c.Listener, c.Fallback = DefaultLimits(), w, w, wire{w}, w, w.note
	w.Monitor = NewMonitor(w.file, w.shelf, c, slog.New(slog.DiscardHandler))
}

// sends empties the outbox as a sender does, and returns what it has sent.
func (w *ward) sends(t *testing.T) (said []string) {
	t.Helper()
	for {
		w.shelf.mu.Lock()
		if len(w.shelf.queued) == 0 {
			w.shelf.mu.Unlock()
			return said
		}
		m := w.shelf.queued[0]
		w.shelf.queued = w.shelf.queued[1:]
		w.shelf.mu.Unlock()
		body, ours, ok, err := w.Compose(t.Context(), m)
		if err != nil || !ours {
			t.Fatal(ours, err)
		}
		if ok {
			words, _ := message.Decode(body)
			if words.Edit == 0 {
				said = append(said, words.Text)
			}
			w.shelf.mu.Lock()
			w.shelf.records[string(store.SentRecord)+"|"+message.SentName(words.Tag, chat)] = "5"
			w.shelf.mu.Unlock()
		}
		w.Gone(m, false)
	}
}

func (w *ward) check(t *testing.T) {
	t.Helper()
	_, _ = w.Check(t.Context())
}

func one(t *testing.T, said []string, begins string) {
	t.Helper()
	if len(said) != 1 || !strings.HasPrefix(said[0], begins) {
		t.Errorf("said %q, want one that begins with %q", said, begins)
	}
}

func mustParse(t *testing.T, spec string) schedule.Schedule {
	t.Helper()
	s, err := schedule.Parse(spec, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const chat = 7
