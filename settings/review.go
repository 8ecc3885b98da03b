package settings

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// Review says which questions about resting goals come unasked.
type Review struct {
	Stuck  bool         // goals that are stuck are asked about, once a day at most
	Weekly bool         // the review comes every week, on Day at the time At
	Day    time.Weekday // where Weekly
	At     time.Duration
}

// AskStuck asks about stuck goals and sends no review.
var AskStuck = Review{Stuck: true}

// String is the form that [ParseReview] reads.
func (r Review) String() string {
	switch {
	case r.Weekly:
		return fmt.Sprintf("%s %02d:%02d", strings.ToLower(r.Day.String()), int(r.At.Hours()), int(r.At.Minutes())%60)
	case r.Stuck:
		return "stuck"
	}
	return "off"
}

// ParseReview reads "off", "stuck", or a weekday and a time, as in "sunday 18:00".
func ParseReview(value string) (Review, error) {
	words := strings.Fields(goals.Fold(value))
	wrong := errors.New("must be off, stuck, or a weekday and a time, as in sunday 18:00")
	switch {
	case len(words) == 1 && words[0] == "off":
		return Review{}, nil
	case len(words) == 1 && words[0] == "stuck":
		return AskStuck, nil
	case len(words) != 2:
		return Review{}, wrong
	}
	at, ok := agenda.ParseClock(words[1])
	for day := time.Sunday; day <= time.Saturday && ok; day++ {
		if name := strings.ToLower(day.String()); words[0] == name || words[0] == name[:3] {
			return Review{Stuck: true, Weekly: true, Day: day, At: at}, nil
		}
	}
	return Review{}, wrong
}

// Last is the last time that the weekly review was due at now, in whose location it
// is; zero where there is none.
func (r Review) Last(now time.Time) time.Time {
	if !r.Weekly {
		return time.Time{}
	}
	for back := range 8 {
		day := now.AddDate(0, 0, -back)
		if at := agenda.At(day.Year(), day.Month(), day.Day(), r.At, now.Location()); day.Weekday() == r.Day && !at.After(now) {
			return at
		}
	}
	return time.Time{}
}
