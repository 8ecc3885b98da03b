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
	keys, err := s.readMarkup(q.str("reply_markup"))
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
	s.setTargets(c, draft)
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

// sendFile is the method that sends files of a kind.
func sendFile(kind string) func(*Server, *query) (any, *refusal) {
	return func(s *Server, q *query) (any, *refusal) { return s.sendFile(q, kind) }
}

func (s *Server) sendFile(q *query, kind string) (any, *refusal) {
	var caption string
	var entities []Entity
	var err *refusal
	if kind != "video_note" { // whose caption is not even read (Bot API server, process_send_video_note_query)
		if caption, entities, err = s.words(q, "caption", "caption_entities"); err != nil {
			return nil, err
		}
	}
	file, id, err := s.upload(q, kind)
	if err != nil {
		return nil, err
	}
	c, m, err := s.draft(q)
	if err != nil {
		return nil, err
	}
	if id != "" {
		if file, err = s.byID(id, kind); err != nil {
			return nil, err
		}
	}
	if utf8.RuneCountInString(caption) > maxCaption {
		return nil, bad("message caption is too long")
	}
	if m.Caption, m.Entities = caption, entities; kind == "photo" {
		if len(file.Data) > maxPhoto {
			return nil, bad("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(file.Data), maxPhoto)
		}
		if _, _, err := image.DecodeConfig(bytes.NewReader(file.Data)); err != nil {
			return nil, bad("IMAGE_PROCESS_FAILED")
		}
	}
	m.put(file)
	s.keep(m)
	return s.deliver(c, m)
}

// upload finds the file of a call: a part of the form, or the file_id of one that was sent before.
func (s *Server) upload(q *query, kind string) (file *Document, id string, err *refusal) {
	part, value := kind, q.str(kind)
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		part, value = name, ""
	}
	if value != "" {
		return nil, value, nil
	}
	sent, ok := q.files[part]
	switch {
	case !ok:
		return nil, "", bad("there is no %s in the request", strings.ReplaceAll(kind, "_", " "))
	case len(sent.data) == 0:
		return nil, "", bad("file must be non-empty")
	case len(sent.data) > maxUpload:
		return nil, "", &refusal{Code: 413, Description: "Request Entity Too Large"}
	}
	return &Document{Kind: kind, Name: path.Base(sent.name), Mime: mimeOf(sent.name), Data: sent.data}, "", nil
}

// byID is the file with an id, which is good for this bot alone, as it is sent by the method of a kind. What is no photo
// stays what it is, whatever method sends it; a photo and another file are not taken for each other (tdlib,
// FileManager::from_persistent_id_v23, is_document_file_type).
func (s *Server) byID(id, kind string) (*Document, *refusal) {
	f := s.files[id]
	switch {
	case strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "":
		return nil, bad("wrong remote file identifier specified: Wrong character in the string")
	case f == nil:
		return nil, bad("wrong file identifier/HTTP URL specified") // Telegram's MEDIA_EMPTY (tdlib, MessagesManager)
	case (f.document.Kind == "photo") != (kind == "photo"):
		return nil, bad("can't use file of type %s as %s", fileTypes[f.document.Kind], fileTypes[kind])
	}
	return f.document, nil
}

// fileTypes are the kinds as refusals name them (tdlib, FileType.cpp).
var fileTypes = map[string]string{
	"document": "Document", "photo": "Photo", "video": "Video", "audio": "Audio", "voice": "VoiceNote",
	"video_note": "VideoNote", "animation": "Animation",
}

// LoseFile makes a file unknown, as if it had been another bot's.
func (s *Server) LoseFile(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, id)
	s.touch()
}

func mimeOf(name string) string {
	kind, _, _ := strings.Cut(mime.TypeByExtension(strings.ToLower(path.Ext(name))), ";")
	if kind == "" {
		return "application/octet-stream"
	}
	return kind
}
