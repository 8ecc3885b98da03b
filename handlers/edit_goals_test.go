package handlers

import (
	"slices"
	"strings"
	"testing"
)

// A list that was edited to have another number of lines once made all its goals
// anew, under other numbers, and no edit was followed when one of them was done.
// Pairing the lines by their places, or deleting what was changed since, turns
// this red.
func TestAnEditedListKeepsItsGoals(t *testing.T) {
	h := open(t)
	said := h.request("milk\nbread\nbutter\njam")
	h.tap(h.one(said), "4 goals")
	h.say("/done bread")
	edit := func(words, want string, list ...string) {
		t.Helper()
		if m := h.one(h.edit(said, words)); m.Text != want {
			t.Errorf("%q is answered\n%s\nwant\n%s", words, m.Text, want)
		}
		h.wantList(list...)
	}
	edit("milk\ntea\nbread\nbutter\njam", "Your edit changed 1 goal\nAdded: ⬜ #5 tea",
		"#1 pending milk", "#2 done bread", "#3 pending butter", "#4 pending jam", "#5 pending tea")
	edit("milk\ntea\nbutter\n[x] honey", "Your edit changed 2 goals\nNot deleted, since it has been changed: ✅ #2 bread\nChanged: ✅ #4 honey",
		"#1 pending milk", "#2 done bread", "#3 pending butter", "#4 done honey", "#5 pending tea")
	edit("butter\n[x] honey", "Your edit changed 2 goals\nDeleted: ⬜ #1 milk\nDeleted: ⬜ #5 tea",
		"#2 done bread", "#3 pending butter", "#4 done honey")
	h.say("/undo")
	h.wantList("#1 pending milk", "#2 done bread", "#3 pending butter", "#4 done honey", "#5 pending tea")
	if m := h.one(h.edit(said, strings.Repeat("line\n", maxAtOnce+1))); !strings.HasPrefix(m.Text, "These are 51 lines; I take at most 50 at once.") {
		t.Errorf("said %q", m.Text)
	}
}

func TestPair(t *testing.T) {
	items := func(words string) (all []item) {
		for _, w := range strings.Fields(words) {
			var it item
			it.Description = w
			all = append(all, it)
		}
		return all
	}
	for _, tt := range []struct{ before, now, want string }{
		{"a b c", "a b c", "a=a b=b c=c"},
		{"a b c", "a x c", "a=a b=x c=c"},
		{"a b c", "a c", "a=a b= c=c"},
		{"a c", "a b c", "a=a =b c=c"},
		{"a b", "b a", "a= b=b =a"},
		{"a b c", "x", "a=x b= c="},
		{"a", "x a y", "=x a=a =y"},
		{"a a", "a", "a=a a="},
		{"", "a", "=a"},
	} {
		var got []string
		for _, p := range pair(items(tt.before), items(tt.now)) {
			was, now := "", ""
			if p.was != nil {
				was = p.was.Description
				if items(tt.before)[p.i].Description != was {
					t.Errorf("%q to %q: %q is not at %d", tt.before, tt.now, was, p.i)
				}
			}
			if p.now != nil {
				now = p.now.Description
			}
			got = append(got, was+"="+now)
		}
		if want := strings.Fields(tt.want); !slices.Equal(got, want) {
			t.Errorf("%q to %q: %s, want %s", tt.before, tt.now, got, want)
		}
	}
}
