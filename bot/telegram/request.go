package telegram

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/handlers"
)

// This file makes requests of updates.

// request turns an update into a request. ok is false where nobody could have
// meant us: another bot's command, or a kind of update that we do not act on.
func (u *update) request(us user, now time.Time) (req handlers.Request, ok bool) {
	switch {
	case u.Callback != nil:
		req, ok = u.tap(now)
	case u.Message != nil:
		req, ok = u.words(u.Message, us, false)
	case u.Edited != nil:
		req, ok = u.words(u.Edited, us, true)
	}
	req.Bot = us.Username
	return req, ok
}

func (u *update) tap(now time.Time) (req handlers.Request, ok bool) {
	c := u.Callback
	if c.From == nil {
		return req, false
	}
	// Where Telegram does not say which message was tapped, the answer goes to
	// the private chat, which has the id of its user (Bot API).
	where, message := handlers.Chat{ID: c.From.ID, Private: true}, int64(0)
	if c.placed() {
		where, message = c.Message.where(), c.Message.ID
	}
	// A button's data is a command without its slash. It comes from the
	// client, which can send anything, so it is trusted no more than typed words.
	name, args, _ := strings.Cut(strings.TrimSpace(c.Data), " ")
	return handlers.Request{
		Key:     u.key(),
		From:    person(c.From),
		Chat:    where,
		Name:    strings.ToLower(name),
		Args:    strings.TrimSpace(args),
		Message: message,
		Tap:     true,
		At:      now,
	}, name != ""
}

// placed reports whether it is known which message was tapped.
func (c *callback) placed() bool { return c.Message != nil && c.Message.Chat != nil }

func (u *update) words(m *incoming, us user, edited bool) (req handlers.Request, ok bool) {
	from, ok := m.sender()
	if !ok || m.Chat == nil || bool(m.ViaBot) { // which somebody else's bot has worded
		return req, false
	}
	words, entities := m.words()
	if words == "" && m.holds() == "" {
		return req, false // a service message, as that a topic was made: nobody says it
	}
	date := m.Date
	if edited {
		date = m.when()
	}
	typed := asTyped(words, entities)
	name, args, whose := command(typed, us.Username, m.Chat.Type == "private")
	if m.Forward != nil {
		// Whoever forwards a command does not give it.
		name, args, whose = "", strings.TrimSpace(typed), anyBot
	}
	if whose == otherBot {
		return req, false
	}
	reply := m.ReplyTo != nil && m.ReplyTo.From != nil && m.ReplyTo.From.ID == us.ID
	var answered int64
	var marked string
	var part handlers.Quote
	if reply {
		marked, answered = bold(m.ReplyTo.words()), m.ReplyTo.ID
		part = m.Quote.of(m.ReplyTo.words())
	}
	return handlers.Request{
		Key:      u.key(),
		From:     from,
		Chat:     m.where(),
		Name:     name,
		Args:     args,
		Message:  m.ID,
		Named:    whose == thisBot,
		Files:    m.attached(),
		Media:    m.holds(),
		Album:    m.Album,
		Edited:   edited,
		Reply:    reply,
		Answered: answered,
		Marked:   marked,
		Quote:    part,
		Source:   m.source(),
		At:       time.Unix(date, 0),
	}, true
}

// sender is who says a message. An admin who hides behind a group, and a
// channel, speak for that chat, whose id is never a user's; from is a bot of
// Telegram's own then (Bot API, Message).
func (m *incoming) sender() (who handlers.Person, ok bool) {
	switch {
	case m.From == nil:
		return who, false
	case m.SenderChat == nil:
		return person(m.From), true
	case m.SenderChat.ID >= 0:
		return who, false
	}
	return handlers.Person{ID: m.SenderChat.ID, Name: m.SenderChat.Title}, true
}

// attached is the file that comes with a message. An animation is told as a document
// too (Bot API, Message), and a photo in several sizes, of which the largest counts.
func (m *incoming) attached() []goals.File {
	var photo *sentFile
	for _, size := range m.Photo {
		if photo == nil || size.Width >= photo.Width {
			photo = &size
		}
	}
	for _, kind := range []struct {
		is goals.FileKind
		f  *sentFile
	}{
		{goals.Animation, m.Animation}, {goals.Audio, m.Audio}, {goals.DocFile, m.Document}, {goals.Photo, photo},
		{goals.Video, m.Video}, {goals.VideoNote, m.VideoNote}, {goals.Voice, m.Voice},
	} {
		if f := kind.f; f != nil {
			clean, ok := goals.File{Kind: kind.is, ID: f.ID, Same: f.Same, Name: cmp.Or(f.Name, f.Title), Size: f.Size, At: m.Date}.Clean()
			if !ok {
				return nil
			}
			return []goals.File{clean}
		}
	}
	return nil
}

// words are the text, or what stands below a picture. In a rich message the
// text is at best a part of them.
func (m *incoming) words() (string, []entity) {
	if rich := richWords(m.Rich); rich != "" {
		return rich, nil
	}
	switch {
	case m.Text != "":
		return m.Text, m.Entities
	case m.Caption != "":
		return m.Caption, m.CaptionEntities
	}
	if words := checklistWords(m.Checklist); words != "" {
		return words, nil
	}
	return pollWords(m.Poll), nil
}

// holds names what a message holds beside words, as the Bot API's Message does;
// "" for nothing that people send.
func (m *incoming) holds() string {
	for _, kind := range []struct {
		name string
		is   present
	}{
		{"animation", m.Animation != nil}, {"audio", m.Audio != nil}, {"document", m.Document != nil}, {"live_photo", m.LivePhoto},
		{"paid_media", m.PaidMedia}, {"photo", m.Photo != nil}, {"sticker", m.Sticker}, {"story", m.Story}, {"video", m.Video != nil},
		{"video_note", m.VideoNote != nil}, {"voice", m.Voice != nil}, {"contact", m.Contact}, {"dice", m.Dice}, {"game", m.Game},
		{"poll", given(m.Poll)}, {"venue", m.Venue}, {"location", m.Location}, {"invoice", m.Invoice},
		{"rich_message", given(m.Rich)}, {"checklist", given(m.Checklist)},
	} {
		if kind.is {
			return kind.name
		}
	}
	return ""
}

func given(raw json.RawMessage) present { return present(len(raw) > 0 && string(raw) != "null") }

// source names whoever said first what somebody else forwards.
func (m *incoming) source() string {
	name := ""
	switch f := m.Forward; {
	case f == nil || f.User != nil && f.User.ID == m.From.ID:
		return ""
	case f.User != nil:
		name = person(f.User).Name
	case f.Chat != nil:
		name = f.Chat.Title
	case f.Channel != nil:
		name = f.Channel.Title
	default:
		name = f.Name
	}
	return cmp.Or(strings.TrimSpace(name), "somebody")
}

func (m *incoming) where() handlers.Chat {
	c := handlers.Chat{ID: m.Chat.ID, Title: m.Chat.Title, Private: m.Chat.Type == "private"}
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
	return handlers.Person{ID: u.ID, Name: name, Username: u.Username}
}

// addressee is the bot that a command is for.
type addressee int

const (
	anyBot addressee = iota // it names none
	thisBot
	otherBot
)

// slashes begin a command: the one of keyboards for ASCII and those that look
// like it.
const slashes = "/／⁄∕⧸"

// command takes a command apart: "/done@ourbot 3" is "done" and "3". Words
// that do not begin with a command come back as args. What shows nothing does
// not count, nor the width of the characters. lenient takes a command that
// there is also where a blank follows the slash, as phones put it.
func command(text, username string, lenient bool) (name, args string, whose addressee) {
	text = strings.TrimSpace(text)
	head, rest := cutFolded(text)
	first, size := utf8.DecodeRuneInString(head)
	if !strings.ContainsRune(slashes, first) {
		return "", text, anyBot
	}
	head = head[size:]
	gap := head == ""
	if gap {
		head, rest = cutFolded(rest)
	}
	end := 0
	for end < len(head) && isCommandByte(head[end]) {
		end++
	}
	name, after := head[:end], head[end:]
	if base := strings.TrimRight(name, "0123456789"); base != name && !handlers.IsCommand(name) && handlers.IsCommand(base) || strings.HasPrefix(after, "#") && handlers.IsCommand(base) {
		name, rest, after = base, head[len(base):]+" "+rest, "" // no blank before the number
	}
	if end == 0 || end > 32 || gap && !(lenient && handlers.IsCommand(name)) {
		return "", text, anyBot
	}
	if at, found := strings.CutPrefix(after, "@"); found {
		if !strings.EqualFold(at, username) {
			return "", "", otherBot
		}
		after, whose = "", thisBot
	}
	if after != "" {
		return "", text, anyBot // "/usr/bin" is no command
	}
	return name, strings.TrimSpace(rest), whose
}

// cutFolded splits off the first word that shows something, as [goals.Fold]
// makes it.
func cutFolded(text string) (word, rest string) {
	for rest = strings.TrimSpace(text); word == "" && rest != ""; {
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		word, rest = goals.Fold(rest[:end]), strings.TrimSpace(rest[end:])
	}
	return word, rest
}

func isCommandByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_'
}
