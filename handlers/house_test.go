package handlers

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/health"
	"goalbot/message"
	"goalbot/palace"
	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// house is the program without Telegram: handlers before a real palace and a
// real goals.json in a directory of the test. All that it says is held to what
// Telegram takes.
type house struct {
	t        testing.TB
	dir      string
	truth    *palace.Palace
	mirror   *cache.Mirror
	members  *access.Members
	settings *settings.Settings
	h        *Handlers
	fake     *fakeMonitor
	monitor  *health.Monitor
	said     int64 // the number of what Ann said last, where that matters
	files    files
	log      strings.Builder
	now      time.Time
	keys     int
	words    int64             // the number of the newest message in the chats
	shown    map[string]int64  // the numbers of the messages that were said, by what they look like
	bared    []int64           // the messages that lost their buttons
	ended    []message.Message // the questions that said last that they are closed
	last     []inChat          // what was said last
	told     []inChat          // what that told others than the one who asked
}

const (
	ann     = 1001 // a member
	ben     = 1002 // another
	group   = -4001
	nobody  = 6666
	someone = 7777
)

// open moves in. A goals.json that is there already is taken in.
func open(t testing.TB, all ...*goals.Goal) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), fake: &fakeMonitor{}, files: files{}, shown: map[string]int64{}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	if len(all) > 0 {
		path := cache.New(h.dir).Path()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, goaljson.Append(nil, all), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.start(nil, ann, ben)
	t.Cleanup(func() { h.truth.Close() })
	h.spoken() // what was taken in is told
	return h
}

// start makes everything anew from what is on disk. wrap may put something
// between the handlers and their store.
func (h *house) start(wrap func(store.Store) store.Store, allowed ...int64) {
	h.t.Helper()
	if h.truth != nil {
		h.truth.Close()
	}
	var err error
	if h.truth, err = palace.Open(h.t.Context(), filepath.Join(h.dir, "palace.db"), palace.Options{}); err != nil {
		h.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	if h.members, err = access.Load(h.t.Context(), h.truth, access.Config{Owners: allowed}, log); err != nil {
		h.t.Fatal(err)
	}
	h.settings = settings.New(standard(), log)
	if err := h.settings.Load(h.t.Context(), h.truth); err != nil {
		h.t.Fatal(err)
	}
	notices := NewNotices(h.members, h.settings)
	notices.now = func() time.Time { return h.now }
	mirror := cache.NewMirror(h.truth, cache.New(h.dir), notices, slog.New(slog.DiscardHandler), func() time.Time { return h.now })
	if err := mirror.Start(h.t.Context()); err != nil {
		h.t.Log(err) // no file yet
	}
	h.mirror = mirror
	var truth store.Store = mirror
	if wrap != nil {
		truth = wrap(mirror)
	}
	h.h = New(truth, h.fake, h.files, h.members, h.settings, log)
	h.h.now = func() time.Time { return h.now }
}

// standard are settings as the program has them without any of its environment's.
func standard() settings.Defaults {
	return settings.Defaults{
		Values: settings.Values{Zone: time.UTC, Repeat: 6 * time.Hour, Ring: settings.RingAlerts, News: settings.AllNews, Review: settings.AskStuck},
		Given:  func(variable string) bool { return variable == "TIMEZONE" },
		Schedule: func(spec string, zone *time.Location) (string, error) {
			s, err := schedule.Parse(spec, zone)
			return s.Words(), err
		},
	}
}

// request makes what Telegram would hand over for words of Ann's in her
// private chat.
func (h *house) request(words string) Request {
	h.keys++
	h.words++
	h.now = h.now.Add(time.Second)
	req := Request{Key: fmt.Sprintf("k/%d", h.keys), From: Person{ID: ann, Name: "Ann"}, Chat: Chat{ID: ann, Private: true}, Message: h.words, At: h.now}
	words = strings.TrimSpace(words)
	if command, ok := strings.CutPrefix(words, "/"); ok {
		end := strings.IndexAny(command+" ", " \n\t")
		req.Name, req.Args = command[:end], strings.TrimSpace(command[end:])
	} else {
		req.Args = words
	}
	return req
}

// do handles a request and returns what is said to whoever made it. What others
// are told of it is put aside.
func (h *house) do(req Request) (answers []message.Message) {
	h.t.Helper()
	if err := h.h.Handle(h.t.Context(), req); err != nil {
		h.t.Fatalf("/%s %.60q: %v", req.Name, req.Args, err)
	}
	h.spoken()
	h.told = nil
	for _, m := range h.last {
		concerns := strings.Contains(m.Text, " of yours\n") || strings.Contains(m.Text, "goals of yours are") // told in Ann's chat, where another acted there in a test
		if m.chat != req.Chat.ID && m.chat != req.From.ID || concerns {
			h.told = append(h.told, m)
		} else {
			answers = append(answers, m.Message)
		}
	}
	return answers
}

// one is for what must be answered once, besides questions that say that they
// are closed.
func (h *house) one(req Request) message.Message {
	h.t.Helper()
	h.ended = nil
	all := slices.DeleteFunc(h.do(req), func(m message.Message) bool {
		if m.Lapses {
			h.ended = append(h.ended, m)
		}
		return m.Lapses
	})
	if len(all) != 1 {
		h.t.Fatalf("/%s %.60q: said %d times: %+v", req.Name, req.Args, len(all), all)
	}
	return all[0]
}

// say and hear is a private chat with Ann.
func (h *house) say(words string) message.Message { h.t.Helper(); return h.one(h.request(words)) }

func (h *house) hear(words, want string) message.Message {
	h.t.Helper()
	m := h.say(words)
	if !strings.Contains(m.Text, want) {
		h.t.Errorf("%s\nis answered\n%s\nwant\n%s", words, m.Text, want)
	}
	return m
}

// tap presses the button with that label on a message.
func (h *house) tap(m message.Message, label string) message.Message {
	h.t.Helper()
	return h.one(h.tapped(m, label))
}

func (h *house) tapped(m message.Message, label string) Request {
	h.t.Helper()
	req := h.request("/" + button(h.t, m, label).Command)
	req.Tap, req.Message = true, h.shown[look(m)]
	return req
}

func look(m message.Message) string { return fmt.Sprint(m.Text, m.Buttons) }

func button(t testing.TB, m message.Message, label string) message.Button {
	t.Helper()
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.Contains(b.Label, label) {
				return b
			}
		}
	}
	t.Fatalf("no button %q on %q: %v", label, m.Text, m.Buttons)
	return message.Button{}
}

// spoken is what waits in the outbox; it goes out.
func (h *house) spoken() []message.Message {
	h.t.Helper()
	var all []message.Message
	h.last = nil
	for {
		heads, err := h.truth.Outbox(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if len(heads) == 0 {
			return all
		}
		for _, head := range heads {
			next, err := h.truth.Waiting(h.t.Context(), head.Chat, 1)
			if err != nil {
				h.t.Fatal(err)
			}
			m, err := message.Decode(next[0].Body)
			if err != nil {
				h.t.Fatal(err)
			}
			m, ok, err := h.h.Leaving(h.t.Context(), head.Chat, m)
			if err != nil {
				h.t.Fatal(err)
			}
			if !ok {
				if err := h.truth.Sent(h.t.Context(), head.ID, nil); err != nil {
					h.t.Fatal(err)
				}
				continue
			}
			number := m.Edit
			if m.ButtonsAlone() {
				h.bared = append(h.bared, m.Edit)
			} else {
				fits(h.t, m)
				all = append(all, m)
				h.last = append(h.last, inChat{head.Chat, m})
				if number == 0 {
					h.words++
					number = h.words
				}
			}
			h.shown[look(m)] = number
			err = h.truth.Sent(h.t.Context(), head.ID, func(tx store.Tx) error {
				if m.Tag == "" {
					return nil
				}
				return tx.SetRecord(store.SentRecord, message.SentName(m.Tag, head.Chat), fmt.Sprint(number))
			})
			if err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

type inChat struct {
	chat int64
	message.Message
}

// saidIn is what was said last in one chat.
func (h *house) saidIn(chat int64) (all []string) {
	for _, m := range h.last {
		if m.chat == chat {
			all = append(all, m.Text)
		}
	}
	return all
}

// list is what the palace holds: numbers, texts, statuses.
func (h *house) list() string {
	var lines []string
	for _, g := range h.truth.List().All() {
		lines = append(lines, fmt.Sprintf("#%d %s %s", g.Number, g.Status, g.Description))
	}
	return strings.Join(lines, "\n")
}

func (h *house) wantList(want ...string) {
	h.t.Helper()
	if got := h.list(); got != strings.Join(want, "\n") {
		h.t.Errorf("the goals are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (h *house) records(kind store.Kind) (records map[string]string) {
	h.t.Helper()
	if err := h.truth.View(h.t.Context(), func(tx store.Tx) (err error) { records, err = tx.Records(kind); return err }); err != nil {
		h.t.Fatal(err)
	}
	return records
}

func (h *house) events(number int64) (events []store.Event) {
	h.t.Helper()
	if err := h.truth.View(h.t.Context(), func(tx store.Tx) (err error) { events, err = tx.Events(number, 0, 10); return err }); err != nil {
		h.t.Fatal(err)
	}
	return events
}
