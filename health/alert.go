package health

import (
	"cmp"
	"slices"
	"time"
)

// This file decides when a finding becomes an alert. It reads no clock.

// Alert is a cause that people have been told of.
type Alert struct {
	Finding
	Since time.Time `json:"since"`
	Told  time.Time `json:"told"` // when they were told last
}

// Notice is something to tell.
type Notice struct {
	Kind   Kind
	Alert  Alert
	Lasted time.Duration
}

// Kind is what a notice is about.
type Kind int

// The kinds of notice.
const (
	Firing   Kind = iota // a new cause, or a known one that now says something else
	Reminder             // it still lasts
	Resolved             // it is over
)

// Step compares what was found with the alerts that stand. It returns the
// alerts that stand from now on and what is to be told: a cause once when it
// is found, again when what is found changes, every repeat while it lasts,
// and when it is over. A clock that was set back delays no reminder for
// longer than one repeat.
func Step(standing map[Cause]Alert, found []Finding, now time.Time, repeat time.Duration) (map[Cause]Alert, []Notice) {
	next := make(map[Cause]Alert, len(found))
	var notices []Notice
	for _, f := range found {
		a, known := standing[f.Cause]
		switch {
		case !known:
			a = Alert{Finding: f, Since: now, Told: now}
			notices = append(notices, Notice{Kind: Firing, Alert: a})
		case a.Finding != f:
			a.Finding, a.Told = f, now
			notices = append(notices, Notice{Kind: Firing, Alert: a, Lasted: since(a.Since, now)})
		case now.Sub(a.Told) >= repeat || now.Before(a.Told):
			a.Told = now
			notices = append(notices, Notice{Kind: Reminder, Alert: a, Lasted: since(a.Since, now)})
		}
		next[f.Cause] = a
	}
	for cause, a := range standing {
		if _, still := next[cause]; !still {
			notices = append(notices, Notice{Kind: Resolved, Alert: a, Lasted: since(a.Since, now)})
		}
	}
	slices.SortStableFunc(notices, func(a, b Notice) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Alert.Cause, b.Alert.Cause))
	})
	return next, notices
}

func since(t, now time.Time) time.Duration { return max(0, now.Sub(t)) }
