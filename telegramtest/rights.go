package telegramtest

import "strings"

// Rights are what the members of a group may not do, the bot among them. An administrator may do everything.
type Rights struct {
	NoText, NoPhotos, NoDocuments bool
	// NoMedia is for files of any other kind. In a private chat the person takes no voice messages and no video notes.
	NoMedia bool

	// Unnoticed tells that the Bot API server has not noticed yet: Telegram itself refuses, in its own spelling.
	Unnoticed bool
}

// Silenced are the rights of who can send nothing at all.
var Silenced = Rights{NoText: true, NoPhotos: true, NoDocuments: true, NoMedia: true}

// Restrict takes rights from the members of a group, and gives back all others. Nobody is told.
func (s *Server) Restrict(where Chat, r Rights) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).rights = r
	s.touch()
}

// mediaRights are what files of a kind are called in a refusal, and Telegram's own constant for it.
var mediaRights = map[string][2]string{
	"document":   {"documents", "CHAT_SEND_DOCS_FORBIDDEN"},
	"photo":      {"photos", "CHAT_SEND_PHOTOS_FORBIDDEN"},
	"video":      {"videos", "CHAT_SEND_VIDEOS_FORBIDDEN"},
	"audio":      {"music", "CHAT_SEND_AUDIOS_FORBIDDEN"},
	"voice":      {"voice notes", "CHAT_SEND_VOICES_FORBIDDEN"},
	"video_note": {"video notes", "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN"},
	"animation":  {"animations", "CHAT_SEND_GIFS_FORBIDDEN"},
}

// mayShow refuses what the bot has no right to send (tdlib, can_send_message_content in MessageContent.cpp). Where only
// Telegram itself knows, the refusal is a constant; as one of capitals alone it comes as 400 although it is a 403 (Bot
// API server, fail_query_with_error). Edits are not refused.
func (c *chat) mayShow(m *Message) *refusal {
	kind, constant, forbidden := "text messages", "CHAT_SEND_PLAIN_FORBIDDEN", c.rights.NoText
	if f := m.File(); f != nil {
		kind, constant = mediaRights[f.Kind][0], mediaRights[f.Kind][1]
		switch f.Kind {
		case "photo":
			forbidden = c.rights.NoPhotos
		case "document":
			forbidden = c.rights.NoDocuments
		default:
			forbidden = c.rights.NoMedia
		}
		if c.Type == "private" && forbidden {
			if f.Kind != "voice" && f.Kind != "video_note" {
				return nil
			}
			return bad("user restricted receiving of %s", strings.TrimSuffix(kind, "s")+" messages")
		}
	}
	switch {
	case !forbidden || c.bot == "administrator":
		return nil
	case !c.rights.Unnoticed:
		return bad("not enough rights to send %s to the chat", kind)
	case c.rights.NoText && c.rights.NoPhotos && c.rights.NoDocuments:
		return bad("CHAT_WRITE_FORBIDDEN")
	}
	return bad("%s", constant)
}
