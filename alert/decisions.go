package alert

import (
	"time"
)

// This file holds what people decide about causes: mute, unmute, acknowledge.

// endMute ends a mute whose time is over, and makes news of what it has hidden.
func (s *State) endMute(a *Alert) {
	if a.MutedUntil == 0 || s.Clock < a.MutedUntil {
		return
	}
	s.unmute(a)
}

// unmute ends a mute.
func (s *State) unmute(a *Alert) {
	a.MutedUntil = 0
	switch {
	case !a.Active():
		s.mark(a)
	case a.Flapping:
		s.notify(a, Flapped)
	case a.First == 0:
		s.notify(a, Fired)
	default:
		s.notify(a, Reminded)
	}
}

// Mute mutes causes until they are over, for some time at most, which is never
// more than [maxMute].
func (s *State) Mute(causes []Cause, most time.Duration) {
	for _, cause := range causes {
		a := s.Alerts[cause]
		a.MutedUntil = s.Clock + min(max(most, time.Second), maxMute)
		s.mark(&a)
		s.Alerts[cause] = a
	}
}

// UnmuteAll ends all mutes and returns which there were.
func (s *State) UnmuteAll() (ended []Cause) {
	for _, cause := range s.Where(Alert.Muted) {
		a := s.Alerts[cause]
		s.unmute(&a)
		s.Alerts[cause] = a
		ended = append(ended, cause)
	}
	return ended
}

// Restored notes that goals.json was rebuilt: what was flapping is resolved, and
// counts as new if it comes again.
func (s *State) Restored() {
	for _, cause := range s.Where(func(a Alert) bool { return causes[a.Cause].restore }) {
		a := s.Alerts[cause]
		flapped := a.Flapping
		a.Flapping, a.Transitions, a.Changes, a.Unsteady = false, nil, nil, false
		switch {
		case flapped && a.Phase != Firing && a.First > 0:
			s.over(&a)
		case flapped:
			s.mark(&a)
		}
		s.Alerts[cause] = a
	}
}

// Acknowledge notes that somebody knows of causes.
func (s *State) Acknowledge(causes []Cause, by string) {
	for _, cause := range causes {
		a := s.Alerts[cause]
		a.By = by
		s.mark(&a)
		s.Alerts[cause] = a
	}
}

// left is how long a mute still lasts.
func (s *State) left(a Alert) time.Duration { return max(0, a.MutedUntil-s.Clock) }
