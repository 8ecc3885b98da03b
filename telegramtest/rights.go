package telegramtest

// Rights are what the members of a group may not do, the bot among them. An administrator may do everything.
type Rights struct {
	NoText, NoPhotos, NoDocuments bool

	// Unnoticed tells that the Bot API server has not noticed yet: Telegram itself refuses, in its own spelling.
	Unnoticed bool
}

// Silenced are the rights of who can send nothing at all.
var Silenced = Rights{NoText: true, NoPhotos: true, NoDocuments: true}

// Restrict takes rights from the members of a group, and gives back all others. Nobody is told.
func (s *Server) Restrict(where Chat, r Rights) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(where).rights = r
	s.touch()
}

// mayShow refuses what the bot has no right to send (tdlib, can_send_message_content in MessageContent.cpp). Where only
// Telegram itself knows, the refusal is a constant; as one of capitals alone it comes as 400 although it is a 403 (Bot
// API server, fail_query_with_error). Edits are not refused.
func (c *chat) mayShow(m *Message) *refusal {
	kind, constant, forbidden := "text messages", "CHAT_SEND_PLAIN_FORBIDDEN", c.rights.NoText
	switch {
	case m.Photo != nil:
		kind, constant, forbidden = "photos", "CHAT_SEND_PHOTOS_FORBIDDEN", c.rights.NoPhotos
	case m.Document != nil:
		kind, constant, forbidden = "documents", "CHAT_SEND_DOCS_FORBIDDEN", c.rights.NoDocuments
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
