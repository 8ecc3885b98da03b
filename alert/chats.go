package alert

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/message"
)

// This file decides what a chat is told, and notes what it was told. At most one
// message per chat waits, and its words are made when it is sent: however long it
// had to wait, it says how things are then, and gives one line to what fired and
// was resolved meanwhile. A chat counts as told when Telegram has accepted the
// message.

const (
	// maxTold is how many messages a chat gets in an hour beside those that
	// nobody may miss: that something is wrong, and that it is over.
	maxTold = 12
	// maxPast is how many older alerts of a chat are still brought up to date.
	maxPast = 5
	// RefusedWait is how long nothing is sent to a chat after Telegram refused it for
	// good: the owner may have blocked the bot, and may unblock it later.
	RefusedWait = time.Hour
)

// Chat is what one chat was told.
type Chat struct {
	Told   int64           `json:"told"`             // all news up to this number
	Newest Posted          `json:"board"`            // the newest alert there
	Shown  int64           `json:"shown,omitempty"`  // the changes that Newest shows, up to this number
	Past   []Posted        `json:"past,omitempty"`   // older alerts that do not say yet that they are old
	Lately []time.Duration `json:"lately,omitempty"` // when it got messages that might have waited

	Refused time.Duration `json:"refused,omitempty"` // when Telegram last refused a message to it; 0 since one has arrived
}

// Posted is an alert message in a chat, which is edited as its state changes.
type Posted struct {
	Message int64   `json:"message,omitempty"` // its number in the chat
	Causes  []Cause `json:"causes,omitempty"`
}

// Env is what the words need to know beside the state.
type Env struct {
	Path   string         // where the file is
	Zone   *time.Location // for times that are shown
	Silent bool           // nothing may make a sound

	PalaceKnown bool // the last check looked whether the bot's database is OK
}

// Meet adds chats that are not in the state, and forgets those that get no
// alerts any more. New ones are told of what is active, not of what is over.
func (s *State) Meet(chats []int64) {
	maps.DeleteFunc(s.Chats, func(id int64, _ Chat) bool { return !slices.Contains(chats, id) })
	for _, id := range chats {
		if _, known := s.Chats[id]; known {
			continue
		}
		told := s.Count
		for _, cause := range s.Active() {
			if first := s.Alerts[cause].First; first > 0 {
				told = min(told, first-1)
			}
		}
		s.Chats[id] = Chat{Told: told}
	}
}

// Next is what a chat is to be told or shown now. ok is false where there is
// nothing.
func (s *State) Next(id int64, v Env) (m message.Message, ok bool) {
	c, known := s.Chats[id]
	if !known || s.LeftAlone(c) {
		return m, false
	}
	if news := s.untold(c); len(news) > 0 && (s.urgent(c, news) || s.mayTell(c)) {
		m, shown := s.alert(c, news, v)
		m.Quiet = m.Quiet || v.Silent
		kind := "told"
		if s.urgent(c, news) {
			kind = "urgent"
		}
		m.Tag = receipt{kind: kind, chat: id, count: s.Count, causes: shown}.tag()
		return m, true
	}
	if s.outdated(c) {
		m = s.updated(c.Newest.Causes, v)
		m.Edit, m.Quiet, m.Tag = c.Newest.Message, true, receipt{kind: "shown", chat: id, count: s.Count, message: c.Newest.Message}.tag()
		return m, true
	}
	if len(c.Past) > 0 {
		m = s.past(c.Past[0].Causes)
		m.Edit, m.Quiet, m.Tag = c.Past[0].Message, true, receipt{kind: "past", chat: id, count: s.Count, message: c.Past[0].Message}.tag()
		return m, true
	}
	return m, false
}

// LeftAlone reports whether nothing is sent to a chat because it was refused lately.
func (s *State) LeftAlone(c Chat) bool { return c.Refused > 0 && s.Clock-c.Refused < RefusedWait }

// untold returns the causes that have news for a chat: the active ones, and
// then those that are over, the newest first.
func (s *State) untold(c Chat) []Cause {
	causes := s.Where(func(a Alert) bool { return a.News > c.Told && !a.Muted() })
	slices.SortStableFunc(causes, func(x, y Cause) int {
		return cmp.Or(cmp.Compare(over(s.Alerts[x]), over(s.Alerts[y])), cmp.Compare(s.Alerts[y].News, s.Alerts[x].News))
	})
	return causes
}

func over(a Alert) int {
	if a.Active() {
		return 0
	}
	return 1
}

// urgent reports whether among the news is a cause that the chat has not heard
// of, or the end of one that it has. Flapping limits how many of these there are.
func (s *State) urgent(c Chat, news []Cause) bool {
	return slices.ContainsFunc(news, func(cause Cause) bool {
		a := s.Alerts[cause]
		return a.Active() != (a.First <= c.Told)
	})
}

func (s *State) mayTell(c Chat) bool {
	return len(c.Lately) < maxTold || s.Clock-c.Lately[len(c.Lately)-maxTold] >= time.Hour
}

// outdated reports whether the newest alert of a chat shows less than there is.
func (s *State) outdated(c Chat) bool {
	return c.Newest.Message != 0 && slices.ContainsFunc(c.Newest.Causes, func(cause Cause) bool {
		a := s.Alerts[cause]
		return a.Mark > c.Shown && !a.Flapping
	})
}

// Delivered notes that a chat has got what [State.Next] made, by the tag of
// that message and the number that it has there. One that has no number above 0
// cannot be edited: it went somewhere else.
func (s *State) Delivered(tag string, number int64) {
	r, ok := parseReceipt(tag)
	c, known := s.Chats[r.chat]
	if !ok || !known {
		return
	}
	c.Refused = 0
	switch r.kind {
	case "told", "urgent":
		if r.count <= c.Told {
			break // it is known
		}
		c.Told = r.count
		if r.kind == "told" {
			c.Lately = append(slices.Clone(c.Lately[max(0, len(c.Lately)-maxTold):]), s.Clock)
		}
		if len(r.causes) > 0 {
			if c.Newest.Message != 0 {
				c.Past = append(slices.Clone(c.Past), c.Newest)
				c.Past = c.Past[max(0, len(c.Past)-maxPast):]
			}
			c.Newest, c.Shown = Posted{Message: number, Causes: r.causes}, r.count
			if number <= 0 {
				c.Newest = Posted{}
			}
		}
		for cause, a := range s.Alerts {
			if a.Active() && a.News <= r.count {
				a.Told = s.Clock // a reminder counts from when it could be read
				s.Alerts[cause] = a
			}
		}
	case "shown":
		if c.Newest.Message == r.message {
			c.Newest.Message, c.Shown = number, max(c.Shown, r.count)
		}
		if !slices.ContainsFunc(c.Newest.Causes, func(cause Cause) bool { return s.Alerts[cause].Active() || s.Alerts[cause].Mark > r.count }) {
			c.Newest = Posted{} // it says that all is over, and that will stay so
		}
	case "past":
		c.Past = slices.DeleteFunc(slices.Clone(c.Past), func(p Posted) bool { return p.Message == r.message })
	}
	s.Chats[r.chat] = c
}

// Refused notes that Telegram will never take what was to be said to a chat.
func (s *State) Refused(chat int64) {
	if c, known := s.Chats[chat]; known {
		c.Refused = max(s.Clock, 1)
		s.Chats[chat] = c
	}
}

// receipt is the tag of a message: what has been told when it has arrived. It
// names the chat that it was made for, since a group may get another id on the way.
type receipt struct {
	kind    string // waits, told, urgent, shown, past
	chat    int64
	count   int64 // all news and changes up to this number
	message int64
	causes  []Cause
}

const tagPrefix = "alert:"

func (r receipt) tag() string {
	names := make([]string, len(r.causes))
	for i, cause := range r.causes {
		names[i] = string(cause)
	}
	return fmt.Sprintf("%s%s:%d:%d:%d:%s", tagPrefix, r.kind, r.chat, r.count, r.message, strings.Join(names, ","))
}

// WaitingTag is the tag of a message that is queued for a chat and gets its words
// when it leaves.
func WaitingTag(chat int64) string { return receipt{kind: "waits", chat: chat}.tag() }

// ChatOf returns the chat that a message with this tag is an alert for. ok is
// false for the tag of any other message.
func ChatOf(tag string) (chat int64, ok bool) {
	r, ok := parseReceipt(tag)
	return r.chat, ok
}

func parseReceipt(tag string) (r receipt, ok bool) {
	rest, ok := strings.CutPrefix(tag, tagPrefix)
	parts := strings.SplitN(rest, ":", 5)
	if !ok || len(parts) != 5 {
		return r, false
	}
	r.kind = parts[0]
	var errs [3]error
	r.chat, errs[0] = strconv.ParseInt(parts[1], 10, 64)
	r.count, errs[1] = strconv.ParseInt(parts[2], 10, 64)
	r.message, errs[2] = strconv.ParseInt(parts[3], 10, 64)
	for name := range strings.SplitSeq(parts[4], ",") {
		if name != "" {
			r.causes = append(r.causes, Cause(name))
		}
	}
	return r, errors.Join(errs[:]...) == nil
}
