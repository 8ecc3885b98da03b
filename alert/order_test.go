package alert

import (
	"math"
	"slices"
	"testing"
)

// Numbers far apart were compared by the sign of their difference, which
// overflows: the oldest alert then came first.
func TestNumbersFarApartAreInOrder(t *testing.T) {
	b := New()
	for cause, first := range map[Cause]int64{Malformed: math.MinInt64, PollStalled: 0, Missing: math.MaxInt64} {
		b.Alerts[cause] = Alert{Finding: Finding{Cause: cause}, Phase: Firing, First: first}
	}
	if got := b.Active(); !slices.Equal(got, []Cause{Missing, PollStalled, Malformed}) {
		t.Errorf("the newest first: %v", got)
	}
}
