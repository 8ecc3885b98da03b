package telegramtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long Telegram keeps what it could not hand over, and what one getUpdates may ask for.
const (
	keepMessages  = 24 * time.Hour
	keepCallbacks = 150 * time.Second
	maxBatch      = 100
	maxTimeout    = 50 * time.Second
	maxUpdate     = 1 << 16 // bytes; an update that is larger is dropped
	maxAnswer     = 1 << 22 // bytes of updates in one answer
	farOffset     = 10      // an offset further above the next id than this is from before the ids restarted
)

// knownUpdates are the kinds of updates allowed_updates may name; those that are false must be named to be sent.
var knownUpdates = map[string]bool{
	"message": true, "edited_message": true, "channel_post": true, "edited_channel_post": true,
	"inline_query": true, "chosen_inline_result": true, "callback_query": true, "shipping_query": true,
	"pre_checkout_query": true, "purchased_paid_media": true, "poll": true, "poll_answer": true,
	"my_chat_member": true, "chat_join_request": true, "chat_boost": true, "removed_chat_boost": true,
	"business_connection": true, "business_message": true, "edited_business_message": true,
	"deleted_business_messages": true,
	"chat_member":               false, "message_reaction": false, "message_reaction_count": false,
}

type update struct {
	id      int64
	raw     []byte // the whole object, update_id included
	expires time.Time
}

// queue holds what the bot has not confirmed. Server.mu guards it.
type queue struct {
	next      int64 // the id of the next update
	pending   []update
	history   []update // what was confirmed, for Redeliver
	again     []update // handed out once more, whatever the offset
	confirmed map[int64]bool
	allowed   map[string]bool // nil: Telegram's default
	wake      chan struct{}   // closed and replaced when an update comes
	abort     chan *refusal   // of the poll that waits; nil if none does

	webhook    bool
	heldUntil  time.Time // a conflict before this is held back
	lastOffset int64
	lastPoll   time.Time
}

func newQueue() queue {
	return queue{next: 730_000_001, confirmed: map[int64]bool{}, wake: make(chan struct{})}
}

// enqueue adds an update unless the bot did not ask for its kind, and returns its id or 0. s.mu is held.
func (s *Server) enqueue(kind string, body any, keep time.Duration) int64 {
	allowed := s.queue.allowed[kind]
	if s.queue.allowed == nil {
		allowed = knownUpdates[kind]
	}
	if !allowed {
		return 0
	}
	raw := encode(object{kind: body})
	if len(raw) > maxUpdate {
		return 0
	}
	return s.push(raw, keep)
}

func (s *Server) push(raw []byte, keep time.Duration) int64 {
	q := &s.queue
	id := q.next
	q.next++
	whole := fmt.Appendf(nil, `{"update_id":%d`, id)
	if rest := strings.TrimSpace(string(raw[1:])); rest != "}" {
		whole = append(whole, ',')
	}
	whole = append(whole, raw[1:]...)
	q.pending = append(q.pending, update{id: id, raw: whole, expires: s.cfg.Now().Add(keep)})
	close(q.wake)
	q.wake = make(chan struct{})
	s.touch()
	return id
}

// Push adds an update of any content, whatever the bot asked for: {"message":{…}} without update_id, which is assigned
// and returned. It is for poisoned updates and kinds nobody knows yet. Anything but an object is a mistake and panics.
func (s *Server) Push(raw json.RawMessage) int64 {
	text := strings.TrimSpace(string(raw))
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		panic("telegramtest: Push needs a JSON object")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push([]byte(text), keepMessages)
}

// Pending is how many updates wait to be confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return len(s.queue.pending)
}

// Confirmed is how many updates were confirmed by an offset above them. Those that grew too old are not.
func (s *Server) Confirmed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.confirmed)
}

// IsConfirmed tells whether the update of that id was confirmed.
func (s *Server) IsConfirmed(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.confirmed[id]
}

// Polling tells whether a getUpdates waits for updates now.
func (s *Server) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.abort != nil
}

// RestartIDs gives the next update this id, as Telegram picks one at random after a week without updates.
func (s *Server) RestartIDs(next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.next = next
	s.touch()
}

// Redeliver hands the last n confirmed updates out once more, with their old ids, in front of the next answer. It stands
// for a confirmation that was lost on the way.
func (s *Server) Redeliver(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queue
	n = min(n, len(q.history))
	q.again = append(q.again, q.history[len(q.history)-n:]...)
	close(q.wake)
	q.wake = make(chan struct{})
	s.touch()
}

func (s *Server) expire() {
	now := s.cfg.Now()
	s.queue.pending = slices.DeleteFunc(s.queue.pending, func(u update) bool { return !now.Before(u.expires) })
}
