package telegramtest

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/gif" // the formats Telegram takes for a photo
	_ "image/jpeg"
	_ "image/png"
	"mime"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// chat finds the chat a call is for.
func (s *Server) chat(q *query) (*chat, *Error) {
	text := q.str("chat_id")
	if text == "" {
		return nil, bad("chat_id is empty")
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		for _, c := range s.chats {
			if c.Type == "supergroup" && strings.EqualFold(c.Username, name) {
				return s.reachable(c)
			}
		}
		return nil, bad("chat not found")
	}
	id := leadingInt(text)
	c := s.chats[id]
	if c == nil {
		if p := s.people[id]; p != nil && p.seen {
			return s.reachable(s.private(p.user)) // known from a group
		}
		return nil, bad("chat not found")
	}
	return s.reachable(c)
}

func (s *Server) reachable(c *chat) (*chat, *Error) {
	switch {
	case c.migrated != 0:
		return nil, migrated(c.migrated)
	case c.Type == "private" && !c.started && !s.people[c.ID].seen:
		return nil, bad("chat not found")
	case c.deleted:
		return nil, forbidden("the group chat was deleted")
	case c.bot == "kicked":
		return nil, forbidden("bot was kicked from the " + c.Type + " chat")
	case c.bot == "left":
		return nil, forbidden("bot is not a member of the " + c.Type + " chat")
	}
	return c, nil
}

// writable tells whether the bot may write in a chat it knows.
func (s *Server) writable(c *chat) *Error {
	if c.Type != "private" {
		return nil
	}
	p := s.people[c.ID]
	switch {
	case p.user.IsBot:
		return forbidden("bot can't send messages to bots")
	case p.deactivated:
		return forbidden("user is deactivated")
	case p.blocked:
		return forbidden("bot was blocked by the user")
	case !c.started:
		return forbidden("bot can't initiate conversation with a user")
	}
	return nil
}

// draft checks all that the sending methods have in common, in Telegram's order, and returns the chat and a message that
// is not in it yet.
func (s *Server) draft(q *query) (*chat, *Message, *Error) {
	replyTo, without, err := readReply(q)
	if err != nil {
		return nil, nil, err
	}
	keys, err := readMarkup(q.str("reply_markup"))
	if err != nil {
		return nil, nil, err
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, nil, err
	}
	if replyTo != 0 && c.find(replyTo) == nil {
		if !without {
			return nil, nil, bad("message to be replied not found")
		}
		replyTo = 0
	}
	thread, err := c.thread(int(q.int("message_thread_id")), replyTo)
	if err != nil {
		return nil, nil, err
	}
	if err := s.writable(c); err != nil {
		return nil, nil, err
	}
	return c, &Message{
		Chat: c.ID, Thread: thread, From: s.bot(), FromBot: true, ReplyTo: replyTo,
		Buttons: keys.buttons, Keyboard: keys.keyboard, RemoveKeyboard: keys.remove, ForceReply: keys.forceReply,
		Placeholder: keys.placeholder, Silent: q.bool("disable_notification"), Protected: q.bool("protect_content"),
	}, nil
}

// thread checks message_thread_id. An answer to a message of a topic is in that topic.
func (c *chat) thread(id, replyTo int) (int, *Error) {
	if id != 0 && c.topics[id] == "" {
		return 0, bad("message thread not found")
	}
	if id == 0 && replyTo != 0 {
		id = c.find(replyTo).Thread
	}
	return id, nil
}

// readReply reads reply_parameters or the older reply_to_message_id.
func readReply(q *query) (id int, without bool, refused *Error) {
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
func (s *Server) deliver(c *chat, draft *Message) (any, *Error) {
	if err := s.rates.take(c, s.cfg.Now()); err != nil {
		return nil, err
	}
	m := s.newMessage(c)
	draft.ID, draft.Date = m.ID, m.Date
	*m = *draft
	c.otherBot = false
	return s.messageJSON(c, m, true), nil
}

func (s *Server) sendMessage(q *query) (any, *Error) {
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
	m.Text, m.Entities, m.NoPreview = text, entities, noPreview(q)
	return s.deliver(c, m)
}

func noPreview(q *query) bool {
	var options struct {
		Disabled bool `json:"is_disabled"`
	}
	_ = json.Unmarshal([]byte(q.str("link_preview_options")), &options) // absent: not disabled
	return options.Disabled || q.bool("disable_web_page_preview")
}

func (s *Server) sendDocument(q *query) (any, *Error) { return s.sendFile(q, "document") }
func (s *Server) sendPhoto(q *query) (any, *Error)    { return s.sendFile(q, "photo") }

func (s *Server) sendFile(q *query, field string) (any, *Error) {
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
func (s *Server) upload(q *query, field string) (*Document, *Error) {
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
	case len(file.Data) == 0:
		return nil, bad("file must be non-empty")
	case len(file.Data) > maxUpload:
		return nil, &Error{Code: 413, Description: "Request Entity Too Large"}
	}
	return &Document{Name: path.Base(file.Name), Mime: mimeOf(file.Name), Data: file.Data}, nil
}

func mimeOf(name string) string {
	kind, _, _ := strings.Cut(mime.TypeByExtension(strings.ToLower(path.Ext(name))), ";")
	if kind == "" {
		return "application/octet-stream"
	}
	return kind
}

// own finds the message a call wants to change.
func (s *Server) own(q *query) (*chat, *Message, *Error) {
	if q.str("chat_id") == "" && q.int("message_id") == 0 {
		if q.str("inline_message_id") == "" {
			return nil, nil, bad("message identifier is not specified")
		}
		return nil, nil, bad("MESSAGE_ID_INVALID")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, nil, err
	}
	m := c.find(int(q.int("message_id")))
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case !m.FromBot || m.Keyboard != nil || m.RemoveKeyboard || m.ForceReply:
		return nil, nil, bad("message can't be edited")
	}
	return c, m, s.writable(c)
}

// edit changes a message as the call says. Without reply_markup the buttons go, as they do at Telegram.
func (s *Server) edit(q *query, change func(*Message) *Error) (any, *Error) {
	keys, err := readMarkup(q.str("reply_markup"))
	if err != nil {
		return nil, err
	}
	c, old, err := s.own(q)
	if err != nil {
		return nil, err
	}
	if keys.isOn && !keys.isInline {
		return nil, bad("inline keyboard expected")
	}
	m := *old
	m.Buttons = keys.buttons
	if err := change(&m); err != nil {
		return nil, err
	}
	if m.Text == old.Text && m.Caption == old.Caption && bytes.Equal(encode(m.Entities), encode(old.Entities)) &&
		bytes.Equal(encode(m.Buttons), encode(old.Buttons)) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if err := s.rates.take(c, s.cfg.Now()); err != nil {
		return nil, err
	}
	m.Edited = s.cfg.Now()
	*c.change(old) = m
	return s.messageJSON(c, &m, true), nil
}

func (s *Server) editMessageText(q *query) (any, *Error) {
	text, entities, err := s.words(q, "text", "entities")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	return s.edit(q, func(m *Message) *Error {
		if m.Document != nil || m.Photo != nil {
			return bad("there is no text in the message to edit")
		}
		if utf8.RuneCountInString(text) > maxText {
			return bad("message is too long")
		}
		m.Text, m.Entities, m.NoPreview = text, entities, noPreview(q)
		return nil
	})
}

func (s *Server) editMessageCaption(q *query) (any, *Error) {
	caption, entities, err := s.words(q, "caption", "caption_entities")
	if err != nil {
		return nil, err
	}
	return s.edit(q, func(m *Message) *Error {
		if m.Document == nil && m.Photo == nil {
			return bad("there is no caption in the message to edit")
		}
		if utf8.RuneCountInString(caption) > maxCaption {
			return bad("message caption is too long")
		}
		m.Caption, m.Entities = caption, entities
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(q *query) (any, *Error) {
	return s.edit(q, func(*Message) *Error { return nil })
}

// maxDeleteAge is how old a message may be that a bot deletes (Bot API, deleteMessage).
const maxDeleteAge = 48 * time.Hour

func (s *Server) deletable(c *chat, m *Message) *Error {
	if s.cfg.Now().Sub(m.Date) >= maxDeleteAge {
		return bad("message can't be deleted for everyone")
	}
	if !m.FromBot && c.Type != "private" && c.bot != "administrator" {
		return bad("message can't be deleted")
	}
	return nil
}

func (s *Server) deleteMessage(q *query) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if q.int("message_id") <= 0 {
		return nil, bad("message identifier is not specified")
	}
	m := c.find(int(q.int("message_id")))
	if m == nil {
		return nil, bad("message to delete not found")
	}
	if err := s.deletable(c, m); err != nil {
		return nil, err
	}
	c.remove(m.ID)
	return true, nil
}

func (s *Server) deleteMessages(q *query) (any, *Error) {
	if q.str("message_ids") == "" {
		return nil, bad("message identifiers are not specified")
	}
	var ids []int
	if json.Unmarshal([]byte(q.str("message_ids")), &ids) != nil {
		return nil, bad("can't parse message_ids JSON object")
	}
	if len(ids) > maxBatch {
		return nil, bad("too many message identifiers specified")
	}
	if len(ids) == 0 {
		return nil, bad("message identifiers are not specified")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	for _, id := range ids { // what cannot be found or deleted is skipped
		if m := c.find(id); m != nil && s.deletable(c, m) == nil {
			c.remove(id)
		}
	}
	return true, nil
}

func (s *Server) pinChatMessage(q *query) (any, *Error)   { return s.pin(q, true) }
func (s *Server) unpinChatMessage(q *query) (any, *Error) { return s.pin(q, false) }

func (s *Server) pin(q *query, pinned bool) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	m := c.find(int(q.int("message_id")))
	switch {
	case m == nil && pinned:
		return nil, bad("message to pin not found")
	case m == nil:
		return nil, bad("message to unpin not found")
	case c.Type == "supergroup" && c.bot != "administrator":
		return nil, bad("not enough rights to manage pinned messages in the chat")
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	c.change(m).Pinned = pinned
	return true, nil
}

var chatActions = []string{
	"cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice", "upload_audio", "upload_voice",
	"upload_photo", "upload_document", "choose_sticker", "pick_up_location", "find_location", "record_video_note",
	"upload_video_note",
}

func (s *Server) sendChatAction(q *query) (any, *Error) {
	if !slices.Contains(chatActions, strings.ToLower(q.str("action"))) {
		return nil, bad("wrong parameter action in request")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if _, err := c.thread(int(q.int("message_thread_id")), 0); err != nil {
		return nil, err
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	return true, nil
}

// reactions are the emoji of Bot API «ReactionTypeEmoji».
var reactions = strings.Fields(`❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾
	💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`)

func (s *Server) setMessageReaction(q *query) (any, *Error) {
	var kinds []struct{ Type, Emoji string }
	if raw := q.str("reaction"); raw != "" && json.Unmarshal([]byte(raw), &kinds) != nil {
		return nil, bad("can't parse reaction types JSON object")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	m := c.find(int(q.int("message_id")))
	if m == nil {
		return nil, bad("message to react not found")
	}
	if len(kinds) > 1 {
		return nil, bad("REACTIONS_TOO_MANY")
	}
	emoji := ""
	for _, k := range kinds {
		if emoji = strings.TrimSuffix(k.Emoji, "\uFE0F"); k.Type != "emoji" || !slices.Contains(reactions, emoji) {
			return nil, bad("REACTION_INVALID")
		}
	}
	if err := s.writable(c); err != nil {
		return nil, err
	}
	c.change(m).Reaction = emoji
	return true, nil
}

func (s *Server) getChat(q *query) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	o := object{"id": c.ID, "type": c.Type, "accent_color_id": 0, "max_reaction_count": 11}
	if c.Type == "private" {
		p := s.people[c.ID].user
		o["first_name"] = p.FirstName
		if p.Username != "" {
			o["username"] = p.Username
		}
		return o, nil
	}
	o["title"] = c.Title
	if c.Forum {
		o["is_forum"] = true
	}
	return o, nil
}

func (s *Server) getChatMember(q *query) (any, *Error) {
	id := q.int("user_id")
	if id <= 0 {
		return nil, bad("invalid user_id specified")
	}
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if me := s.bot(); id == me.ID {
		return object{"user": me, "status": c.bot}, nil
	}
	p := s.people[id]
	if p == nil || !p.seen {
		return nil, bad("user not found")
	}
	status := "left"
	if c.members[id] {
		status = "member"
	}
	return object{"user": p.user, "status": status}, nil
}

func (s *Server) leaveChat(q *query) (any, *Error) {
	c, err := s.chat(q)
	if err != nil {
		return nil, err
	}
	if c.Type == "private" {
		return nil, bad("chat member status can't be changed in private chats")
	}
	c.bot = "left"
	return true, nil
}
