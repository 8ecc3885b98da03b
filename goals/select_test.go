package goals

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	l := listOf(
		Goal{ID: "g-0a1b2c3d", Description: "call mother"},
		Goal{ID: "g-0a1bffff", Description: "Call the dentist", Status: Done},
		Goal{ID: "g-99999999", Description: "3 reports, 12 pages"},
		Goal{ID: "12", Description: "an id that looks like a number"},
		Goal{ID: "my goal", Description: "ÜBER die STRASSE: ΟΔΟΣ"},
		Goal{ID: "g-", Description: "", Status: Abandoned},
		Goal{ID: "g-emoji", Description: "🏃 run\nfar & <fast>"},
		Goal{ID: "g-han", Description: "给妈妈打电话"},
	)
	open := func(g *Goal) bool { return g.Status.Open() }
	for _, c := range []struct {
		which  string
		prefer func(*Goal) bool
		want   []int64
	}{
		{which: "3", want: []int64{3}},
		{which: "#3", want: []int64{3}},
		{which: "  3\n", want: []int64{3}},
		{which: "12"}, // a number is a number, not an id and not a word
		{which: "99"},
		{which: "0"}, // no number; it is in two ids, which do not begin with it
		{which: "-3"},
		{which: "+3"},
		{which: "#+3"},
		{which: "##3"},
		{which: "99999999999999999999"},
		{which: "", want: nil},
		{which: " \n"},
		{which: "g-0a1b2c3d", want: []int64{1}},
		{which: "g-0a1b", want: []int64{1, 2}},
		{which: "g-0a1b", prefer: open, want: []int64{1}},
		{which: "g-", want: []int64{6}}, // the whole id of one, though it begins others
		{which: "my goal", want: []int64{5}},
		{which: "CALL", want: []int64{1, 2}},
		{which: "call", prefer: open, want: []int64{1}},
		{which: "dentist", prefer: open, want: []int64{2}}, // preferred is not required
		{which: "mother call", want: []int64{1}},
		{which: "mother dentist"},
		{which: "über", want: []int64{5}},
		{which: "οδος", want: []int64{5}}, // the last sigma has a lower case of its own
		{which: "ΟΔΟΣ", want: []int64{5}},
		{which: "οδοσ", want: []int64{5}},
		{which: "🏃", want: []int64{7}},
		{which: "<fast> &", want: []int64{7}},
		{which: "12 pages", want: []int64{3}},
		{which: "\xff\xfe"},
		// Beginnings of words, and no other pieces of them.
		{which: "all"},
		{which: "other"},
		{which: "MOTHE", want: []int64{1}},
		{which: "other call"},
		{which: "ll ca"},
		{which: "(mother", want: nil},
		{which: "far &", want: []int64{7}},
		{which: "fast", want: []int64{7}}, // after a mark
		{which: "ast"},
		{which: ",", want: []int64{3}}, // a mark begins anywhere
		{which: "traße"},
		{which: "妈妈", want: []int64{8}}, // no blanks tell where a word begins
		// The beginning of every id names none.
		{which: "g"},
		{which: "-"},
		{which: "g-0", want: []int64{1, 2}},
		{which: "3.", want: []int64{3}},
		{which: "#3:", want: []int64{3}},
	} {
		t.Run(fmt.Sprintf("%q", c.which), func(t *testing.T) {
			var got []int64
			found, err := l.Select(c.which, c.prefer)
			if err != nil && len(found) > 0 {
				t.Errorf("%d goals and %v", len(found), err)
			}
			for _, g := range found {
				got = append(got, g.Number)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// FuzzSelect: no words make it panic, it returns goals of the list, each once,
// and a preference never leaves nothing.
func FuzzSelect(f *testing.F) {
	l := listOf(Goal{Description: "call mother"}, Goal{Description: "ΟΔΟΣ", Status: Done}, Goal{ID: "a b", Description: "x\xffy"}, Goal{ID: "", Description: ""})
	for _, s := range []string{"1", "#2", "g-", "call", "οδος", "\xff", "", "#", "a b", "1-2", "#1 call mother", "⬜ #2 οδος", "1-\n#1", "a b, 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, which string) {
		found, err := l.Select(which, nil)
		preferred, _ := l.Select(which, func(g *Goal) bool { return g.Status == Done })
		if err != nil && len(found) > 0 || (len(found) == 0) != (len(preferred) == 0) {
			t.Errorf("%q: %d found, %d preferred", which, len(found), len(preferred))
		}
		_, named, _ := l.Named(which)
		for i, g := range found {
			if l.Number(g.Number) != g || slices.Contains(found[:i], g) || !named && i > 0 && found[i-1].Number > g.Number {
				t.Errorf("%q found %v", which, found)
			}
		}
		if n, ok := ParseNumber(strings.TrimSpace(which)); ok && (len(found) > 1 || len(found) == 1 && found[0].Number != n) {
			t.Errorf("the number %d found %v", n, found)
		}
	})
}
