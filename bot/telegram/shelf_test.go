package telegram

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
)

// shelf is an outbox in memory. Its lock orders what a real outbox does not:
// where two goroutines could meet, let it take its time.
type shelf struct {
	queued chan struct{}
	unable atomic.Pointer[error] // Sent fails with it
	takes  time.Duration         // for a note, before the lock is taken, as a disk does

	mu     sync.Mutex
	next   int64
	rows   []store.Message
	dead   map[int64]string // by message id
	moved  int
	boards map[int64]handlers.BoardEdit // those that are out of date, by chat
	shown  []string                     // what became of them
	looked func()                       // called when the boards were looked at; may be nil
}

func newShelf() *shelf { return &shelf{queued: make(chan struct{}, 1), dead: map[int64]string{}} }

// put queues a message and returns its id.
func (s *shelf) put(chat int64, m message.Message) int64 {
	body, err := m.Encode()
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.rows = append(s.rows, store.Message{ID: s.next, Chat: chat, Body: body})
	select {
	case s.queued <- struct{}{}:
	default:
	}
	return s.next
}

func (s *shelf) say(chat int64, text string) int64 {
	return s.put(chat, new(message.Text).Add(text).Message())
}

func (s *shelf) Outbox(context.Context) ([]store.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var heads []store.Message
	seen := map[int64]bool{}
	for _, m := range s.rows {
		if !seen[m.Chat] {
			heads = append(heads, store.Message{ID: m.ID, Chat: m.Chat})
		}
		seen[m.Chat] = true
	}
	return heads, nil
}

func (s *shelf) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	time.Sleep(s.takes)
	if err := s.unable.Load(); err != nil {
		return *err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.drop(id, "")
}

func (s *shelf) Waiting(_ context.Context, chat int64, limit int) (waiting []store.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.rows {
		if m.Chat == chat && len(waiting) < limit {
			waiting = append(waiting, m)
		}
	}
	return waiting, nil
}

func (s *shelf) SentBatch(ctx context.Context, ids []int64) error {
	time.Sleep(s.takes)
	if err := s.unable.Load(); err != nil {
		return *err
	}
	for _, id := range ids {
		if err := s.drop(id, ""); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *shelf) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	time.Sleep(s.takes)
	return s.drop(id, reason)
}

func (s *shelf) drop(id int64, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.DeleteFunc(s.rows, func(m store.Message) bool { return m.ID == id })
	if reason != "" {
		s.dead[id] = reason
	}
	return nil
}

func (s *shelf) MoveChat(ctx context.Context, from, to int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rows {
		if s.rows[i].Chat == from {
			s.rows[i].Chat = to
		}
	}
	s.moved++
	return nil
}

func (s *shelf) StaleBoards(context.Context) ([]handlers.BoardEdit, error) {
	s.mu.Lock()
	stale, looked := slices.Collect(maps.Values(s.boards)), s.looked
	s.mu.Unlock()
	if looked != nil {
		looked()
	}
	return stale, nil
}

func (s *shelf) BoardShown(e handlers.BoardEdit, taken bool) {
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.boards, e.Chat)
	s.shown = append(s.shown, fmt.Sprint(e.Chat, taken))
}

// stale says that a board is out of date, as a change does that is answered in
// some chat.
func (s *shelf) stale(chat, board int64, text string) {
	m := new(message.Text).Add(text).Message()
	m.Edit = board
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards == nil {
		s.boards = map[int64]handlers.BoardEdit{}
	}
	s.boards[chat] = handlers.BoardEdit{Chat: chat, Message: m}
}

func (s *shelf) Queued() <-chan struct{} { return s.queued }

func (s *shelf) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

func (s *shelf) reason(id int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead[id]
}
