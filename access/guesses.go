package access

import (
	"time"

	"golang.org/x/time/rate"
)

// MayGuess reports whether a sender may try a code. Of one sender five wrong
// ones in ten minutes are looked at. There is no limit for all senders
// together: it would let strangers lock others out, and 128 bits need no such
// help.
func (m *Members) MayGuess(user int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.limiter(user).Tokens() >= 1
}

// Guessed notes that a sender tried a wrong code.
func (m *Members) Guessed(user int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limiter(user).Allow()
}

func (m *Members) limiter(user int64) *rate.Limiter {
	limiter := m.guesses[user]
	if limiter == nil {
		if len(m.guesses) >= maxStrangers {
			clear(m.guesses)
		}
		limiter = rate.NewLimiter(rate.Every(2*time.Minute), 5)
		m.guesses[user] = limiter
	}
	return limiter
}
