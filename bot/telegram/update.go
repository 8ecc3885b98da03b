package telegram

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"goalbot/handlers"
)

// This file reads updates. The types hold only what is used, so that a field
// which the Bot API changes elsewhere cannot make an update unreadable; ids and
// sizes are int64, since they need up to 52 bits (Bot API, Chat).

type update struct {
	ID       int64     `json:"update_id"`
	Message  *incoming `json:"message"`
	Edited   *incoming `json:"edited_message"`
	Callback *callback `json:"callback_query"`
}

// decode reads one update. Of one that cannot be read it still tells the id,
// 0 if there is none.
func decode(raw json.RawMessage) (update, error) {
	var u update
	err := json.Unmarshal(raw, &u)
	if err == nil {
		return u, nil
	}
	var bare struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &bare) != nil {
		bare.ID = 0
	}
	return update{ID: bare.ID}, err
}

// sentBy finds out who sent an update that cannot be read, and where. ok is
// false where that was not in private, and not a tap: it need not have been
// meant for us.
func sentBy(raw json.RawMessage, key string, now time.Time) (req handlers.Request, ok bool) {
	type said struct {
		From *user `json:"from"`
		Chat *chat `json:"chat"`
	}
	var u struct {
		Message  *said `json:"message"`
		Edited   *said `json:"edited_message"`
		Callback *struct {
			From    *user `json:"from"`
			Message *said `json:"message"`
		} `json:"callback_query"`
	}
	if json.Unmarshal(raw, &u) != nil {
		return req, false
	}
	m := cmp.Or(u.Message, u.Edited)
	if u.Callback != nil && u.Callback.Message != nil {
		m = &said{From: u.Callback.From, Chat: u.Callback.Message.Chat}
	}
	if m == nil || m.From == nil || m.Chat == nil || u.Callback == nil && m.Chat.Type != "private" {
		return req, false
	}
	where := incoming{Chat: m.Chat}
	return handlers.Request{Key: key, From: person(m.From), Chat: where.where(), At: now}, true
}

// key is the update's own for ever. The id alone is not: ids start anew at
// random after a quiet week (Bot API, Update).
func (u *update) key() string {
	switch {
	case u.Callback != nil:
		return fmt.Sprintf("tg/%d/%s", u.ID, u.Callback.ID)
	case u.Message != nil:
		return fmt.Sprintf("tg/%d/%d", u.ID, u.Message.Date)
	case u.Edited != nil:
		return fmt.Sprintf("tg/%d/%d", u.ID, u.Edited.when())
	}
	return fmt.Sprintf("tg/%d", u.ID)
}

// when is the time of the message's last change.
func (m *incoming) when() int64 {
	if m.EditDate != 0 {
		return m.EditDate
	}
	return m.Date
}

// allowedUpdates are the kinds that are asked for. They are always named: the
// server otherwise keeps the choice of whichever program used the token last.
var allowedUpdates = []string{"message", "edited_message", "callback_query", "my_chat_member"}

type user struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
}

type chat struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type incoming struct {
	ID         int64     `json:"message_id"`
	Thread     int64     `json:"message_thread_id"`
	IsTopic    bool      `json:"is_topic_message"`
	From       *user     `json:"from"`
	SenderChat *chat     `json:"sender_chat"`
	Chat       *chat     `json:"chat"`
	Date       int64     `json:"date"`
	EditDate   int64     `json:"edit_date"`
	Text       string    `json:"text"`
	Caption    string    `json:"caption"`
	ReplyTo    *incoming `json:"reply_to_message"`
	Quote      *quote    `json:"quote"`
	Forward    *origin   `json:"forward_origin"`
	ViaBot     present   `json:"via_bot"`
	Album      string    `json:"media_group_id"`
	MovedTo    int64     `json:"migrate_to_chat_id"`

	Entities        []entity        `json:"entities"`
	CaptionEntities []entity        `json:"caption_entities"`
	Rich            json.RawMessage `json:"rich_message"`
	Checklist       json.RawMessage `json:"checklist"`
	Poll            json.RawMessage `json:"poll"`

	files
	media
}

// files are what a message holds that can be sent again by its id.
type files struct {
	Animation *sentFile  `json:"animation"`
	Audio     *sentFile  `json:"audio"`
	Document  *sentFile  `json:"document"`
	Photo     []sentFile `json:"photo"` // its sizes
	Video     *sentFile  `json:"video"`
	VideoNote *sentFile  `json:"video_note"`
	Voice     *sentFile  `json:"voice"`
}

// media says what else a message holds beside words, or instead of them.
type media struct {
	Contact   present `json:"contact"`
	Dice      present `json:"dice"`
	Game      present `json:"game"`
	Invoice   present `json:"invoice"`
	LivePhoto present `json:"live_photo"`
	Location  present `json:"location"`
	PaidMedia present `json:"paid_media"`
	Sticker   present `json:"sticker"`
	Story     present `json:"story"`
	Venue     present `json:"venue"`
}

// present is true for a member that is there, whatever it holds.
type present bool

// UnmarshalJSON implements [json.Unmarshaler].
func (p *present) UnmarshalJSON(raw []byte) error {
	*p = string(raw) != "null"
	return nil
}

// quote is the part of the answered message that the person marked.
type quote struct {
	Text     string `json:"text"`
	Position int    `json:"position"` // in UTF-16 code units, and only about there
}

// origin is who said first what is forwarded.
type origin struct {
	User    *user  `json:"sender_user"`
	Name    string `json:"sender_user_name"` // of one who does not show the account
	Chat    *chat  `json:"sender_chat"`
	Channel *chat  `json:"chat"`
}

// entity is how a part of the text is formatted; in UTF-16 code units.
type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url"`

	Language string `json:"language"`
}

type sentFile struct {
	ID    string `json:"file_id"`
	Same  string `json:"file_unique_id"`
	Name  string `json:"file_name"`
	Title string `json:"title"` // of a piece of music
	Size  int64  `json:"file_size"`
	Width int64  `json:"width"`
}

type callback struct {
	ID      string    `json:"id"`
	From    *user     `json:"from"`
	Message *incoming `json:"message"` // nil for messages sent by way of an inline query
	Data    string    `json:"data"`
}
