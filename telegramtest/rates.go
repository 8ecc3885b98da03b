package telegramtest

import (
	"time"
)

// What Telegram's FAQ for bots says one may send. It lets short bursts pass; how short is not public.
const (
	perChat    = time.Second // one message
	chatBurst  = 5
	perMinute  = 20 // messages to one group
	perSecond  = 30 // messages in all
	allBurst   = 30
	groupSpan  = time.Minute
	secondSpan = time.Second
)

// rates counts what was sent. Server.mu guards it.
type rates struct {
	on    bool
	chats map[int64][]time.Time
	all   []time.Time
}

// LimitRates switches the guard on or off that refuses more than about one message a second to one chat (a burst of 5 may
// pass), 20 a minute to one group and 30 a second in all. Edits count as messages. Time is Config.Now.
func (s *Server) LimitRates(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rates = rates{on: on, chats: map[int64][]time.Time{}}
}

// take counts one message, or refuses it.
func (r *rates) take(c *chat, now time.Time) *refusal {
	if !r.on {
		return nil
	}
	sent := r.chats[c.ID]
	wait := tooSoon(sent, now, chatBurst, chatBurst*perChat)
	if c.Type != "private" {
		wait = max(wait, tooSoon(sent, now, perMinute, groupSpan))
	}
	wait = max(wait, tooSoon(r.all, now, allBurst, secondSpan*allBurst/perSecond))
	if wait > 0 {
		return tooMany(int((wait + time.Second - 1) / time.Second))
	}
	r.chats[c.ID] = recent(append(sent, now), perMinute)
	r.all = recent(append(r.all, now), allBurst)
	return nil
}

// tooSoon is how long to wait until fewer than n were sent within the span.
func tooSoon(sent []time.Time, now time.Time, n int, span time.Duration) time.Duration {
	if len(sent) < n {
		return 0
	}
	return max(0, span-now.Sub(sent[len(sent)-n]))
}

func recent(sent []time.Time, n int) []time.Time {
	return sent[max(0, len(sent)-n):]
}
