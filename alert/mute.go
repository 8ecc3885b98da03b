package alert

import (
	"strconv"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
)

// This file reads for how long a person wants alerts muted, and which.

// HowToMute says what can be read.
const HowToMute = "Tell me how long to mute: /mute 8h, /mute 1h 30m, /mute until 18:00, /mute until tomorrow, or /mute fixed (7 days at most). A mute always ends once the problem is fixed."

// untilOver are the ways to say that a mute ends with its fault.
var untilOver = []string{"fixed", "over", "till over", "until over", "until it is over", "until it's over", "until resolved", "until it is resolved", "until fixed", "until it is fixed"}

// ParseMute reads "8h", "for 1 hour 30 minutes", "until tomorrow 9:00", "over",
// each perhaps with the cause that is meant behind it, as in "2d malformed" or
// "over @17". Every word counts: ok is false for what cannot be read, and
// [HowToMute] is the answer. most is 0 where no time is given.
func ParseMute(words string, now time.Time) (most time.Duration, which string, ok bool) {
	all := strings.Fields(goals.Fold(words))
	if n := len(all); n > 0 && namesCause(all[n-1]) {
		all, which = all[:n-1], all[n-1]
	}
	howLong := strings.Join(all, " ")
	if howLong == "" {
		return 0, which, true
	}
	for _, over := range untilOver {
		if howLong == over {
			return maxMute, which, true
		}
	}
	most, ok = agenda.ParseDuration(strings.TrimPrefix(howLong, "for "))
	if _, err := strconv.Atoi(howLong); !ok && err != nil { // a number alone could be hours or the hour
		var until time.Time
		until, ok = agenda.ParseTime(strings.TrimPrefix(howLong, "until "), now)
		most = until.Sub(now)
	}
	if !ok || most < time.Minute || most > maxMute {
		return 0, "", false
	}
	return most, which, true
}

// namesCause reports whether a word is what [State.Which] understands.
func namesCause(word string) bool {
	if digits, ok := strings.CutPrefix(word, "@"); ok {
		_, err := strconv.ParseInt(digits, 10, 64)
		return err == nil
	}
	_, ok := causes[Cause(word)]
	return ok
}

// Which returns the active causes that are meant: all of them, one by its
// name, or those that were told up to a number of the news.
func (s *State) Which(words string) []Cause {
	upTo, err := strconv.ParseInt(strings.TrimPrefix(words, "@"), 10, 64)
	numbered := err == nil && strings.HasPrefix(words, "@")
	return s.Where(func(a Alert) bool {
		switch {
		case !a.Active() || a.Cause == Test:
			return false
		case numbered:
			return a.First <= upTo
		}
		return words == "" || strings.EqualFold(words, string(a.Cause))
	})
}
