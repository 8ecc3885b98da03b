package goals

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A search finds the same, in the same order, however many processors look. Red where
// a part of the list is left out.
func TestSearchLooksAtAllGoals(t *testing.T) {
	var all []*Goal
	for i := range 4*leastSearched + 17 {
		g := &Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i), Description: fmt.Sprintf("goal %d", i), Status: Statuses[i%5]}
		if i%7 == 0 {
			g.Notes = []string{"…", "読みやすい Ｎｏｔｅ"}
		}
		all = append(all, g)
	}
	list := NewList(0, all)
	for _, words := range []string{"goal", "note", "やす 70", "goal 8016", "none", "g o a l 0 1 2 3 や"} {
		var want []Found
		for _, open := range []bool{true, false} {
			for _, g := range list.All() {
				holds, in := true, ""
				for _, w := range strings.Fields(words) {
					inNotes := len(g.Notes) > 0 && strings.Contains(Fold(g.Notes[1]), w)
					if !strings.Contains(g.Description, w) && inNotes {
						in = g.Notes[1]
					}
					holds = holds && (strings.Contains(g.Description, w) || inNotes)
				}
				if holds && g.Status.Open() == open {
					want = append(want, Found{g, in})
				}
			}
		}
		if got := list.Search(words); !slices.Equal(got, want) {
			t.Errorf("%q: %d goals, want %d", words, len(got), len(want))
		}
	}
}

// Words are looked for in all that a goal says, and what holds them is shown.
func TestWhereWordsAreLookedFor(t *testing.T) {
	l := listOf(Goal{ID: "a", Description: "a trip", Acceptance: []string{"it is booked"}, Sessions: []Session{{ID: "s", Task: "compare prices"}}, Notes: []string{"by train"}})
	for words, in := range map[string]string{"trip": "", "booked": "it is booked", "prices": "compare prices", "train": "by train", "trip booked": "it is booked"} {
		if found := l.Search(words); len(found) != 1 || found[0].In != in {
			t.Errorf("%q: %+v, want in %q", words, found, in)
		}
	}
}

// A filter never says of a text that it cannot hold a word when it does: every piece of a
// folded text passes, whatever the text is made of. Red where characters that combine,
// that fold to several, or of two, three or four bytes are left out.
func TestAFilterKeepsEveryTextThatHoldsTheWords(t *testing.T) {
	characters := [][]rune{
		[]rune("abcxyzABCXYZ0123456789 -'\"`."),
		[]rune("äöüßÄÖÜéñçøłĳŉǆﬀﬁﬃ"),
		[]rune("абвгдежзийёъьэюяАБВЁ"),
		[]rune("αβγίΰΐΩΣσςᾳ"),
		[]rune("\u0300\u0301\u0307\u0308\u0327\u0338\u0345\u3099\u309A\u20E3\uFE0F\u200D\u00AD"),
		[]rune("iIİıKÅſ№①⑩㋉㎜™½…‥—–‗´"),
		[]rune("かがきぎハバパｶﾞ漢字漢㐀鿿豈"),
		[]rune("가각힣\u1100\u1161\u11A8"),
		[]rune("🚀🎉🏻🄰🅰𝐦𝟎😀\U0002F800\U000E0061"),
		[]rune("٠١٢०१२๐၀"),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var text []rune
		for range 1 + r.IntN(12) {
			from := characters[r.IntN(len(characters))]
			text = append(text, from[r.IntN(len(from))])
		}
		keepsPieces(t, string(text), r.IntN(12), 1+r.IntN(12))
	}
}

// FuzzFilter asks the same of any text.
func FuzzFilter(f *testing.F) {
	for _, texts := range sameLook {
		for _, text := range texts {
			f.Add(text, 0, 4)
		}
	}
	for _, text := range []string{"\xff", "a\xe2", "\xe2\x80", "\xf0\x9f\x9a", "é\xc3", "ab\xed\xa0\x80c", "\xe800"} {
		f.Add(text, 0, 9)
	}
	f.Fuzz(func(t *testing.T, text string, from, n int) { keepsPieces(t, text, from, n) })
}

// keepsPieces takes up to n characters of the folded text.
func keepsPieces(t *testing.T, text string, from, n int) {
	t.Helper()
	folded := []rune(Fold(text))
	from = max(min(from, len(folded)), 0)
	n = max(min(n, len(folded)-from), 0)
	s := newSearcher(strings.Fields(string(folded[from : from+n])))
	f := newFilter(s.words)
	for _, w := range s.words {
		if has := f.of(text); w.letters&^has != 0 {
			t.Errorf("%+q is in %+q, and of its letters %+q the filter finds %08b, want %08b", w.text, text, f.letters, has, w.letters)
		}
	}
}

// Most texts need not be folded: a filter that lets everything pass is of no use.
func TestAFilterDropsTextsWithoutTheLetters(t *testing.T) {
	s := newSearcher([]string{"milk", "777"})
	f := newFilter(s.words)
	for _, text := range []string{"", "buy a car", "die Übersicht paßt", "отчёт прочитан – дважды", "読みやすい \"と言われた\"", "2027 🚀", "“quoted” … twice"} {
		for _, w := range s.words {
			if w.letters == 0 || w.letters&^f.of(text) == 0 && text != "2027 🚀" {
				t.Errorf("%q may hold %s", text, w.text)
			}
		}
	}
	if got := f.of("MİLK ⑦"); got != s.words[0].letters|s.words[1].letters {
		t.Errorf("of both it finds %08b", got)
	}
}

// Letters are taken from all words in turn, so that a long one does not use them up.
func TestWhichLettersAFilterKnows(t *testing.T) {
	s := newSearcher([]string{"abcdefghijkl", "xy", "aa", "\uFFFDz"})
	f := newFilter(s.words)
	if got := string(f.letters[:]); got != "axbyzcde" {
		t.Errorf("it knows %s", got)
	}
	for i, want := range []string{"abcde", "xy", "a", "z"} {
		var has string
		for k, r := range f.letters {
			if s.words[i].letters>>k&1 == 1 {
				has += string(r)
			}
		}
		sorted := []byte(has)
		slices.Sort(sorted)
		if has = string(sorted); has != want {
			t.Errorf("%s has %s, want %s", s.words[i].text, has, want)
		}
	}
}

// BenchmarkSearch looks through a hundred thousand goals in several scripts.
func BenchmarkSearch(b *testing.B) {
	all := make([]*Goal, 100_000)
	for i := range all {
		all[i] = &Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i), Status: Statuses[i%5],
			Description: fmt.Sprintf("Größere Ziele für 2027 – часть %06d 🚀", i),
			Acceptance:  []string{"die Übersicht passt auf eine Seite", "отчёт прочитан дважды", "読みやすい \"と言われた\""},
			Sessions:    []Session{{Task: "entwerfen & prüfen"}, {Task: "schreiben"}},
			Notes:       []string{"Mit Zoë besprochen:\n\t– erst messen, dann kürzen", "ждём цифры до пятницы"},
		}
	}
	l := NewList(0, all)
	for _, words := range []string{"часть 000777", "пятницы 000777", "milk", "2027"} {
		b.Run(words, func(b *testing.B) {
			for b.Loop() {
				l.Search(words)
			}
		})
	}
}
