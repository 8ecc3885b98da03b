package telegram

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// This file says how often may be written, to a chat and in all. Telegram names
// about one message a second to a chat, with short bursts, 20 a minute to a group
// and about 30 a second in all (core.telegram.org/bots/faq). Bots have reported
// the rest:
//   - An edit counts like a message (tdlib/td#3034), also in a group
//     (grammyjs/website#1076). An answer to a tap does not (tdlib/telegram-bot-api#648).
//   - Ten messages to one chat within a second, every twelve seconds, are too many
//     in the long run (tdlib/telegram-bot-api#516).
//   - Two edits a second, after some seconds, cost a pause of two minutes
//     (letta-ai/lettabot#433), and others were told to wait for four
//     (pyed/transmission-telegram#5, m1guelpf/chatgpt-telegram#63).
//
// So a rare burst is fine, a high pace that goes on is dear, and nobody outside
// knows where the line is. A chat that has rested gets a burst at once; what is
// refused lowers the pace for some time.
const (
	allPerSecond  = 25
	allReserve    = 5 // of those, kept for chats in which somebody is there
	chatBurst     = 20
	groupBurst    = 10
	groupMost     = 20 // within groupSpan
	groupSpan     = time.Minute
	maxSlow       = 4               // how often the pace is halved, at most
	easeAfter     = 5 * time.Minute // without a refusal, it is doubled again
	attentionSpan = 15 * time.Second
)

// allowance is the rate limit of one chat, or of all chats. Only [Sender.run] changes
// it.
type allowance struct {
	*rate.Limiter
	base  rate.Limit
	burst int
	most  int         // within groupSpan; 0 for no such limit
	sent  []time.Time // the last ones, most at most

	slow   int       // how often the pace is halved
	slowed time.Time // when that changed
}

func newAllowance(base rate.Limit, burst, most int) *allowance {
	return &allowance{Limiter: rate.NewLimiter(base, burst), base: base, burst: burst, most: most}
}

func chatAllowance(chat int64) *allowance {
	if chat < 0 {
		return newAllowance(rate.Every(groupSpan/groupMost), groupBurst, groupMost)
	}
	return newAllowance(1, chatBurst, 0)
}

// spend counts one message and returns how long to wait before the next.
func (a *allowance) spend(now time.Time) time.Duration {
	a.ReserveN(now, 1)
	if a.most > 0 {
		a.sent = append(a.sent, now)
		a.sent = a.sent[max(0, len(a.sent)-a.most):]
	}
	return a.wait(now)
}

// wait is how long to wait before the next message.
func (a *allowance) wait(now time.Time) time.Duration {
	wait := a.until(now, 1)
	if most := a.most >> a.slow; most > 0 && len(a.sent) >= most {
		wait = max(wait, groupSpan-now.Sub(a.sent[len(a.sent)-most]))
	}
	return wait
}

// until returns how long it takes until n messages may be sent at once. It rounds up:
// zero means that they may be sent now.
func (a *allowance) until(now time.Time, n float64) time.Duration {
	return max(0, time.Duration(math.Ceil((n-a.TokensAt(now))/float64(a.Limit())*float64(time.Second))))
}

// ample reports whether messages that can wait leave enough room for answers.
func (a *allowance) ample(now time.Time) bool {
	return a.TokensAt(now) >= float64(a.Burst())/2 && (a.most == 0 || a.lately(now) <= a.most/2)
}

func (a *allowance) lately(now time.Time) (n int) {
	for _, at := range a.sent {
		if now.Sub(at) < groupSpan {
			n++
		}
	}
	return n
}

// refused lowers the rate after Telegram has asked for patience.
func (a *allowance) refused(now time.Time) {
	a.set(now, min(a.slow+1, maxSlow))
}

// ease doubles the rate again when easeAfter has passed without a refusal.
func (a *allowance) ease(now time.Time) {
	if a.slow > 0 && now.Sub(a.slowed) >= easeAfter {
		a.set(now, a.slow-1)
	}
}

func (a *allowance) set(now time.Time, slow int) {
	a.slow, a.slowed = slow, now
	a.SetLimitAt(now, a.base/rate.Limit(int(1)<<slow))
	a.SetBurstAt(now, max(1, a.burst>>slow))
}

// Attend tells the sender that a member has just done something in a chat. For
// attentionSpan, messages for that chat are sent before those for others, and answers
// to taps before other messages.
func (s *Sender) Attend(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for other, at := range s.attended {
		if now.Sub(at) > attentionSpan {
			delete(s.attended, other)
		}
	}
	s.attended[chat] = now
}

// attends reports whether somebody is active in a chat.
func (s *Sender) attends(chat int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.attended[chat]
	return ok && time.Since(at) <= attentionSpan
}

// settle updates the rate limits after a delivery that has sent something or was
// refused.
func (s *Sender) settle(p *chatState) {
	now := time.Now()
	if p.refused {
		p.refused = false
		p.allowed.refused(now)
		s.all.refused(now)
	}
	if p.wrote {
		p.wrote = false
		p.blockedUntil = later(p.blockedUntil, now.Add(p.allowed.spend(now)))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
