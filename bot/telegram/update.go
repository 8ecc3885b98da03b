package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"goalbot/handlers"
)

// This file reads updates. The types hold only what is used, so that a field
// which the Bot API changes elsewhere cannot make an update unreadable; ids and
// sizes are int64, since they need up to 52 bits (Bot API, Chat).

type update struct {
	ID       int64     `json:"update_id"`
	Message  *incoming `json:"message"`
	Edited   *incoming `json:"edited_message"`
	Callback *callback `json:"callback_query"`
}

// decode reads one update. Of one that cannot be read it still tells the id,
// 0 if there is none.
func decode(raw json.RawMessage) (update, error) {
	var u update
	err := json.Unmarshal(raw, &u)
	if err == nil {
		return u, nil
	}
	var bare struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &bare) != nil {
		bare.ID = 0
	}
	return update{ID: bare.ID}, err
}

// key is the update's own for ever. The id alone is not: ids start anew at
// random after a quiet week (Bot API, Update).
func (u *update) key() string {
	switch {
	case u.Callback != nil:
		return fmt.Sprintf("tg/%d/%s", u.ID, u.Callback.ID)
	case u.Message != nil:
		return fmt.Sprintf("tg/%d/%d", u.ID, u.Message.Date)
	case u.Edited != nil:
		return fmt.Sprintf("tg/%d/%d", u.ID, u.Edited.when())
	}
	return fmt.Sprintf("tg/%d", u.ID)
}

// when is the time of the message's last change.
func (m *incoming) when() int64 {
	if m.EditDate != 0 {
		return m.EditDate
	}
	return m.Date
}

// allowedUpdates are the kinds that are asked for. They are always named: the
// server otherwise keeps the choice of whichever program used the token last.
var allowedUpdates = []string{"message", "edited_message", "callback_query", "my_chat_member"}

type user struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
}

type chat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type incoming struct {
	ID         int64     `json:"message_id"`
	Thread     int64     `json:"message_thread_id"`
	IsTopic    bool      `json:"is_topic_message"`
	From       *user     `json:"from"`
	SenderChat *chat     `json:"sender_chat"`
	Chat       *chat     `json:"chat"`
	Date       int64     `json:"date"`
	EditDate   int64     `json:"edit_date"`
	Text       string    `json:"text"`
	Caption    string    `json:"caption"`
	Document   *document `json:"document"`
	ReplyTo    *incoming `json:"reply_to_message"`
}

type document struct {
	ID   string `json:"file_id"`
	Name string `json:"file_name"`
	Size int64  `json:"file_size"`
}

type callback struct {
	ID      string    `json:"id"`
	From    *user     `json:"from"`
	Message *incoming `json:"message"` // nil for messages sent by way of an inline query
	Data    string    `json:"data"`
}

// request turns an update into a request. ok is false where nobody could have
// meant us: another bot's command, a kind of update that we do not act on, a
// sender who hides behind a chat.
func (u *update) request(username string, now time.Time) (req handlers.Request, ok bool) {
	switch {
	case u.Callback != nil:
		return u.tap(now)
	case u.Message != nil:
		return u.words(u.Message, username, false)
	case u.Edited != nil:
		return u.words(u.Edited, username, true)
	}
	return req, false
}

func (u *update) tap(now time.Time) (req handlers.Request, ok bool) {
	c := u.Callback
	if c.From == nil || c.Message == nil || c.Message.Chat == nil {
		return req, false
	}
	// A button's data is a command without its slash. It comes from the
	// client, which can send anything, so it is trusted no more than typed words.
	name, args, _ := strings.Cut(strings.TrimSpace(c.Data), " ")
	return handlers.Request{
		Key:     u.key(),
		From:    person(c.From),
		Chat:    c.Message.where(),
		Name:    strings.ToLower(name),
		Args:    strings.TrimSpace(args),
		Message: c.Message.ID,
		Tap:     true,
		At:      now,
	}, name != ""
}

func (u *update) words(m *incoming, username string, edited bool) (req handlers.Request, ok bool) {
	if m.From == nil || m.Chat == nil || m.SenderChat != nil {
		return req, false
	}
	date := m.Date
	if edited {
		date = m.when()
	}
	text := m.Text
	if text == "" {
		text = m.Caption
	}
	name, args, ours := command(text, username)
	if !ours {
		return req, false
	}
	return handlers.Request{
		Key:      u.key(),
		From:     person(m.From),
		Chat:     m.where(),
		Name:     name,
		Args:     args,
		Message:  m.ID,
		Edited:   edited,
		Document: m.Document.request(),
		Reply:    m.ReplyTo != nil && m.ReplyTo.From != nil && strings.EqualFold(m.ReplyTo.From.Username, username),
		At:       time.Unix(date, 0),
	}, true
}

func (d *document) request() handlers.Document {
	if d == nil {
		return handlers.Document{}
	}
	return handlers.Document{ID: d.ID, Name: d.Name, Size: d.Size}
}

func (m *incoming) where() handlers.Chat {
	c := handlers.Chat{ID: m.Chat.ID, Private: m.Chat.Type == "private"}
	if m.IsTopic {
		c.Thread = m.Thread
	}
	return c
}

func person(u *user) handlers.Person {
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	if name == "" {
		name = u.Username
	}
	return handlers.Person{ID: u.ID, Name: name}
}

// command takes a command apart: "/done@ourbot 3" is "done" and "3". Words
// that do not begin with a command come back as args. ours is false for a
// command that names another bot.
func command(text, username string) (name, args string, ours bool) {
	text = strings.TrimSpace(text)
	rest, slash := strings.CutPrefix(text, "/")
	end := 0
	for end < len(rest) && isCommandByte(rest[end]) {
		end++
	}
	if !slash || end == 0 || end > 32 {
		return "", text, true
	}
	name, rest = strings.ToLower(rest[:end]), rest[end:]
	if at, found := strings.CutPrefix(rest, "@"); found {
		end := strings.IndexFunc(at, unicode.IsSpace)
		if end < 0 {
			end = len(at)
		}
		if !strings.EqualFold(at[:end], username) {
			return "", "", false
		}
		rest = at[end:]
	}
	if first, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(first) {
		return "", text, true // "/usr/bin" is no command
	}
	return name, strings.TrimSpace(rest), true
}

func isCommandByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_'
}
