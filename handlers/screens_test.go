package handlers

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/health"
	"goalbot/message"
	"goalbot/schedule"
)

// alertsFor are the chats that get alerts.
type alertsFor []int64

func (a alertsFor) AlertChats() []int64 { return a }

// polled is a Telegram that has just answered.
type polled struct{ health.Telegram }

func (polled) Polled() time.Time { return time.Now() }

// monitored is a house with the real monitor.
func monitored(t *testing.T) *house {
	h := open(t, sample()...)
	schedule, err := schedule.Parse("*/5 * * * *", time.UTC)
	h.must(err)
	quiet := slog.New(slog.DiscardHandler)
	h.monitor = health.NewMonitor(h.mirror, h.truth, health.Config{
		Schedule: schedule, Settings: h.settings, Recipients: alertsFor{ann}, Telegram: polled{}, Listener: health.NewNotifier("", "", quiet),
	}, quiet)
	h.h = New(h.mirror, h.monitor, h.files, h.members, h.settings, quiet)
	return h
}

// breakFile cuts goals.json off and returns the alert.
func (h *house) breakFile() []message.Message {
	data := h.onDisk()
	h.must(os.WriteFile(cache.New(h.dir).Path(), data[:len(data)/2], 0o600))
	_, err := h.monitor.Check(h.t.Context())
	h.must(err)
	return h.spoken()
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// does makes the request of a step.
func (h *house) does(say string, last message.Message) Request {
	h.t.Helper()
	for who, name := range names {
		if words, ok := strings.CutPrefix(say, name+": "); ok {
			return h.at(who, words)
		}
	}
	if words, ok := strings.CutPrefix(say, "group: "); ok {
		req := h.request(words)
		req.Chat = Chat{ID: group}
		return req
	}
	if label, ok := strings.CutPrefix(say, "tap "); ok {
		req := h.tapped(last, label)
		req.Bot = "our_bot"
		return req
	}
	kind, words, _ := strings.Cut(say, " ")
	switch kind {
	case "photo", "voice", "file":
		name, words := "", words
		if kind == "file" {
			kind, name, words = "document", strings.Fields(words)[0], strings.Join(strings.Fields(words)[1:], " ")
		}
		said, isReply := strings.CutPrefix(words, "in reply")
		req := h.sentFile(goals.FileKind(kind), name, strings.TrimSpace(said))
		req.Files[0].Size = 120_000
		if isReply {
			req.Reply, req.Marked = true, boldOf(last)
		}
		return req
	case "edit":
		req := h.request("/addgoal " + words)
		req.Edited, req.Message = true, h.said
		return req
	case "reply":
		req := h.request(words)
		req.Reply, req.Marked = true, boldOf(last)
		return req
	case "forward":
		source, words, _ := strings.Cut(words, ": ")
		req := h.request(words)
		req.Source = source
		return req
	}
	req := h.request(say)
	h.said = req.Message
	return req
}

// boldOf is what a message shows in bold, a line for each piece.
func boldOf(m message.Message) string {
	units := utf16.Encode([]rune(m.Text))
	var marked []string
	for _, e := range m.Entities {
		if e.Type == message.Bold {
			marked = append(marked, string(utf16.Decode(units[e.Offset:e.Offset+e.Length])))
		}
	}
	return strings.Join(marked, "\n")
}

// What differs from run to run: everywhere, and where the clock is the real one.
var (
	changing = []change{{`g-[0-9a-f]{8}([0-9a-f]{8})?\b`, "g-xxxxxxxx"}, {`(\d)@[0-9a-z]{8,}`, "$1@…"}} // the state of a goal on a button
	live     = []change{
		{`\b(yesterday|tomorrow) (\d\d:)`, "today $2"}, {`fixed \(today `, "fixed ("}, {`fixed \(\d\d:\d\d `, "fixed (12:00 "}, {`\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?`, "2026-03-01$1"}, {` \d\d:\d\d(:\d\d)?`, " 12:00"}, {`corrupt-\S+Z`, "corrupt-20260301T120000Z"},
		{`start(=|%3D)[A-Za-z0-9_-]{22}`, "start=…"}, {`invitations cancel [0-9a-f]{16}`, "invitations cancel …"}, {`/\S*/(sm/goals\.json)`, "/data/$1"}, {` @\d+`, " @9"},
		{`until 2026-03-01 12:00`, "until 12:00"}, // where the day ends meanwhile
		{`(in|answered|before was|lasted) (a moment|\d+[a-z0-9 ]*|less than a second)( ago)?\.`, "$1 a moment$3."},
	}
)

type change struct{ what, with string }

// A command of the table without a screen, or a file that belongs to none,
// turns this red.
func TestScreens(t *testing.T) {
	folder := filepath.Join("testdata", "screens")
	var files []string
	shown := map[string]bool{}
	for _, talk := range talks() {
		h := talk.house(t)
		var last message.Message
		for _, s := range talk.steps {
			var answers []message.Message
			said := s.say
			if s.do != nil {
				answers = s.do(h)
				if name, ok := strings.CutPrefix(said, "/"); ok && s.screen != "" {
					shown[name] = true
				}
			} else {
				req := h.does(s.say, last)
				if strings.HasPrefix(said, "tap ") {
					said = "tap " + button(t, last, strings.TrimPrefix(said, "tap ")).Label
				}
				if s.screen != "" {
					shown[req.Name] = true
				}
				answers = h.do(req)
			}
			var b strings.Builder
			if said != "" {
				fmt.Fprintf(&b, "> %s\n", strings.ReplaceAll(said, "\n", "\n> "))
			}
			for _, m := range answers {
				b.WriteString(written(m))
				last = m
			}
			for _, m := range h.told {
				fmt.Fprintf(&b, "To %s:\n%s", cmp.Or(names[m.chat], "Ann"), written(m.Message))
			}
			h.told = nil
			if s.screen == "" {
				continue
			}
			if len(answers) == 0 {
				t.Errorf("%s: nothing is answered to %q", s.screen, s.say)
			}
			text := b.String()
			differs := changing
			if talk.live {
				differs = slices.Concat(changing, live)
			}
			for _, c := range differs {
				text = regexp.MustCompile(c.what).ReplaceAllString(text, c.with)
			}
			name := s.screen + ".golden"
			if slices.Contains(files, name) {
				t.Errorf("there are two screens %s", s.screen)
			}
			files = append(files, name)
			golden(t, filepath.Join(folder, name), text)
		}
	}
	for _, row := range commands() {
		if !shown[row.name] {
			t.Errorf("/%s has no screen", row.name)
		}
	}
	there, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range there {
		if !slices.Contains(files, f.Name()) {
			t.Errorf("%s belongs to no screen", f.Name())
		}
	}
}
