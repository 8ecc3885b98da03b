package handlers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file answers with what is large: a picture, a file. It is made when it
// leaves, see [Handlers.Leaving], and no chat has two of a kind on their way.

// upload is a picture or a file that is asked for.
type upload struct {
	render, args string // what it is made by, and of what
	private      bool   // to the person alone, who asked in a group
	waits        string // said where the same is on its way
	instead      string // said in a group that does not take it
}

const (
	// uploadWaits is how long something is taken to be on its way of which
	// nothing more is heard.
	uploadWaits = 15 * time.Minute
	maxUploads  = 4 // of files, on their way to all chats
)

func (u upload) tag() string { return strings.TrimSuffix(u.render+"/"+u.args, "/") }

// cutPrivate splits off the word that a button of [upload] ends in.
func cutPrivate(args string) (what string, private bool) {
	what = goals.Fold(args)
	if what == "private" {
		return "", true
	}
	return cutLastWord(what, "private")
}

// later asks for an upload.
func (c *call) later(u upload) (message.Message, error) {
	chat := c.Chat
	u.private = u.private && !chat.Private && c.From.ID > 0
	if u.private {
		chat = Chat{ID: c.From.ID, Private: true} // such a chat has the id of its user (Bot API)
	}
	refused, err := c.uploadWaits(u, chat.ID)
	if err != nil || refused != "" {
		return new(message.Text).Add(refused).Message(), err
	}
	m := message.Message{Render: u.render, Args: u.args, Tag: u.tag()}
	if u.private {
		switch err := queue(c.tx, chat.ID, m); {
		case errors.Is(err, store.ErrOutboxFull):
			return new(message.Text).Add(tooMuchWaits).Message(), c.notUploaded(m, chat.ID)
		case err != nil:
			return m, err
		}
		return new(message.Text).Add(inPrivateSoon).Message(), nil
	}
	if !chat.Private {
		command := strings.Join(strings.Fields(u.render+" "+u.args+" private"), " ")
		instead := new(message.Text).Add(u.instead).Message([]message.Button{{Label: "Send it to me", Command: command}})
		m.Instead = &instead
	}
	return m, nil
}

const inPrivateSoon = "I'll send it in our private chat. If nothing arrives there, open it, press Start, and ask again."

// notUploaded notes that an upload is not on its way, for want of room.
func (c *call) notUploaded(m message.Message, chat int64) error {
	return c.tx.SetRecord(store.UploadRecord, message.SentName(m.Tag, chat), "")
}

// uploadWaits says why something cannot be asked for now, "" where it can, and
// notes that it is.
func (c *call) uploadWaits(u upload, chat int64) (refused string, err error) {
	all, err := c.tx.Records(store.UploadRecord)
	if err != nil {
		return "", err
	}
	sent, err := c.tx.Records(store.SentRecord)
	if err != nil {
		return "", err
	}
	name, files := message.SentName(u.tag(), chat), 0
	for other, value := range all {
		at, err := time.Parse(time.RFC3339, value)
		waits := err == nil && sent[other] == "" && c.now().Sub(at).Abs() < uploadWaits
		switch {
		case !waits:
			if err := c.tx.SetRecord(store.UploadRecord, other, ""); err != nil {
				return "", err
			}
		case other == name:
			return u.waits, nil
		case strings.HasPrefix(other, exportRender):
			files++
		}
	}
	if u.render == exportRender && files >= maxUploads {
		return fmt.Sprintf("I'm already sending %d files, as many as I send at once. Ask again in a minute.", files), nil
	}
	if err := c.tx.SetRecord(store.SentRecord, name, ""); err != nil {
		return "", err
	}
	return "", c.tx.SetRecord(store.UploadRecord, name, c.now().UTC().Format(time.RFC3339))
}

// LostFile is what is said in the place of a message whose file Telegram has not any
// more, or does not give to this bot.
func LostFile(m message.Message) message.Message {
	t := m.Words()
	if t.Len() > 0 {
		t.Add("\n\n")
	}
	said := t.Add("Telegram no longer gives me this file, so I can't send it. Nothing else was changed. If you still have it, send it to me again in reply to this.").Message()
	m.Text, m.Entities, m.File, m.Instead = said.Text, said.Entities, nil, nil
	return m
}

// WithoutFile is a message whose picture or file could not be uploaded: its
// words, and that the rest may be missing. An upload that breaks off at its end
// may have arrived.
func WithoutFile(m message.Message) message.Message {
	what := "picture"
	if m.Document != nil {
		what = "file"
	}
	t := m.Words()
	if t.Len() > 0 {
		t.Add("\n\n")
	}
	said := t.Addf("If you don't see the %s above, the connection to Telegram broke off each time I tried to send it.", what).Message()
	m.Text, m.Entities, m.Photo, m.Document = said.Text, said.Entities, nil, nil
	return m
}
