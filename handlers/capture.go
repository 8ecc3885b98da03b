package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file makes one capture of what a person sends as one thing and Telegram
// hands over as several messages: the pictures of an album, and what somebody
// forwards together, with the comment that the phone sends before it. The
// question about it is made when it leaves, so it knows of all that has come by
// then; what comes later alters it in its place.

// part is one message of a capture.
type part struct {
	At      time.Time `json:"at"` // by the clock of Telegram, which counts in seconds
	Message int64     `json:"message"`
	Thread  int64     `json:"thread,omitempty"`
	Album   string    `json:"album,omitempty"`
}

const (
	// atOnce is how far apart messages are that were sent as one.
	atOnce = 2 * time.Second
	// maxCapture is how many bytes of words become one capture.
	maxCapture = 32_000

	offerTag    = "offer"
	offerRender = "offer" // makes the question; its args are the name of the offer
	albumRender = "album" // says that pictures have no words; its args are the name of the album
	albumRecord = "album" // when the first picture without words came, by our clock
)

// goesOn finds the capture that this message belongs to, which is the newest of
// the chat.
func (c *call) goesOn() (name string, o thought, ok bool, err error) {
	if !c.Chat.Private || c.Source == "" && c.Album == "" {
		return "", o, false, nil
	}
	all, err := c.tx.Records(offerRecord)
	if err != nil {
		return "", o, false, err
	}
	for n, kept := range all {
		if !strings.HasPrefix(n, c.chatName()+"/") {
			continue
		}
		other, err := readThought(kept)
		if err != nil {
			return "", o, false, err
		}
		if name == "" || other.Part.Message > o.Part.Message {
			name, o = n, other
		}
	}
	p := o.Part
	album := c.Album != "" && p.Album == c.Album
	forwarded := c.Source != "" && p.Thread == c.Chat.Thread && c.At.Sub(p.At).Abs() <= atOnce
	ok = p.Message != 0 && p.Message < c.Message && (album || forwarded) && len(o.words())+len(c.Args) <= maxCapture
	return name, o, ok, nil
}

// add adds what came in a further message.
func (o *thought) add(words, source string) {
	o.More = strings.TrimSpace(o.More + "\n" + words)
	if source != "" && !strings.Contains(o.Source, source) {
		o.Source = strings.TrimPrefix(o.Source+", "+source, ", ")
	}
}

// begins forgets where the question before was asked, so that nobody takes it
// for the one that is asked now.
func (c *call) begins() error {
	if c.Album != "" {
		if err := c.tx.SetRecord(albumRecord, c.albumName(), ""); err != nil {
			return err
		}
	}
	return c.tx.SetRecord(message.SentRecord, message.SentName(offerTag, c.Chat.ID), "")
}

func (c *call) albumName() string { return c.chatName() + "/" + fingerprint(c.Album) }

const wordsOnly = "I understand words only. Send me some and I offer to keep them as a goal; /help shows the rest."

// wordless answers what has no words. Those of an album may be at any of its
// pictures, so for a moment nothing is said of it.
func (c *call) wordless() (message.Message, error) {
	if c.Album == "" {
		return new(message.Text).Add(wordsOnly).Message(), nil
	}
	all, err := c.tx.Records(albumRecord)
	if err != nil || all[c.albumName()] != "" {
		return message.Message{}, err
	}
	for name, value := range all { // long over
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil && c.now().Sub(at).Abs() < time.Hour {
			continue
		}
		if err := c.tx.SetRecord(albumRecord, name, ""); err != nil {
			return message.Message{}, err
		}
	}
	return message.Message{Render: albumRender, Args: c.albumName()}, c.tx.SetRecord(albumRecord, c.albumName(), c.now().UTC().Format(time.RFC3339Nano))
}

// NotYet reports a message that is to leave a little later.
type NotYet struct{ Wait time.Duration }

func (n *NotYet) Error() string { return fmt.Sprintf("not yet, but in %v", n.Wait) }

func (h *Handlers) renderAlbum(ctx context.Context, _ int64, queued message.Message) (m message.Message, ok bool, err error) {
	var kept string
	err = h.store.View(ctx, func(tx goals.Tx) (err error) {
		kept, err = tx.Record(albumRecord, queued.Args)
		return err
	})
	if err != nil || kept == "" { // words have come
		return m, false, err
	}
	at, err := time.Parse(time.RFC3339Nano, kept)
	if since := h.now().Sub(at); err == nil && since >= 0 && since < atOnce {
		return m, false, &NotYet{atOnce - since}
	}
	return new(message.Text).Add(wordsOnly).Message(), true, nil
}

// renderOffer makes the question about a capture. The message that was queued
// for a later part alters the first, unless that says so already.
func (h *Handlers) renderOffer(ctx context.Context, chat int64, queued message.Message) (m message.Message, ok bool, err error) {
	var number string
	err = h.store.View(ctx, func(tx goals.Tx) error {
		kept, err := tx.Record(offerRecord, queued.Args)
		if err != nil || kept == "" { // it was taken meanwhile
			return err
		}
		o, err := readThought(kept)
		if err != nil {
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
		number, err = tx.Record(message.SentRecord, message.SentName(offerTag, chat))
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
	h.asked.note(queued.Args, shows)
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

func (a *asked) note(name, shows string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shows == nil || len(a.shows) > 100 {
		a.shows = map[string]string{}
	}
	a.shows[name] = shows
}

func readThought(kept string) (o thought, err error) {
	if err := json.Unmarshal([]byte(kept), &o); err != nil {
		return o, fmt.Errorf("read offer: %w", err)
	}
	return o, nil
}
