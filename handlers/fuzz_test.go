package handlers

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHandle: whatever a member says or taps is answered in a way that can be
// sent, or not at all, and the list stays sound.
func FuzzHandle(f *testing.F) {
	for _, c := range Commands() {
		f.Add(c.Name, "1", false)
		f.Add(c.Name, "", true)
	}
	f.Add("", "plain words", false)
	f.Add("addgoal", "a\n- \u202e\n-\x00\xff", false)
	f.Add("done", "1, 2 3 anyway", true)
	f.Add("undo", "k/1", true)
	f.Add("undo", "k/1 anyway", true)
	f.Add("redo", "k/2", true)
	f.Add("goals", "back", true)
	f.Add("goals", "page 7", true)
	f.Add("block", "1@hfe0qahds0", true)
	f.Add("history", "1 page 99999999999999999999", true)
	f.Add("goals", "all 99999999999999999999", true)
	f.Add("block", "\"call\" “x", false)
	f.Add("delete", "1 yes", true)
	f.Add("verify", "7 2 https://example.org", false)
	f.Add("fail", "7 upload -", true)
	f.Add("link", "7 build", false)
	f.Add("no/such\n", strings.Repeat("😀", 4000), true)
	h := open(f, rich()...)
	f.Fuzz(func(t *testing.T, name, args string, tap bool) {
		h.t = t
		req := h.request("")
		req.Name, req.Args, req.Tap = name, args, tap
		for _, edited := range []bool{false, true} {
			req.Edited = edited
			req.Key += "/again"
			h.do(req)
		}
		for _, g := range h.truth.List().All() {
			if g.Number > 7 && (!utf8.ValidString(g.Description) || utf8.RuneCountInString(g.Description) > 1000 || g.Description == "") {
				t.Errorf("#%d is called %q", g.Number, g.Description)
			}
		}
	})
}

// FuzzWords: what takes words apart loses nothing and never panics.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "a", "a b", `"a b" c`, `"a b`, "“a” b", "«", "yes", "1 yes", "1\u00a0YES", "a\n- b", "\xff \xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		word, rest := cutFirstWord(s)
		if !strings.Contains(s, word) || !strings.HasSuffix(strings.TrimSpace(s), rest) {
			t.Errorf("%q: %q and %q", s, word, rest)
		}
		if before, ok := cutLastWord(s, "yes"); ok && (!strings.HasPrefix(strings.TrimSpace(s), before) || len(before) > len(s)-4) {
			t.Errorf("%q without yes is %q", s, before)
		}
		d := draft(s)
		for _, a := range append(d.Acceptance, d.Description) {
			if a != strings.TrimSpace(a) {
				t.Errorf("%q: %q", s, a)
			}
		}
		if inner := unquote(s); len(inner) > len(s) {
			t.Errorf("%q unquoted is %q", s, inner)
		}
		if n := utf8.RuneCountInString(clip(s, 5)); n > 5 {
			t.Errorf("%q is clipped to %d characters", s, n)
		}
	})
}
