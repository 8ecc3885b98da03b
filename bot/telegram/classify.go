package telegram

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// This file is the only one that reads what Telegram says of a failed call.

// What a failed call means for the one who called.
type class int

const (
	transient    class = iota // the network, a gateway, the server: try again
	flood                     // too many calls: wait as long as told
	unauthorized              // the token is wrong or has been revoked
	conflict                  // somebody else polls with this token
	webhook                   // a webhook is set
	delivered                 // the message went out, and cannot be told of
	gone                      // this chat cannot be written to any more
	migrated                  // the group has become a supergroup with another id
	noMedia                   // this chat takes no pictures or files from us
	unchanged                 // the message says this already
	noMessage                 // the message to edit is not there any more, or cannot be edited
	noReply                   // the message to answer is not there any more
	noThread                  // the topic is not there any more, or closed
	badEntities               // the formatting was refused
	badButtons                // the buttons were refused
	badPicture                // the picture was refused
	tooBig                    // the file is larger than the server hands out
	noFile                    // the id of the file is none that the server takes
	refused                   // the call itself is wrong; trying again would not help
)

// final reports whether the same call would be refused again.
func (c class) final() bool {
	switch c {
	case transient, flood, unauthorized, conflict, webhook, delivered, migrated:
		return false
	}
	return true
}

// classify reads an error of [Client.call]. The texts are the Bot API's own;
// it has no finer codes.
func classify(err error) (class, *tgbotapi.Error) {
	var e *tgbotapi.Error // the library returns a pointer; a value would never match
	if !errors.As(err, &e) {
		var status *StatusError
		if errors.As(err, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusNotFound) {
			return unauthorized, nil
		}
		return transient, nil
	}
	switch {
	case e.RetryAfter > 0 || e.Code == http.StatusTooManyRequests:
		return flood, e
	case e.MigrateToChatID != 0:
		return migrated, e
	case e.Code == http.StatusUnauthorized || e.Code == http.StatusNotFound:
		return unauthorized, e
	case e.Code == http.StatusConflict && strings.Contains(strings.ToLower(e.Message), "webhook"):
		return webhook, e
	case e.Code == http.StatusConflict:
		return conflict, e
	case e.Code >= 500 && strings.Contains(e.Message, "sent message was immediately deleted"):
		return delivered, e
	case e.Code >= 500 || e.Code < 400:
		return transient, e
	}
	text := e.Message
	for _, prefix := range []string{"Bad Request: ", "Forbidden: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if wait := waitOf(text); wait > 0 {
		e.RetryAfter = wait
		return flood, e
	}
	kind := refused
	if isConstant(text) {
		kind = byConstant(text)
	} else if e.Code == http.StatusBadRequest || e.Code == http.StatusForbidden {
		kind = bySentence(strings.ToLower(text))
	}
	if kind == refused && e.Code == http.StatusForbidden {
		kind = gone
	}
	return kind, e
}

// sentences are parts of what the server says in words, in lower case and in
// the order in which they are looked for (Client.cpp of telegram-bot-api;
// MessagesManager.cpp, MessageContent.cpp and DialogManager.cpp of td).
var sentences = []struct {
	kind  class
	parts []string
}{
	{unchanged, []string{"message is not modified"}},
	{noReply, []string{"message to be replied not found", "replied message not found", "message to reply not found"}},
	{noThread, []string{
		"message thread", "topic identifier", "forum topic", "topic not found", "chat is not a forum", "chat doesn't have topics", "chat doesn't have threads",
	}},
	{noMessage, []string{
		"message to edit not found", "message not found", "message can't be edited", "no text in the message to edit",
		"no caption in the message to edit",
	}},
	{gone, []string{
		"chat not found", "user is deactivated", "group chat was deleted", "bot was kicked", "bot was blocked", "bot is not a member",
		"not enough rights to send text messages", "have no write access to the chat", "can't access the chat",
		"need administrator rights in the channel", "can't initiate conversation", "can't send messages to the bot",
		"group chat was upgraded",
	}},
	{noMedia, []string{"not enough rights to send", "user restricted receiving of"}},
	{noFile, []string{"file identifier", "can't use file of type"}},
	{badPicture, []string{"too big for a photo", "photo has unsupported extension"}},
	{tooBig, []string{"file is too big"}},
	{badEntities, []string{"entit"}}, // there are a dozen texts
	{badButtons, []string{"reply markup", "keyboard", "button"}},
}

func bySentence(text string) class {
	for _, s := range sentences {
		for _, part := range s.parts {
			if strings.Contains(text, part) {
				return s.kind
			}
		}
	}
	return refused
}

// constants are what Telegram's own servers say, which the Bot API passes on as
// it is. Those that have the code 403 there have 400 here (Client.cpp,
// fail_query_with_error), so nothing but the name tells them apart.
var constants = map[string]class{
	"MESSAGE_NOT_MODIFIED": unchanged,

	"MESSAGE_ID_INVALID": noMessage, "MSG_ID_INVALID": noMessage, "MESSAGE_NOT_FOUND": noMessage,
	"MESSAGE_EDIT_TIME_EXPIRED": noMessage, "MESSAGE_AUTHOR_REQUIRED": noMessage,

	"REPLY_MESSAGE_ID_INVALID": noReply, "REPLY_TO_INVALID": noReply, "QUOTE_TEXT_INVALID": noReply,

	"CHAT_SEND_PLAIN_FORBIDDEN": gone, "CHAT_RESTRICTED": gone, "CHAT_ID_INVALID": gone, "CHAT_NOT_FOUND": gone,
	"CHAT_ADMIN_REQUIRED": gone, "CHANNEL_PRIVATE": gone, "CHANNEL_INVALID": gone, "CHANNEL_PUBLIC_GROUP_NA": gone,
	"PEER_ID_INVALID": gone, "INPUT_USER_DEACTIVATED": gone, "USER_DEACTIVATED": gone, "USER_DELETED": gone,
	"USER_IS_BLOCKED": gone, "USER_IS_BOT": gone, "USER_BOT_INVALID": gone, "USER_BANNED_IN_CHANNEL": gone,
	"USER_NOT_PARTICIPANT": gone, "USER_PRIVACY_RESTRICTED": gone, "YOU_BLOCKED_USER": gone, "PRIVACY_PREMIUM_REQUIRED": gone,

	"IMAGE_PROCESS_FAILED": badPicture,

	"FILE_ID_INVALID": noFile, "MEDIA_EMPTY": noFile, "MEDIA_INVALID": noFile,
	"VOICE_MESSAGES_FORBIDDEN": noMedia,
}

// families are constants with a beginning and an end in common, looked for
// after those that are named.
var families = []struct {
	kind       class
	begin, end string
}{
	{noMedia, "CHAT_SEND_", "_FORBIDDEN"},
	{gone, "CHAT_", "_FORBIDDEN"},
	{gone, "CHAT_FORBIDDEN", ""},
	{gone, "ALLOW_PAYMENT_REQUIRED", ""},
	{noThread, "TOPIC_", ""},
	{badEntities, "ENTITY_", ""},
	{badEntities, "ENTITIES_", ""},
	{badButtons, "REPLY_MARKUP_", ""},
	{badButtons, "BUTTON_", ""},
	{badButtons, "KEYBOARD_", ""},
	{badPicture, "PHOTO_", ""},
	{noFile, "FILE_REFERENCE_", ""},
}

func byConstant(name string) class {
	if kind, known := constants[name]; known {
		return kind
	}
	for _, f := range families {
		if strings.HasPrefix(name, f.begin) && strings.HasSuffix(name, f.end) {
			return f.kind
		}
	}
	return refused
}

func isConstant(text string) bool {
	return text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// waitOf is how many seconds a constant says to wait, as SLOWMODE_WAIT_30 does
// in a group that lets nobody write often; 0 if it is none of those.
func waitOf(name string) int {
	for _, begin := range []string{"SLOWMODE_WAIT_", "FLOOD_WAIT_"} {
		if seconds, found := strings.CutPrefix(name, begin); found {
			n, err := strconv.Atoi(seconds)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}
