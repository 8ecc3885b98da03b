package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
	farOffset     = 10      // an offset further than this behind the tail is taken for an old bot's
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
	lost      int             // grown too old before it was confirmed
	allowed   map[string]bool // nil: Telegram's default
	wake      chan struct{}   // closed and replaced when an update comes
	abort     chan *Error     // of the poll that waits; nil if none does

	webhook    string
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

// Lost is how many updates grew too old before the bot confirmed them: messages after 24 hours, callback queries after
// 150 seconds.
func (s *Server) Lost() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return s.queue.lost
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
	s.queue.pending = slices.DeleteFunc(s.queue.pending, func(u update) bool {
		old := !now.Before(u.expires)
		if old {
			s.queue.lost++
		}
		return old
	})
}

var errWebhook = &Error{Code: 409, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}

var errOtherPoll = &Error{Code: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}

var errSetWebhook = &Error{Code: 409, Description: "Conflict: terminated by setWebhook request"}

// getUpdates waits outside the lock. It reports false if the client left.
func (s *Server) getUpdates(ctx context.Context, q *query) (reply, bool) {
	s.mu.Lock()
	if s.queue.webhook != "" {
		s.mu.Unlock()
		return s.conflict(ctx, errWebhook)
	}
	offset := clampInt32(q.int("offset"))
	limit := maxBatch
	if n := q.int("limit"); q.str("limit") != "" {
		limit = int(min(max(n, 1), maxBatch))
	}
	timeout := time.Duration(min(max(q.int("timeout"), 0), int64(maxTimeout/time.Second))) * time.Second
	s.allow(q.str("allowed_updates"))

	now := time.Now()
	if offset == s.queue.lastOffset && s.cfg.Hold > 0 {
		since := now.Sub(s.queue.lastPoll)
		if since < s.cfg.Hold && timeout < s.cfg.Hold {
			timeout = s.cfg.Hold
		}
		if since < s.cfg.Hold/6 {
			limit = 1
		}
	}
	s.queue.lastOffset, s.queue.lastPoll = offset, now

	batch := s.take(offset, limit)
	if len(batch) > 0 || timeout == 0 {
		s.mu.Unlock()
		return updatesReply(batch), true
	}
	if s.queue.abort != nil {
		s.queue.abort <- errOtherPoll // has room for one, and is sent on once
	}
	abort := make(chan *Error, 1)
	s.queue.abort = abort
	s.touch()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		wake := s.queue.wake
		s.mu.Unlock()
		left, expired := false, false
		select {
		case err := <-abort:
			return s.conflict(ctx, err)
		case <-wake:
		case <-timer.C:
			expired = true
		case <-ctx.Done():
			left = true
		case <-s.closed:
			left = true
		}
		s.mu.Lock()
		if s.queue.abort != abort { // somebody else took over meanwhile
			s.mu.Unlock()
			return s.conflict(ctx, <-abort)
		}
		if !left {
			batch = s.take(offset, limit)
		}
		if left || expired || len(batch) > 0 {
			s.queue.abort = nil
			s.touch()
			s.mu.Unlock()
			return updatesReply(batch), !left
		}
	}
}

// take confirms what lies before offset and returns what comes after.
func (s *Server) take(offset int64, limit int) [][]byte {
	s.expire()
	q := &s.queue
	if offset < 0 {
		keep := int(min(-offset, int64(len(q.pending))))
		s.confirm(len(q.pending) - keep)
		offset = 0
	}
	if 0 < offset && offset <= q.next+farOffset {
		n := 0
		for n < len(q.pending) && q.pending[n].id < offset {
			n++
		}
		s.confirm(n)
	}
	room := maxAnswer
	var batch [][]byte
	for len(q.again) > 0 && len(batch) < limit {
		batch = append(batch, q.again[0].raw)
		q.again = q.again[1:]
	}
	for _, u := range q.pending {
		room -= len(u.raw) + 50
		if len(batch) >= limit || room <= 0 {
			break
		}
		batch = append(batch, u.raw)
	}
	return batch
}

// confirm forgets the first n updates for good.
func (s *Server) confirm(n int) {
	if n <= 0 {
		return
	}
	for _, u := range s.queue.pending[:n] {
		s.queue.confirmed[u.id] = true
		s.queue.history = append(s.queue.history, u)
	}
	s.queue.pending = slices.Delete(s.queue.pending, 0, n)
	if extra := len(s.queue.history) - 1000; extra > 0 {
		s.queue.history = slices.Delete(s.queue.history, 0, extra)
	}
	s.touch()
}

// updatesReply joins the updates as they are, so that one that is not JSON poisons the batch as it would a real one.
func updatesReply(batch [][]byte) reply {
	body := append([]byte(`{"ok":true,"result":[`), bytes.Join(batch, []byte(","))...)
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

// conflict answers a 409, and holds it back if there was one lately.
func (s *Server) conflict(ctx context.Context, err *Error) (reply, bool) {
	s.mu.Lock()
	now := time.Now()
	hold := now.Before(s.queue.heldUntil)
	if !hold && s.cfg.Hold > 0 {
		s.queue.heldUntil = now.Add(s.cfg.Hold)
	}
	s.mu.Unlock()
	if hold {
		timer := time.NewTimer(s.cfg.Hold)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return reply{}, false
		case <-s.closed:
			return reply{}, false
		}
	}
	return failure(err), true
}

// allow applies allowed_updates: absent or unreadable keeps what was set before, nothing known means the default.
func (s *Server) allow(text string) {
	if text == "" {
		return
	}
	var elements []any
	if json.Unmarshal([]byte(text), &elements) != nil || elements == nil {
		return
	}
	allowed := map[string]bool{}
	for _, element := range elements {
		name, ok := element.(string)
		if !ok {
			return
		}
		if _, known := knownUpdates[strings.ToLower(name)]; known {
			allowed[strings.ToLower(name)] = true
		}
	}
	if len(allowed) == 0 {
		allowed = nil
	}
	s.queue.allowed = allowed
}

func (s *Server) setWebhook(q *query) (any, *Error) {
	url := q.str("url")
	if url == "" {
		return s.deleteWebhook(q)
	}
	if !strings.HasPrefix(url, "https://") {
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if len(q.str("secret_token")) > 256 {
		return nil, bad("secret token is too long")
	}
	if s.queue.abort != nil {
		s.queue.abort <- errSetWebhook
		s.queue.abort = nil
	}
	s.allow(q.str("allowed_updates"))
	if q.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	s.queue.webhook = url
	return described{true, "Webhook was set"}, nil
}

func (s *Server) deleteWebhook(q *query) (any, *Error) {
	if q.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	if s.queue.webhook == "" {
		return described{true, "Webhook is already deleted"}, nil
	}
	s.queue.webhook = ""
	return described{true, "Webhook was deleted"}, nil
}

func (s *Server) getWebhookInfo(*query) (any, *Error) {
	s.expire()
	info := object{
		"url": s.queue.webhook, "has_custom_certificate": false, "pending_update_count": len(s.queue.pending),
	}
	if s.queue.allowed != nil {
		var names []string
		for name := range s.queue.allowed {
			names = append(names, name)
		}
		slices.Sort(names)
		info["allowed_updates"] = names
	}
	return info, nil
}

func clampInt32(n int64) int64 {
	return min(max(n, -1<<31), 1<<31-1)
}
