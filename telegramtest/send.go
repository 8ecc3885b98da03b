package telegramtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"image"
	_ "image/gif" // the formats Telegram takes for a photo
	_ "image/jpeg"
	_ "image/png"
	"mime"
	"path"
	"strings"
	"unicode/utf8"
)

// draft checks all that the sending methods have in common, in Telegram's order, and returns the chat and a message that
// is not in it yet.
func (s *Server) draft(q *query) (*chat, *Message, *refusal) {
	replyTo, without, err := readReply(q)
	if err != nil {
		return nil, nil, err
	}
	keys, err := readMarkup(q.str("reply_markup"))
	if err != nil {
		return nil, nil, err
	}
	c, err := s.chat(q, toWrite)
	if err != nil {
		return nil, nil, err
	}
	id := int(q.int("message_thread_id"))
	if err := c.checkThread(id); err != nil {
		return nil, nil, err
	}
	replied := cmp.Or(c.find(replyTo), s.cached(c, replyTo))
	if replied == nil && replyTo > 0 && !without {
		return nil, nil, bad("message to be replied not found")
	}
	thread := s.place(c, id, replied)
	if err := s.writable(c); err != nil {
		return nil, nil, err
	}
	if replied == nil {
		replyTo = 0
	}
	return c, &Message{
		Chat: c.ID, Thread: thread, From: s.bot(), FromBot: true, ReplyTo: replyTo,
		Buttons: keys.buttons, ForceReply: keys.forceReply,
		Selective: keys.selective, Placeholder: keys.placeholder, Silent: q.bool("disable_notification"),
	}, nil
}

// readReply reads reply_parameters or the older reply_to_message_id.
func readReply(q *query) (id int, without bool, refused *refusal) {
	raw := q.str("reply_parameters")
	if raw == "" {
		return int(q.int("reply_to_message_id")), q.bool("allow_sending_without_reply"), nil
	}
	var p struct {
		MessageID int  `json:"message_id"`
		Without   bool `json:"allow_sending_without_reply"`
	}
	if json.Unmarshal([]byte(raw), &p) != nil {
		return 0, false, bad("can't parse reply parameters JSON object")
	}
	return p.MessageID, p.Without, nil
}

// deliver puts a draft into its chat.
func (s *Server) deliver(c *chat, draft *Message) (any, *refusal) {
	if err := c.mayShow(draft); err != nil {
		return nil, err
	}
	if c.closed(draft.Thread) {
		return nil, bad("TOPIC_CLOSED")
	}
	if draft.ReplyTo != 0 && c.find(draft.ReplyTo) == nil {
		c.uncache(draft.ReplyTo)
		return nil, bad("REPLY_MESSAGE_ID_INVALID")
	}
	if err := s.rates.take(c, s.cfg.Now()); err != nil {
		return nil, err
	}
	s.aim(c, draft)
	m := s.newMessage(c)
	draft.ID, draft.Date = m.ID, m.Date
	*m = *draft
	c.otherBot = false
	return s.messageJSON(c, m, true), nil
}

func (s *Server) sendMessage(q *query) (any, *refusal) {
	text, entities, err := s.words(q, "text", "entities")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	c, m, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(text) > maxText {
		return nil, bad("message is too long")
	}
	m.Text, m.Entities = text, entities
	return s.deliver(c, m)
}

func (s *Server) sendDocument(q *query) (any, *refusal) { return s.sendFile(q, "document") }

func (s *Server) sendPhoto(q *query) (any, *refusal) { return s.sendFile(q, "photo") }

func (s *Server) sendFile(q *query, field string) (any, *refusal) {
	caption, entities, err := s.words(q, "caption", "caption_entities")
	if err != nil {
		return nil, err
	}
	file, err := s.upload(q, field)
	if err != nil {
		return nil, err
	}
	c, m, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(caption) > maxCaption {
		return nil, bad("message caption is too long")
	}
	m.Caption, m.Entities = caption, entities
	if field == "photo" {
		if len(file.Data) > maxPhoto {
			return nil, bad("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(file.Data), maxPhoto)
		}
		if _, _, err := image.DecodeConfig(bytes.NewReader(file.Data)); err != nil {
			return nil, bad("IMAGE_PROCESS_FAILED")
		}
		s.keep(file, "photos")
		m.Photo = file
	} else {
		s.keep(file, "documents")
		m.Document = file
	}
	return s.deliver(c, m)
}

// upload finds the file of a call: a part of the form, or the file_id of one that was sent before.
func (s *Server) upload(q *query, field string) (*Document, *refusal) {
	part, value := field, q.str(field)
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		part, value = name, ""
	}
	if value != "" {
		if f := s.files[value]; f != nil {
			return f.document, nil
		}
		return nil, bad("wrong file identifier/HTTP URL specified")
	}
	file, ok := q.files[part]
	switch {
	case !ok:
		return nil, bad("there is no %s in the request", field)
	case len(file.data) == 0:
		return nil, bad("file must be non-empty")
	case len(file.data) > maxUpload:
		return nil, &refusal{Code: 413, Description: "Request Entity Too Large"}
	}
	return &Document{Name: path.Base(file.name), Mime: mimeOf(file.name), Data: file.data}, nil
}

func mimeOf(name string) string {
	kind, _, _ := strings.Cut(mime.TypeByExtension(strings.ToLower(path.Ext(name))), ";")
	if kind == "" {
		return "application/octet-stream"
	}
	return kind
}
