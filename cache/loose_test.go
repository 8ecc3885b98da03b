package cache

import (
	"strings"
	"testing"
)

// What is tested here: files that a person wrote, in forms that serde reads and no
// program writes.

// Another program's goals with a leap second or a year beyond four digits keep
// their times, byte for byte, while other goals change. The leap second used to
// become the first second of the next minute, in goals that nobody had touched.
// Red where goaljson reads a leap second as an ordinary time.
func TestTimesOfUntouchedGoalsStayAsWritten(t *testing.T) {
	h := newHouse(t)
	h.write(t, `[{"id":"g-leap","description":"watch the clock","status":"pending","progress":0,`+
		`"created":"2016-12-31T23:59:60Z","updated":"2016-12-31T23:59:60.250Z"},`+
		`{"id":"g-late","description":"wait","status":"pending","progress":0,`+
		`"created":"-0044-03-15T12:00:00Z","updated":"+12026-06-16T12:00:00Z"}]`)
	must(t, h.Check(t.Context()))
	h.add(t, "something else")
	for _, again := range []bool{false, true} {
		if again { // as after a restart
			h = openHouse(t, h.root)
			must(t, h.Start(t.Context()))
			h.add(t, "one more")
		}
		got := h.bytes(t)
		for _, want := range []string{
			`"created": "2016-12-31T23:59:60Z"`, `"updated": "2016-12-31T23:59:60.250Z"`,
			`"created": "-0044-03-15T12:00:00Z"`, `"updated": "+12026-06-16T12:00:00Z"`, "something else",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("again: %v: %s is not in the file:\n%s", again, want, got)
			}
		}
		h.inLine(t)
	}
}

// A file in the forms that serde accepts from a person is taken in like any other,
// and written as serde writes it. It used to be called corrupt.
func TestAFileWrittenByHandIsTakenIn(t *testing.T) {
	h := newHouse(t)
	h.write(t, `[["g-list","from a list",{"inProgress":null},["a criterion"],`+
		`[["s-1","dial","verified"]],100,"2026-6-16 12:00 :00 UTC","206-06-16T12:00:00+0530",["a note"]]]`)
	must(t, h.Check(t.Context()))
	if len(h.notes.kept) > 0 {
		t.Errorf("kept %q", h.notes.kept)
	}
	h.add(t, "another")
	got := h.bytes(t)
	for _, want := range []string{
		`"status": "inProgress"`, `"state": "verified"`, `"evidence": null`, `"created": "2026-06-16T12:00:00Z"`,
		`"updated": "0206-06-16T06:30:00Z"`, `"a note"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in the file:\n%s", want, got)
		}
	}
	h.inLine(t)
}
