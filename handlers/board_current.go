package handlers

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file keeps the boards current. No message waits for that: what a board
// shows is kept, so it can be compared with the list at any time. However many
// changes there were, the difference is one edit, which is made when it leaves.

// BoardEdit brings the board of a chat up to date.
type BoardEdit struct {
	Chat    int64
	Message message.Message // takes the place of the board, or is not sent at all

	kept    string // the record of the board
	shows   string // a fingerprint of the message
	refused bool   // Telegram does not take it
}

// current is what has become of edits since the start. Nothing of it need
// outlive the program: an edit that is made twice does no harm.
type current struct {
	mu   sync.Mutex
	done map[int64]BoardEdit // the latest by chat
}

// StaleBoards returns the edits of the boards that show something else than
// the list. Nothing that was queued before may still wait in these chats when
// an edit is made: the board could be what it is about.
func (h *Handlers) StaleBoards(ctx context.Context) (stale []BoardEdit, err error) {
	err = h.store.View(ctx, func(tx store.Tx) error {
		boards, err := tx.Records(store.BoardRecord)
		if err != nil || len(boards) == 0 {
			return err
		}
		retired, err := tx.Records(store.RetiredRecord)
		if err != nil {
			return err
		}
		sent, err := tx.Records(store.SentRecord)
		if err != nil {
			return err
		}
		people, err := h.members.Read(tx)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(boards)) {
			chat, _ := strconv.ParseInt(name, 10, 64)
			number := sent[message.SentName(boardTag, chat)]
			if number == "" || number == retired[name] {
				continue // this board was not delivered
			}
			e, isStale, err := h.stale(people, chat, boards[name], *tx.List())
			if err != nil {
				return err
			}
			if isStale {
				e.Message.Edit, _ = strconv.ParseInt(number, 10, 64)
				stale = append(stale, e)
			}
		}
		return nil
	})
	return stale, err
}

// stale compares a board with the list. The buttons are those of whoever asked
// for it; where they may not see the goals any more, it stays as it is.
func (h *Handlers) stale(people *access.Roster, chat int64, kept string, list goals.List) (e BoardEdit, isStale bool, err error) {
	p, err := readBoardView(kept)
	role := people.Role(p.By)
	if err != nil || p.Covered || role == 0 {
		return e, false, err
	}
	shows := p.Shown
	h.current.mu.Lock()
	done := h.current.done[chat]
	h.current.mu.Unlock()
	if done.kept == kept {
		shows = done.shows
	}
	if done.kept == kept && done.refused {
		return e, false, nil
	}
	m := p.show(list, reader{id: max(chat, 0), now: h.now().In(h.setting.For(chat).Zone), zone: h.setting.Values().Zone, people: people})
	m.Buttons = h.usable(m.Buttons, role, chat > 0)
	e = BoardEdit{Chat: chat, Message: m, kept: kept, shows: shownBy(m, m.Buttons)}
	return e, e.shows != shows, nil
}

// BoardShown notes that a board shows what an edit says, or that Telegram does
// not take the edit: then the board is left alone until it is shown anew.
func (h *Handlers) BoardShown(e BoardEdit, taken bool) {
	h.current.mu.Lock()
	defer h.current.mu.Unlock()
	e.Message, e.refused = message.Message{}, !taken // the message is not needed any more
	h.current.done[e.Chat] = e
}

// shownBy is a fingerprint of what a person sees of a board.
func shownBy(m message.Message, buttons [][]message.Button) string {
	seen, _ := json.Marshal(message.Message{Text: m.Text, Entities: m.Entities, Buttons: buttons}) // plain data
	return fingerprint(string(seen))
}

// cover notes that an answer takes the place of the chat's board, which is
// then left alone until it is shown again.
func (c *call) cover(m message.Message) error {
	if m.Edit == 0 || m.Tag == boardTag || m.Attached() {
		return nil
	}
	if board, err := c.numberOf(boardTag); err != nil || board != m.Edit {
		return err
	}
	kept, err := c.tx.Record(store.BoardRecord, c.chatName())
	if err != nil || kept == "" {
		return err
	}
	p, err := readBoardView(kept)
	if err != nil || p.Covered {
		return err
	}
	p.Covered = true
	return c.keepBoardView(p)
}
