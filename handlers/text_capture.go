package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"goalbot/formats"
	"goalbot/message"
	"goalbot/store"
)

// This file makes one capture of what a person sends as one thing and Telegram
// hands over as several messages: the pictures of an album, what somebody
// forwards together, with the comment that the phone sends before it, and a text
// that is too long for one message. The question about it is made when it
// leaves, so it knows of all that has come by then; what comes later alters it
// in its place.

// part is one message of a capture.
type part struct {
	At      time.Time `json:"at"` // by the clock of Telegram, which counts in seconds
	Message int64     `json:"message"`
	Thread  int64     `json:"thread,omitempty"`
	Album   string    `json:"album,omitempty"`
	Words   string    `json:"words,omitempty"`
	Long    bool      `json:"long,omitempty"`
}

const (
	// atOnce is how far apart messages are that were sent as one.
	atOnce = 2 * time.Second
	// maxCapture is how many bytes of words become one capture.
	maxCapture = 32_000

	// longText is how many UTF-16 code units a message has at least that a phone
	// sends as the first part of a longer text: phones cut at a blank in the
	// second half of the 4096 that a message takes.
	longText = 2048

	offerTag    = "offer/"
	offerRender = "offer" // makes the question; its args are the name of the offer
)

// goesOn finds the capture that this message belongs to, which is the newest of
// the chat.
func (c *call) goesOn() (name string, o pendingText, ok bool, err error) {
	if !c.Chat.Private {
		return "", o, false, nil
	}
	all, err := c.tx.Records(store.OfferRecord)
	if err != nil {
		return "", o, false, err
	}
	var p part // the last that came before
	for n, kept := range all {
		if !strings.HasPrefix(n, c.chatName()+"/") {
			continue
		}
		other, err := readPendingText(kept)
		if err != nil {
			return "", o, false, err
		}
		if last := other.Parts[len(other.Parts)-1]; name == "" || last.Message > p.Message {
			name, o, p = n, other, last
		}
	}
	together := p.Thread == c.Chat.Thread && c.At.Sub(p.At).Abs() <= atOnce
	album := c.Album != "" && p.Album == c.Album
	forwarded := c.Source != "" && together
	pasted := c.Source == "" && c.Album == "" && p.Long && together
	ok = p.Message != 0 && p.Message < c.Message && o.Taken == "" && (album || forwarded || pasted) && len(o.words())+len(c.Args) <= maxCapture
	return name, o, ok, nil
}

// asRest takes the rest of a long text whose first part was a command, or the
// answer to a question: it is about the goal of that. ok is false for what is no
// such rest.
func (c *call) asRest() (m message.Message, ok bool, err error) {
	said, err := c.memory()
	if err != nil || len(said.All) == 0 || !c.Chat.Private || c.Source != "" || c.Album != "" || c.Answered != 0 || c.Args == "" {
		return m, false, err
	}
	last := said.All[len(said.All)-1]
	if !last.Long || last.Offer != "" || last.Message >= c.Message || c.At.Sub(last.At).Abs() > atOnce {
		return m, false, nil
	}
	var n int64
	switch {
	case last.Refused:
		c.mine.Refused = true
		return new(message.Text).Add("This looks like the rest of that message, so I ignored it too.").Message(), true, nil
	case len(last.Goals) == 1:
		n = last.Goals[0]
	case last.Answer != nil:
		n = last.Answer.Number
	}
	g := c.tx.List().Number(n)
	if g == nil {
		return m, false, nil
	}
	m, err = c.mayOffer(g, "This looks like the rest of that message.")
	return m, true, err
}

// isLong reports whether a text may be the first part of a longer one.
func isLong(text string) bool { return message.UTF16Len(text) >= longText }

// words are those of all its messages, with the blank between them that was
// dropped where the phone cut them.
func (o pendingText) words() string {
	var b strings.Builder
	for i, p := range o.Parts {
		if i > 0 && p.Words != "" {
			b.WriteString(cutAt(o.Parts[i-1], p.Words))
		}
		b.WriteString(p.Words)
	}
	return strings.TrimSpace(b.String())
}

// cutAt is the blank that was dropped between a part and the words of the next.
// A text is cut at the end of a line where the second half of what a message
// takes has one, else at another blank, and else in a word.
func cutAt(p part, next string) string {
	first, _, _ := strings.Cut(next, "\n")
	switch n := message.UTF16Len(p.Words); {
	case !p.Long, formats.ReadLine(first).Marked, strings.Contains(p.Words[min(longText, len(p.Words)):], "\n"):
		return "\n"
	case n < message.MaxText:
		return " "
	}
	return ""
}

// from notes whom a further message is from.
func (o *pendingText) from(source string) {
	if source != "" && !strings.Contains(o.Source, source) {
		o.Source = strings.TrimPrefix(o.Source+", "+source, ", ")
	}
}

// part is this message as a part of a capture, with these words.
func (c *call) part(words string) part {
	return part{At: c.At, Message: c.Message, Thread: c.Chat.Thread, Album: c.Album, Words: words, Long: isLong(words)}
}

const wordsOnly = "I can't do anything with this. Send me text, and I'll offer to add it as a goal, or a photo, a file or a voice message for one. /help shows the rest."

// renderOffer makes the question about a capture. The message that was queued
// for a later part alters the first, unless that says so already.
func (h *Handlers) renderOffer(ctx context.Context, chat int64, queued message.Message) (m message.Message, ok bool, err error) {
	var number string
	err = h.store.View(ctx, func(tx store.Tx) error {
		kept, err := tx.Record(store.OfferRecord, queued.Args)
		if err != nil || kept == "" {
			return err
		}
		o, err := readPendingText(kept)
		if err != nil || o.Taken != "" { // meanwhile
			return err
		}
		_, said, _ := strings.Cut(queued.Args, "/")
		id, err := strconv.ParseInt(said, 10, 64)
		if err != nil {
			return fmt.Errorf("read offer: %w", err)
		}
		c, err := h.call(tx, Request{From: Person{ID: o.From}, Chat: Chat{ID: chat, Private: chat > 0}, Message: id, At: h.now()})
		if err != nil {
			return err
		}
		m, ok = c.askAbout(o), true
		m.Buttons = h.usable(m.Buttons, c.role, c.Chat.Private)
		number, err = tx.Record(store.SentRecord, message.SentName(offerTag+queued.Args, chat))
		return err
	})
	if err != nil || !ok {
		return m, false, err
	}
	shows := shownBy(m, m.Buttons)
	if m.Edit, _ = strconv.ParseInt(number, 10, 64); queued.Tag != "" {
		m.Edit = 0
	} else if m.Edit != 0 && h.asked.is(queued.Args, shows) {
		return m, false, nil
	}
	h.asked.set(queued.Args, shows)
	return m, true, nil
}

// asked is what the questions about captures say. It need not outlive the
// program: to alter one to what it says already does no harm.
type asked struct {
	mu    sync.Mutex
	shows map[string]string // by the name of the offer
}

func (a *asked) is(name, shows string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shows[name] == shows
}

func (a *asked) set(name, shows string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shows == nil || len(a.shows) > 100 {
		a.shows = map[string]string{}
	}
	a.shows[name] = shows
}

func readPendingText(kept string) (o pendingText, err error) {
	if err := json.Unmarshal([]byte(kept), &o); err != nil {
		return o, fmt.Errorf("read offer: %w", err)
	}
	if len(o.Parts) == 0 {
		o.Parts = []part{{Words: o.Text}}
	}
	return o, nil
}
