package store

import "testing"

// Of two readings that are under way at the same time the one that started last
// counts, whichever ends last; and so does the only one.
func TestTheReadingThatStartedLastCounts(t *testing.T) {
	var o Order
	first := o.Begin()
	for range 2 {
		if !o.Take(first) {
			t.Error("the only reading does not count")
		}
	}
	older, newer := o.Begin(), o.Begin()
	if !o.Take(newer) {
		t.Error("the newer reading does not count")
	}
	if o.Take(older) || o.Take(first) {
		t.Error("an older reading replaces a newer one")
	}
	if !o.Take(o.Begin()) {
		t.Error("the newest reading does not count")
	}
}
