package telegramtest

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// A Tap is a press on a button. The phone shows a spinner until the bot answers it.
type Tap struct {
	ID     string // callback_query.id
	Update int64  // the update that told the bot; 0 if it did not want to know

	server   *Server
	at       time.Time
	answered bool
	text     string
	alert    bool
}

// Answered tells whether the bot answered, which ends the spinner.
func (t *Tap) Answered() bool {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	return t.answered
}

// Text is what the answer shows, if anything.
func (t *Tap) Text() string {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	return t.text
}

// Alert tells whether the text is shown in a box that must be closed.
func (t *Tap) Alert() bool {
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	return t.alert
}

// Tap presses a button that the message shows now, found by its callback data or by its label. Anything else is an error:
// a phone cannot press what it does not show.
func (s *Server) Tap(where Chat, from User, messageID int, button string) (*Tap, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	m := c.find(messageID)
	if m == nil {
		return nil, fmt.Errorf("tap %q: there is no message %d", button, messageID)
	}
	if from.ID == AnonymousAdmin.ID {
		// An administrator behind the group taps as the person that he is (Bot API server, JsonCallbackQuery).
		return nil, fmt.Errorf("tap %q: nobody taps in the name of a group", button)
	}
	if c.Type != "private" && !c.members[from.ID] || c.Type == "private" && c.ID != from.ID {
		return nil, fmt.Errorf("tap %q: %d is not in the chat", button, from.ID)
	}
	data, ok := m.pressable(button)
	if !ok {
		return nil, fmt.Errorf("tap %q: message %d shows no such button", button, messageID)
	}
	return s.tap(c, m, messageID, from, data), nil
}

func (m *Message) pressable(button string) (string, bool) {
	for _, byLabel := range []bool{false, true} {
		for _, row := range m.Buttons {
			for _, b := range row {
				if b.Data != "" && (byLabel && b.Text == button || !byLabel && b.Data == button) {
					return b.Data, true
				}
			}
		}
	}
	return "", false
}

// TapForged is a hostile client: any data, any person, a message that never had such a button or was never there.
func (s *Server) TapForged(where Chat, from User, messageID int, data string) *Tap {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known(where)
	return s.tap(c, c.find(messageID), messageID, from, data)
}

func (s *Server) tap(c *chat, m *Message, messageID int, from User, data string) *Tap {
	message := inaccessible(c, messageID)
	if m != nil {
		message = s.messageJSON(c, m, true)
	}
	return s.enqueueTap(from, data, c.ID, object{"message": message})
}

// TapInline presses a button of a message that was sent by way of an inline query: the bot learns its
// inline_message_id, and neither the message nor the chat.
func (s *Server) TapInline(from User, data string) *Tap {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueueTap(from, data, from.ID, object{"inline_message_id": "AgAAAAAAAAAAAAAAAAAAAA"})
}

// TapWithout presses a button of a message in a chat, and the bot is told of neither (Bot API 10.5, where
// callback_query_mode is not the default).
func (s *Server) TapWithout(where Chat, from User, data string) *Tap {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueueTap(from, data, where.ID, object{})
}

// enqueueTap tells the bot of a tap; o says where it was.
func (s *Server) enqueueTap(from User, data string, instance int64, o object) *Tap {
	s.lastTap++
	t := &Tap{ID: fmt.Sprint(4_382_000_000_000_000_000 + s.lastTap), server: s, at: s.cfg.Now()}
	s.taps[t.ID] = t
	o["id"], o["from"], o["data"] = t.ID, s.person(from).user, data
	o["chat_instance"] = fmt.Sprint(7_000_000_000_000_000_000 - instance)
	t.Update = s.enqueue("callback_query", o, keepCallbacks)
	s.touch()
	return t
}

func (s *Server) answerCallbackQuery(q *query) (any, *refusal) {
	text := q.str("text")
	if !utf8.ValidString(text) {
		return nil, errUTF8
	}
	t := s.taps[q.str("callback_query_id")]
	if t == nil || t.answered || s.cfg.Now().Sub(t.at) >= keepCallbacks {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if utf8.RuneCountInString(text) > maxToast {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	t.answered, t.text, t.alert = true, text, q.bool("show_alert")
	return true, nil
}
