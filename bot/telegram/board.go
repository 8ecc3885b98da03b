package telegram

import (
	"context"
	"runtime/debug"
	"time"

	"goalbot/handlers"
)

// Boards are brought up to date when nothing else is to be said: a moment
// after the last answer, few at a time, and so seldom that a chat can still
// be sent a burst of answers.
const (
	boardPause = time.Second
	boardEvery = 3 * time.Second  // in a private chat
	boardAmong = 10 * time.Second // in a group
	boardTime  = 3 * time.Second  // for one edit; an answer may wait for its end
	boardRetry = 30 * time.Second
	maxBoards  = 5 // at once
)

// dueBoards returns those of the edits that may be made now, and has the others
// looked at later. waits are the chats in which a message waits,
// and most is how many may be made.
func (s *Sender) dueBoards(stale []handlers.BoardEdit, waits map[int64]bool, most int) (boards []handlers.BoardEdit) {
	for _, e := range stale {
		p := s.state(e.Chat)
		later := max(time.Until(p.blockedUntil), time.Until(p.board))
		if len(boards) >= min(most, maxBoards) || !p.allowed.ample(time.Now()) {
			later = max(later, boardPause)
		}
		switch {
		case p.busy || waits[e.Chat]: // its end is waited for
		case later > 0:
			s.lookAtBoards(max(later, boardPause))
		default:
			boards = append(boards, e)
		}
	}
	return boards
}

// lookAtBoards has the boards looked at after some time, or earlier.
func (s *Sender) lookAtBoards(after time.Duration) {
	if at := time.Now().Add(after); at.Before(s.boards) {
		s.boards = at
	}
}

// staleBoards looks at the boards, where it is time to. A panic over one, which
// would come at every look, must not keep answers from being sent.
func (s *Sender) staleBoards(ctx context.Context, drain bool) (stale []handlers.BoardEdit) {
	if drain || time.Until(s.boards) > 0 {
		return nil
	}
	s.boards = time.Now().Add(idle)
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("a look at the boards caused a panic", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	stale, err := s.outbox.StaleBoards(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the boards could not be looked at", "err", err)
	}
	return stale
}

// refresh brings a board up to date. What fails for now is tried at a later
// look; where the board is gone it stays gone.
func (s *Sender) refresh(ctx context.Context, e handlers.BoardEdit, p *chatState) {
	own, cancel := context.WithTimeout(ctx, boardTime)
	defer cancel()
	_, err := s.client.sendOnce(own, e.Chat, e.Message)
	p.wrote, p.board = true, time.Now().Add(boardEvery)
	if e.Chat < 0 {
		p.board = time.Now().Add(boardAmong)
	}
	kind, refusal := classify(err)
	switch {
	case err == nil || kind == unchanged:
		s.outbox.BoardShown(e, true)
	case kind == flood:
		p.blockedUntil, p.refused = time.Now().Add(retryAfter(refusal)), true
	case kind == transient || kind == unauthorized || kind == conflict || kind == webhook:
		p.board = time.Now().Add(boardRetry)
	default:
		s.log.Debug("a board cannot be brought up to date", "chat", e.Chat, "err", err)
		s.outbox.BoardShown(e, false)
	}
}
