package demo

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/telegramtest"
)

// This file says what the page is told. Its JSON is read by page/*.js.

// about is all but the messages.
type about struct {
	Bot         string                 `json:"bot"`
	Username    string                 `json:"username"`
	Person      string                 `json:"person"`
	Title       string                 `json:"title,omitempty"` // of the chat
	Scene       sceneNames             `json:"scene"`
	People      []choice               `json:"people"`
	Places      []choice               `json:"places"`
	Description string                 `json:"description,omitempty"`
	Menu        []telegramtest.Command `json:"menu"`
	Typing      int64                  `json:"typing,omitempty"` // until then, in Unix milliseconds
	Down        int64                  `json:"down,omitempty"`   // until then; page and program have the same clock
	Corrupt     bool                   `json:"corrupt,omitempty"`
	Delete      bool                   `json:"delete,omitempty"`
	Clock       bool                   `json:"clock,omitempty"`
	File        bool                   `json:"file,omitempty"`
	Path        string                 `json:"path,omitempty"`
	CheckEvery  string                 `json:"check_every,omitempty"`
}

// bubble is a message as it is shown.
type bubble struct {
	ID            int                     `json:"id"`
	Mine          bool                    `json:"mine,omitempty"`
	From          string                  `json:"from,omitempty"` // of another person
	At            int64                   `json:"at"`             // Unix milliseconds
	Edited        bool                    `json:"edited,omitempty"`
	Text          string                  `json:"text,omitempty"` // or the caption
	Entities      []telegramtest.Entity   `json:"entities,omitempty"`
	Buttons       [][]telegramtest.Button `json:"buttons,omitempty"`
	Document      *attachment             `json:"document,omitempty"`
	Photo         bool                    `json:"photo,omitempty"`
	ReplyTo       int                     `json:"reply_to,omitempty"`
	ForwardedFrom string                  `json:"forwarded_from,omitempty"`
	Service       string                  `json:"service,omitempty"`
	Silent        bool                    `json:"silent,omitempty"`
	Reaction      string                  `json:"reaction,omitempty"`
	ForceReply    bool                    `json:"force_reply,omitempty"`
	Placeholder   string                  `json:"placeholder,omitempty"`
}

type attachment struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// touched is a tap and whether it was answered.
type touched struct {
	ID       string `json:"id"`
	Answered bool   `json:"answered,omitempty"`
	Text     string `json:"text,omitempty"`
	Alert    bool   `json:"alert,omitempty"`
}

func words(m telegramtest.Message) string {
	if m.File() != nil {
		return m.Caption
	}
	return m.Text
}

func (s scene) show(m telegramtest.Message) bubble {
	b := bubble{
		ID: m.ID, Mine: !m.FromBot && m.From.ID == s.person.ID, At: m.Date.UnixMilli(), Edited: !m.Edited.IsZero(), Text: words(m),
		Entities: m.Entities, Buttons: m.Buttons, Photo: m.Photo != nil, ReplyTo: m.ReplyTo,
		ForwardedFrom: m.ForwardedFrom, Service: m.Service,
		Silent: m.Silent, Reaction: m.Reaction, ForceReply: m.ForceReply && s.Server.Opens(s.chat, m.ID, s.person), Placeholder: m.Placeholder,
	}
	if !m.FromBot && !b.Mine {
		b.From = m.From.FirstName
	}
	if f := m.File(); f != nil && m.Photo == nil {
		b.Document = &attachment{Name: cmp.Or(f.Name, f.Kind), Size: len(f.Data)}
	}
	return b
}

// typingLasts is how long a phone shows a chat action (Bot API, sendChatAction:
// «for 5 seconds or less»).
const typingLasts = 5 * time.Second

func (s scene) about() about {
	bot := s.Server.Bot()
	description, short := s.Server.Description()
	if description == "" {
		description = short
	}
	a := about{
		Bot: bot.FirstName, Username: bot.Username, Person: s.person.FirstName, Description: description,
		Title: s.title(), Scene: s.names, People: s.people(), Places: s.places(),
		Menu: s.Server.Menu(s.chat, s.person), Corrupt: s.Corrupt != nil, Delete: s.DeleteFile != nil, Clock: s.MoveClock != nil,
		File: s.File != nil, Path: s.Path, CheckEvery: s.CheckEvery,
	}
	if until := s.typing(); time.Now().Before(until) {
		a.Typing = until.UnixMilli()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.down) {
		a.Down = s.down.UnixMilli()
	}
	return a
}

// typing is until when the bot is shown as writing: until its message is there,
// or for as long as its last action lasts.
func (s scene) typing() time.Time {
	for _, c := range slices.Backward(s.Server.CallsTo("sendChatAction")) {
		if c.Params["chat_id"] != strconv.FormatInt(s.chat.ID, 10) || c.Status != http.StatusOK {
			continue
		}
		said, ok := s.Server.Last(s.chat.ID)
		if ok && !said.Date.Before(c.At) || strings.EqualFold(c.Params["action"], "cancel") {
			break
		}
		return c.At.Add(typingLasts)
	}
	return time.Time{}
}
