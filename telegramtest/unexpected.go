package telegramtest

import (
	"fmt"
	"slices"
)

// Unexpected tells, oldest first and once each, what the bot did that Telegram passes over without a word, although the
// bot can hardly have meant it: formatting that is lost, a question that opens for nobody. Telegram answers yes to all
// of it, so that only a test can notice.
func (s *Server) Unexpected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unexpected)
}

// CheckUnexpected fails a test for all that is Unexpected. Call it when the test ends.
func (s *Server) CheckUnexpected(t interface {
	Helper()
	Errorf(format string, args ...any)
}) {
	t.Helper()
	for _, what := range s.Unexpected() {
		t.Errorf("the bot did what Telegram passes over in silence: %s", what)
	}
}

// notice adds to what is unexpected. s.mu is held.
func (s *Server) notice(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if !slices.Contains(s.unexpected, what) {
		s.unexpected = append(s.unexpected, what)
	}
}
