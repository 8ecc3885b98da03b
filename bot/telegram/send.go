package telegram

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/progress"
	"goalbot/store"
)

// This file makes calls of the Bot API out of messages.

// Say sends a message past the outbox, once, and returns the number that it
// has in the chat. Where the chat does not take it, it goes to the private chats
// of [message.Message.Elsewhere]; the error is the chat's where none of them
// takes it.
func (c *Client) Say(ctx context.Context, chat int64, m message.Message) (int64, error) {
	number, err := c.send(ctx, chat, m)
	if kind, _ := classify(err); err == nil || !kind.final() {
		return number, err
	}
	said := false
	for _, other := range m.Elsewhere {
		_, elsewhere := c.send(ctx, other, m.Private())
		said = said || elsewhere == nil
	}
	if !said {
		return 0, err
	}
	return noNumber, nil
}

// reach asks Telegram for something without effect. The error says that
// Telegram does not answer, or asks for patience.
func (c *Client) reach(ctx context.Context, chat int64) error {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10), "action": tgbotapi.ChatTyping}
	_, err := c.call(ctx, "sendChatAction", params, callDeadline)
	if kind, _ := classify(err); kind == transient || kind == flood {
		return err
	}
	return nil // what is wrong with the chat, the message itself will be told
}

// recordSent records the numbers that a message with a tag has, by chat.
func recordSent(tag string, numbers map[int64]int64) func(store.Tx) error {
	if tag == "" {
		return nil
	}
	return func(tx store.Tx) error {
		for chat, number := range numbers {
			if number == 0 {
				continue
			}
			if err := tx.SetRecord(store.SentRecord, message.SentName(tag, chat), strconv.FormatInt(number, 10)); err != nil {
				return err
			}
		}
		return nil
	}
}

// noNumber is the number of a message that went out and that Telegram does not
// let us edit: it said no number, or it went to another chat. An edit of it is
// refused like that of a message that is gone.
const noNumber = -1

// send sends a message, or edits the one whose place it takes, and returns its
// number in the chat, 0 if there is no message. Where Telegram refuses the
// frills the words go without them, and an edit is said anew.
func (c *Client) send(ctx context.Context, chat int64, m message.Message) (int64, error) {
	for {
		id, err := c.sendOnce(ctx, chat, m)
		switch kind, _ := classify(err); { // what a kind refuses is gone the next time
		case err == nil:
			return id, nil
		case kind == unchanged:
			return m.Edit, nil
		case kind == delivered:
			return noNumber, nil
		case kind == noMedia && m.Attached():
			if instead, ok := m.InPlaceOf(); ok {
				m = instead
			} else if m.Photo != nil && m.Text != "" {
				m.Photo = nil // the words say the same
			} else {
				return 0, err
			}
		case kind == noFile && m.File != nil:
			m = handlers.LostFile(m)
		case m.React != "" && kind.final():
			m.React = "" // the group takes no reactions: it is said
		case kind == badEntities && c.older.learns(err, m):
		case kind == badEntities && len(m.Entities) > 0:
			m.Entities = nil
		case kind == badButtons && c.older.learns(err, m):
		case kind == badButtons && hasStyles(m.Buttons):
			m.Buttons = withoutStyles(m.Buttons)
		case kind == badButtons && (len(m.Buttons) > 0 || m.Ask):
			m.Buttons, m.Ask = nil, false
		case kind == badPicture && m.Photo != nil && m.Text != "":
			m.Photo = nil // the words say the same
		case kind.final() && (m.ButtonsAlone() || m.Lapses && (m.Edit == 0 || m.Over != "")):
			return 0, nil // there is nothing to say
		case kind.final() && m.Edit != 0 && !m.Attached():
			m.Edit = 0
		case kind == noReply && m.ReplyTo != 0:
			m.ReplyTo = 0
		case kind == noThread && (m.Thread != 0 || m.ReplyTo != 0):
			// What it answers would put it into the same topic again.
			m.Thread, m.ReplyTo = 0, 0
		default:
			return 0, err
		}
	}
}

func (c *Client) sendOnce(ctx context.Context, chat int64, m message.Message) (int64, error) {
	m = c.older.without(m.Fit()) // not everything has come through the outbox
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(chat, 10)}
	text, entities := "text", "entities"
	if m.Attached() {
		text, entities = "caption", "caption_entities"
	}
	params.AddNonEmpty(text, m.Text)
	if len(m.Entities) > 0 {
		if err := params.AddInterface(entities, withUsers(m)); err != nil {
			return 0, err
		}
	}
	if err := addMarkup(params, m); err != nil {
		return 0, err
	}
	method := "sendMessage"
	switch {
	case m.React != "" && m.ReplyTo != 0:
		return c.react(ctx, chat, m)
	case m.Photo != nil:
		method = "sendPhoto"
	case m.Document != nil:
		method = "sendDocument"
	case m.File != nil:
		method = fileMethods[m.File.Kind]
		params[m.File.Kind] = m.File.ID
	case m.ButtonsAlone():
		method = "editMessageReplyMarkup"
		params.AddNonZero64("message_id", m.Edit)
	case m.Edit != 0:
		method = "editMessageText"
		params.AddNonZero64("message_id", m.Edit)
	}
	if m.Edit == 0 || m.Attached() {
		params.AddNonZero64("message_thread_id", m.Thread)
		params.AddBool("disable_notification", m.Quiet)
		if m.ReplyTo != 0 {
			params["reply_parameters"] = fmt.Sprintf(`{"message_id":%d,"allow_sending_without_reply":true}`, m.ReplyTo)
		}
	}
	if !m.Attached() && !m.ButtonsAlone() {
		params["link_preview_options"] = `{"is_disabled":true}`
	}
	var result json.RawMessage
	var err error
	switch {
	case m.Photo != nil:
		result, err = c.upload(ctx, method, params, file(ctx, "photo", message.NewDocument("picture.png", m.Photo)))
	case m.Document != nil:
		result, err = c.upload(ctx, method, params, file(ctx, "document", m.Document))
	default:
		result, err = c.call(ctx, method, params, callDeadline)
	}
	if err != nil {
		return 0, err
	}
	var sent incoming
	// Telegram has said yes. What else it says must not send the message again.
	_ = json.Unmarshal(result, &sent)
	return cmp.Or(sent.ID, m.Edit, noNumber), nil
}

// fileMethods send the files of a kind. The parameter for the file is called as the kind.
var fileMethods = map[string]string{
	"photo": "sendPhoto", "document": "sendDocument", "video": "sendVideo", "audio": "sendAudio",
	"voice": "sendVoice", "video_note": "sendVideoNote", "animation": "sendAnimation",
}

// withUsers are the entities of a message, the mention with whom it is of.
func withUsers(m message.Message) (all []any) {
	type mention struct {
		message.Entity
		User user `json:"user"`
	}
	for _, e := range m.Entities {
		if e.Type == message.Mention {
			all = append(all, mention{e, user{ID: m.Asked}})
			continue
		}
		all = append(all, e)
	}
	return all
}

// file is a file of an upload, which says how much of it has been sent.
func file(ctx context.Context, field string, d *message.Document) tgbotapi.RequestFile {
	return tgbotapi.RequestFile{Name: field, Data: tgbotapi.FileReader{Name: d.Name, Reader: sending{ctx, d}}}
}

// sending is the file as tgbotapi wants it, a reader. Its [io.Copy] calls WriteTo, never
// Read.
type sending struct {
	ctx  context.Context
	file *message.Document
}

// Read implements io.Reader.
func (sending) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

// WriteTo implements io.WriterTo. The call fails with its error, also where the file is
// not as long as it was said to be.
func (s sending) WriteTo(w io.Writer) (n int64, err error) {
	defer func() {
		if p := recover(); p != nil { // this is a goroutine of tgbotapi's: it would end the program
			err = fmt.Errorf("write %s: panic: %v", s.file.Name, p)
		}
	}()
	m := &measured{sending: s, to: w}
	pieces := bufio.NewWriterSize(m, 32<<10)
	if err := s.file.Write(pieces); err != nil {
		return m.done, err
	}
	if err := pieces.Flush(); err != nil {
		return m.done, err
	}
	if m.done != s.file.Size {
		return m.done, fmt.Errorf("%s has %d bytes, and %d were written", s.file.Name, s.file.Size, m.done)
	}
	return m.done, nil
}

// measured reports what is written.
type measured struct {
	sending
	to   io.Writer
	done int64
}

// Write implements io.Writer.
func (m *measured) Write(p []byte) (n int, err error) {
	for piece := range slices.Chunk(p, 32<<10) {
		k, err := m.to.Write(piece)
		n, m.done = n+k, m.done+int64(k)
		if err != nil {
			return n, err
		}
		if m.file.Size >= leastCounted {
			progress.Report(m.ctx, progress.Sending, m.done, m.file.Size)
		}
	}
	return n, nil
}

func hasStyles(rows [][]message.Button) bool {
	return slices.ContainsFunc(rows, func(row []message.Button) bool {
		return slices.ContainsFunc(row, func(b message.Button) bool { return b.Style != "" })
	})
}

func withoutStyles(rows [][]message.Button) (all [][]message.Button) {
	for _, row := range rows {
		row = slices.Clone(row)
		for i := range row {
			row[i].Style = ""
		}
		all = append(all, row)
	}
	return all
}

// copied is what a button copies (Bot API, CopyTextButton).
type copied struct {
	Text string `json:"text"`
}

// addMarkup adds the buttons, or the request to open the keyboard.
func addMarkup(params tgbotapi.Params, m message.Message) error {
	type button struct {
		Text  string        `json:"text"`
		Data  string        `json:"callback_data,omitempty"`
		URL   string        `json:"url,omitempty"`
		Copy  *copied       `json:"copy_text,omitempty"`
		Style message.Style `json:"style,omitempty"`
	}
	if len(m.Buttons) > 0 {
		rows := make([][]button, len(m.Buttons))
		for i, row := range m.Buttons {
			for _, b := range row {
				made := button{Text: b.Label, Data: b.Command, URL: b.URL, Style: b.Style}
				if b.Copy != "" {
					made.Copy = &copied{b.Copy}
				}
				rows[i] = append(rows[i], made)
			}
		}
		return params.AddInterface("reply_markup", map[string]any{"inline_keyboard": rows})
	}
	if m.Ask {
		// Selective it opens for whom it mentions and whom it answers: rather for
		// everybody in a group than for nobody.
		selective := m.ReplyTo != 0 || slices.ContainsFunc(m.Entities, func(e message.Entity) bool { return e.Type == message.Mention })
		return params.AddInterface("reply_markup", map[string]any{"force_reply": true, "selective": selective})
	}
	return nil
}
