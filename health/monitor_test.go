package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
	"goalbot/cache"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// hang is what a disk does that neither works nor fails.
type hang struct{ atomic.Pointer[chan struct{}] }

func (h *hang) begin() {
	until := make(chan struct{})
	h.Store(&until)
}

func (h *hang) end() { close(*h.Swap(nil)) }

func (h *hang) wait() {
	if until := h.Load(); until != nil {
		<-*until
	}
}

// shelf is a store that keeps records and messages, and may refuse to.
type shelf struct {
	store.Store
	hangs   hang
	mu      sync.Mutex
	records map[string]string
	queued  []store.Message
	broken  error
	during  func() // called in every update
	full    bool   // too much waits to be sent
}

func (s *shelf) View(_ context.Context, f func(store.Tx) error) error {
	s.hangs.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&shelfTx{shelf: s, records: s.records})
}

func (s *shelf) Update(_ context.Context, _ store.Origin, f func(store.Tx) error) error {
	s.hangs.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.during != nil {
		s.during()
	}
	if s.broken != nil {
		return s.broken
	}
	tx := &shelfTx{shelf: s, records: maps.Clone(s.records)}
	if err := f(tx); err != nil {
		return err
	}
	s.records, s.queued = tx.records, append(s.queued, tx.sent...)
	return nil
}

func (s *shelf) Depth(context.Context) (store.Depth, error) {
	s.hangs.wait()
	return store.Depth{}, nil
}

type shelfTx struct {
	store.Tx
	*shelf
	records map[string]string
	sent    []store.Message
}

func (t *shelfTx) Record(kind store.Kind, name string) (string, error) {
	return t.records[string(kind)+"|"+name], nil
}

func (t *shelfTx) Records(kind store.Kind) (map[string]string, error) {
	found := map[string]string{}
	for key, value := range t.records {
		if name, ok := strings.CutPrefix(key, string(kind)+"|"); ok {
			found[name] = value
		}
	}
	return found, nil
}

func (t *shelfTx) SetRecord(kind store.Kind, name, value string) error {
	t.records[string(kind)+"|"+name] = value
	if value == "" {
		delete(t.records, string(kind)+"|"+name)
	}
	return nil
}

func (t *shelfTx) Send(m store.Message) error {
	if t.full {
		return fmt.Errorf("%w: 10000 messages wait", store.ErrOutboxFull)
	}
	t.sent = append(t.sent, m)
	return nil
}

type note struct {
	hangs hang
	mu    sync.Mutex
	data  []byte
}

func (n *note) Load() ([]byte, error) {
	n.hangs.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.data, nil
}

func (n *note) Save(data []byte) error {
	n.hangs.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.data = data
	return nil
}

// patient is a file with a fault.
type patient struct {
	mu    sync.Mutex
	err   error
	looks func() // called in every look
	hangs hang
}

func (*patient) Path() string { return "/data/sm/goals.json" }
func (p *patient) Check(context.Context) error {
	p.hangs.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.looks != nil {
		p.looks()
	}
	return p.err
}
func (p *patient) Restore(context.Context) (string, error) {
	p.hangs.wait()
	return "", nil
}

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

func TestAKillLosesAndDoublesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		w.check(t)
		w.restart(t) // between queueing and sending
		w.check(t)
		if n := len(w.shelf.queued); n != 2 {
			t.Fatalf("%d messages are queued", n) // the second for a message that might have got lost
		}
		one(t, w.sends(t), "🚨 goals.json is missing")
		w.restart(t) // the receipt is there, and nobody has read it
		w.check(t)
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("told twice: %q", said)
		}
		w.file.err = nil
		w.check(t)
		w.restart(t)
		w.check(t)
		one(t, w.sends(t), "✅ goals.json is OK again")
	})
}

// While Telegram is down every try gives the alert its words anew. Broken on
// purpose: each check queued another message.
func TestAnOutageQueuesNoMoreThanThereIsToSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		expect := func(n int) {
			t.Helper()
			for range 10 {
				w.check(t)
				if _, _, _, err := w.Compose(t.Context(), w.shelf.queued[0]); err != nil {
					t.Fatal(err)
				}
			}
			if got := len(w.shelf.queued); got != n {
				t.Fatalf("%d messages are queued, want %d", got, n)
			}
		}
		w.file.err = gone
		expect(1)
		w.file.err = differing // the first may be on its way with the old words
		expect(2)
		one(t, w.sends(t), "🚨 goals.json differs")
	})
}

// A program that is told to end does not take that for a palace that fails.
// Broken on purpose: what was to be told was said past the outbox, where it
// may be on its way already.
func TestAnEndIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.file.err = gone
		ctx, stop := context.WithCancel(t.Context())
		updates := 0
		w.shelf.during = func() {
			if updates++; updates == 2 { // the first is about a suspicion
				stop()
				w.shelf.broken = ctx.Err()
			}
		}
		_, _ = w.Check(ctx)
		if len(w.said) > 0 || len(w.Posts()) > 0 || w.note.data != nil || updates != 2 {
			t.Errorf("said %q, kept aside %q, after %d updates", w.said, w.note.data, updates)
		}
		w.shelf.during, w.shelf.broken = nil, nil
		w.restart(t)
		w.check(t)
		one(t, w.sends(t), "🚨 goals.json is missing")
	})
}

// Broken on purpose: a first check after the start that takes the palace for
// one that can be written.
func TestWhereThePalaceIsThePatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.shelf.broken = store.ErrFull
		w.file.err = gone
		w.check(t)
		one(t, w.said, "🚨 goals.json is missing")
		if w.note.data == nil {
			t.Fatal("nothing is kept aside")
		}
		w.restart(t)
		w.forget()
		w.check(t)
		if len(w.said) > 1 || len(w.said) == 1 && !strings.Contains(w.said[0], "The bot's database cannot be written") {
			t.Errorf("after a restart: %q", w.said)
		}
		w.check(t)
		if said := strings.Join(w.said, "\n"); !strings.Contains(said, "The bot's database cannot be written") {
			t.Errorf("not told of the palace: %q", said)
		}
		w.restart(t)
		w.forget()
		w.check(t)
		w.check(t)
		if len(w.said) > 0 {
			t.Errorf("after another restart, with nothing changed: %q", w.said)
		}
		w.said, w.shelf.broken, w.file.err = nil, nil, nil
		w.check(t)
		w.check(t)
		if w.note.data != nil {
			t.Error("the state is still aside")
		}
		if said := strings.Join(append(w.sends(t), w.said...), "\n"); !strings.HasPrefix(said, "✅") || !strings.Contains(said, "goals.json is missing, after") {
			t.Errorf("not told that it is over: %q", said)
		}
	})
}

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

// The cron library runs nothing before the first interval is over. Broken on
// purpose: no check at the start.
func TestTheFirstCheckComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 goals.json is missing")
		stop()
		all.Wait()
	})
}

func TestAnAlertThatDoesNotLeaveTheOutboxIsSaidPastIt(t *testing.T) {
	for _, polled := range []time.Time{{}, time.Now().Add(1000 * time.Hour)} { // never, and all the time
		saidPastTheOutbox(t, polled)
	}
}

func saidPastTheOutbox(t *testing.T, polled time.Time) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.polled = func() time.Time { return polled }
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		w.file.err = gone // before the first check
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(sayAfter + 6*time.Minute)
		stop()
		all.Wait()
		one(t, w.said, "🚨 goals.json is missing")
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("and said again from the outbox: %q", said)
		}
	})
}

// A panic over what stands in the file ended the program, in a check that was not
// a scheduled one: at every start anew, and with nobody told. Red without recovered,
// and, for whoever asks in the chat, without the recover in withTimeout.
func TestAPanicInACheckIsAnAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.looks = func() { panic("an odd file") }
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { panic("an odd disk") }}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 goals.json could not be checked")
		w.Sources = nil
		w.file.mu.Lock()
		w.file.looks = nil
		w.file.mu.Unlock()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		one(t, w.sends(t), "✅ goals.json can be checked again")
		stop()
		all.Wait()
	})
	_, err := withTimeout(t.Context(), nil, time.Minute, func(context.Context) (int, error) { panic("an odd disk") })
	if err == nil || !strings.Contains(err.Error(), "an odd disk") {
		t.Errorf("withTimeout returns %v", err)
	}
}

// A check that was broken off because the program ends left "goals.json is not
// sound" in its log. Red without the look at the context in look.
func TestACheckThatIsBrokenOffIsNoFault(t *testing.T) {
	w := newWard(t)
	var log bytes.Buffer
	w.log = slog.New(slog.NewTextHandler(&log, nil))
	ctx, end := context.WithCancel(t.Context())
	w.file.looks, w.file.err = end, context.Canceled
	if _, err := w.Check(ctx); !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("Check = %v, logged %q", err, log.String())
	}
}

// An owner who has blocked the bot was once asked again and again, without a
// pause: every refusal set off the next try.
func TestAChatThatRefusesIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		w.file.err = gone // before the first check
		all.Go(func() { w.Run(ctx, nil) })
		tries := 0
		for range 24 * 60 * 60 { // a sender that is refused
			time.Sleep(time.Second)
			synctest.Wait()
			w.shelf.mu.Lock()
			queued := w.shelf.queued
			w.shelf.queued = nil
			w.shelf.mu.Unlock()
			for _, m := range queued {
				tries++
				w.Gone(m, true)
			}
		}
		if tries < 20 || tries > 24 {
			t.Errorf("%d tries in a day", tries)
		}
		time.Sleep(alert.RefusedWait + time.Minute)
		synctest.Wait()
		one(t, append(w.sends(t), w.said...), "🚨 goals.json is missing")
		time.Sleep(time.Minute)
		stop()
		all.Wait()
		if c := w.State().Chats[chat]; c.Refused != 0 {
			t.Errorf("after it was heard: %+v", c)
		}
	})
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
