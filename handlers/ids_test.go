package handlers

import (
	"bytes"
	"regexp"
	"testing"

	"goalbot/goals"
)

// New goals get an id like those of other programs, 64 random bits. The shorter
// ones of older lists stay, and are named, exported and imported as before.
func TestNewIDsAreLongAndOldOnesStay(t *testing.T) {
	h := open(t, goal("g-1a2b3c4d", "call mother"), goal("g-1a2b3c4d5e6f7a8b", "buy milk"))
	h.say("/addgoal mend the roof")
	h.say("one\ntwo")
	now := h.truth.List()
	for _, g := range now.All()[2:] {
		if !regexp.MustCompile(`^g-[0-9a-f]{16}$`).MatchString(g.ID) {
			t.Errorf("the id of %q is %q", g.Description, g.ID)
		}
	}
	mend := now.All()[2]
	h.hear("/goal "+mend.ID, "mend the roof")
	h.hear("/goal "+mend.ID[:10], "mend the roof")
	h.hear("/goal g-1a2b3c4d5", "buy milk")
	h.hear("/goal g-1a2b3c4d", "call mother") // all of an id, though another begins so
	h.say("/done g-1a2b3c4d5e6f7a8b")
	if g := h.truth.List().ID("g-1a2b3c4d5e6f7a8b"); g.Status != goals.Done {
		t.Errorf("buy milk is %s", g.Status)
	}

	file := contents(h.say("/export").Document)
	if !bytes.Contains(file, []byte(`"id": "g-1a2b3c4d",`)) {
		t.Errorf("the export is\n%s", file)
	}
	empty := open(t)
	empty.tap(empty.send("/import", "goals.json", file), "Import")
	if !bytes.Equal(empty.onDisk(), file) {
		t.Errorf("after the import the file is\n%s\nwant\n%s", empty.onDisk(), file)
	}
}
