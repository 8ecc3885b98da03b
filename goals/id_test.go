package goals

import (
	"strings"
	"testing"
)

// An id that a goal has, or had before it was deleted, is passed over; it used to
// be an error of the command. Red where UnusedID takes the first id.
func TestATakenIDIsTriedAgain(t *testing.T) {
	l := NewList(0, nil)
	for _, id := range []string{"g-1a2b3c4d", "g-1a2b3c4d5e6f7a8b"} {
		if _, err := l.Add(Draft{Description: id}, id, noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Delete(1); err != nil {
		t.Fatal(err)
	}
	ids := []string{"g-1a2b3c4d", "g-1a2b3c4d5e6f7a8b", "g-0000000000000001"}
	made := 0
	id, err := l.UnusedID(func() string { made++; return ids[made-1] })
	if err != nil || id != "g-0000000000000001" || made != 3 {
		t.Errorf("got %q after %d, %v", id, made, err)
	}
	made = 0
	_, err = l.UnusedID(func() string { made++; return ids[1] })
	if err == nil || made != 100 || !strings.Contains(err.Error(), "taken") {
		t.Errorf("after %d: %v", made, err)
	}
}
