package alert

import (
	"time"
)

// This file holds what people decide about causes: mute, unmute, acknowledge.

// endMute ends a mute whose time is over, and makes news of what it has hidden.
func (b *State) endMute(a *Alert) {
	if a.MutedUntil == 0 || b.Clock < a.MutedUntil {
		return
	}
	b.unmute(a)
}

// unmute ends a mute.
func (b *State) unmute(a *Alert) {
	a.MutedUntil = 0
	switch {
	case !a.Active():
		b.mark(a)
	case a.Flapping:
		b.notify(a, Flapped)
	case a.First == 0:
		b.notify(a, Fired)
	default:
		b.notify(a, Reminded)
	}
}

// Mute mutes causes until they are over, for some time at most, which is never
// more than [maxMute].
func (b *State) Mute(causes []Cause, most time.Duration) {
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.MutedUntil = b.Clock + min(max(most, time.Second), maxMute)
		b.mark(&a)
		b.Alerts[cause] = a
	}
}

// UnmuteAll ends all mutes and returns which there were.
func (b *State) UnmuteAll() (ended []Cause) {
	for _, cause := range b.Where(Alert.Muted) {
		a := b.Alerts[cause]
		b.unmute(&a)
		b.Alerts[cause] = a
		ended = append(ended, cause)
	}
	return ended
}

// Restored notes that goals.json was rebuilt: what was flapping is resolved, and
// counts as new if it comes again.
func (b *State) Restored() {
	for _, cause := range b.Where(func(a Alert) bool { return causes[a.Cause].restore }) {
		a := b.Alerts[cause]
		flapped := a.Flapping
		a.Flapping, a.Transitions, a.Changes, a.Unsteady = false, nil, nil, false
		switch {
		case flapped && a.Phase != Firing && a.First > 0:
			b.over(&a)
		case flapped:
			b.mark(&a)
		}
		b.Alerts[cause] = a
	}
}

// Acknowledge notes that somebody knows of causes.
func (b *State) Acknowledge(causes []Cause, by string) {
	for _, cause := range causes {
		a := b.Alerts[cause]
		a.By = by
		b.mark(&a)
		b.Alerts[cause] = a
	}
}

// left is how long a mute still lasts.
func (b *State) left(a Alert) time.Duration { return max(0, a.MutedUntil-b.Clock) }
