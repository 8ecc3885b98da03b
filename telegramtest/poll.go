package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

var errWebhook = &refusal{Code: 409, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}

var errOtherPoll = &refusal{Code: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}

var errSetWebhook = &refusal{Code: 409, Description: "Conflict: terminated by setWebhook request"}

// getUpdates waits outside the lock. It reports false if the client left.
func (s *Server) getUpdates(ctx context.Context, q *query) (reply, bool) {
	s.mu.Lock()
	if s.queue.webhook {
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
	abort := make(chan *refusal, 1)
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
func (s *Server) conflict(ctx context.Context, err *refusal) (reply, bool) {
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

func clampInt32(n int64) int64 {
	return min(max(n, -1<<31), 1<<31-1)
}
