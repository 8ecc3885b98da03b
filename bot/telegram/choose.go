package telegram

import (
	"context"
	"slices"

	"goalbot/message"
	"goalbot/store"
)

// This file chooses which of the messages waiting for a chat is sent next, and which
// need not be sent at all.

// choose returns the message to send next. That is the oldest, unless somebody is
// active in the chat: then the answer to a tap goes first. It replaces a message that
// is there already, so it does not change the order of the chat. A message that was
// tried before stays the next one, so that what is known about it is not lost.
func (s *Sender) choose(ctx context.Context, oldest store.Message, p *chatState) (store.Message, error) {
	if p.head.message == oldest.ID && p.head.tried() || !p.head.ahead && !s.attends(oldest.Chat) {
		return oldest, nil
	}
	waiting, err := s.outbox.Waiting(ctx, oldest.Chat, maxCombined)
	if err != nil {
		return oldest, err
	}
	if p.head.ahead {
		if i := indexOf(waiting, p.head.message); i >= 0 {
			return waiting[i], nil
		}
	}
	edited := map[int64]bool{} // messages that an earlier one edits
	for _, w := range waiting {
		m, err := message.Decode(w.Body)
		if err != nil || m.Over != "" { // it is not known here which message it replaces
			break
		}
		if m.Tapped && m.Edit != 0 && !edited[m.Edit] {
			return w, nil
		}
		edited[m.Edit] = true
	}
	return oldest, nil
}

func indexOf(messages []store.Message, id int64) int {
	return slices.IndexFunc(messages, func(m store.Message) bool { return m.ID == id })
}

// tried reports whether more is known of a message than its id.
func (a attempt) tried() bool {
	return a.sent || a.alone || a.unsure > 0 || a.broken > 0 || len(a.told) > 0
}

// superseded reports whether a later message in the queue rewrites the same message.
// Telegram counts an edit like a message, and only the last one would be seen.
func (s *Sender) superseded(ctx context.Context, queued store.Message, m message.Message) (bool, error) {
	if !rewrites(m) {
		return false, nil
	}
	waiting, err := s.outbox.Waiting(ctx, queued.Chat, maxCombined)
	if err != nil {
		return false, err
	}
	for _, w := range waiting[indexOf(waiting, queued.ID)+1:] {
		next, err := message.Decode(w.Body)
		if err != nil {
			return false, nil
		}
		if rewrites(next) && next.Edit == m.Edit && next.Tag == m.Tag && next.For == m.For && slices.Equal(next.Elsewhere, m.Elsewhere) {
			return true, nil
		}
	}
	return false, nil
}

// rewrites reports whether a message answers a tap and does nothing but replace another
// message.
func rewrites(m message.Message) bool {
	return m.Tapped && m.Edit != 0 && m.Text != "" && m.Over == "" && m.Render == "" && m.React == "" && !m.Ask && !m.Lapses && !m.Attached()
}
