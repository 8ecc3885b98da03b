package goals

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Each line holds texts that look the same, or nearly, and are written
// differently by phones, keyboards and other programs.
var sameLook = [][]string{
	{"café", "cafe\u0301", "CAFÉ", "CAFE\u0301", " café ", "ca\u00ADfé"},
	{"call mother", "Call  Mother", "call\u00A0mother", "call\nmother", "\u2068call mother\u2069", "call\u200B mother", "\uFEFFcall mother", "ｃａｌｌ　ｍｏｔｈｅｒ"},
	{"don't", "don’t", "don‘t", "don`t", "don´t", "donʼt", "DON＇T"},
	{`say "hi"`, "say “hi”", "say „hi“", "say «hi»", "say ＂hi＂"},
	{"a - b", "a – b", "a — b", "a -- b", "a − b", "a ‐ b", "a ‑ b", "a ― b", "a － b", "A --- B"},
	{"strasse", "straße", "STRASSE", "STRAẞE"},
	{"οδος", "ΟΔΟΣ", "οδοσ"},
	{"istanbul", "İstanbul", "I\u0307stanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul"},
	{"file", "ﬁle", "FILE"},
	{"wait...", "wait…"},
	{"3 pages", "٣ pages", "३ pages", "３ pages", "۳ pages", "𝟛 pages"},
	{"#3", "＃3", "№3"},
	{"❤", "❤\uFE0F"},
	{"한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
	{"がぎ", "か\u3099き\u3099"},
	{"ガギ", "ｶﾞｷﾞ"},
	{"a, b", "a、 b", "a، b"},
	{"", " ", "\u200B", "\u2060\u200D\uFEFF", "\x00"},
}

func TestFoldMakesTheSameOfWhatLooksTheSame(t *testing.T) {
	for _, texts := range sameLook {
		for _, text := range texts[1:] {
			if got, want := Fold(text), Fold(texts[0]); got != want {
				t.Errorf("%q folds to %q and %q to %q", text, got, texts[0], want)
			}
		}
	}
	for i, a := range sameLook {
		for _, b := range sameLook[:i] {
			if Fold(a[0]) == Fold(b[0]) {
				t.Errorf("%q and %q fold to the same", a[0], b[0])
			}
		}
	}
	for _, differ := range [][2]string{{"schon", "schön"}, {"resume", "résumé"}, {"a'b", `a"b`}, {"١", "٢"}, {"re-do", "redo"}} {
		if Fold(differ[0]) == Fold(differ[1]) {
			t.Errorf("%q and %q fold to the same", differ[0], differ[1])
		}
	}
}

// Every decimal digit of Unicode has the value that its name says, so the rows
// of ten are where they are looked for.
func TestFoldKnowsTheDigitsOfAllScripts(t *testing.T) {
	scripts := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.Is(unicode.Nd, r) {
			continue
		}
		// The zero of each script is one that nine digits follow and no digit
		// of the same row precedes; the value counts from there.
		got := Fold(string(r))
		if len(got) != 1 || got < "0" || got > "9" {
			t.Errorf("%U folds to %q", r, got)
		}
		if nfkc := norm.NFKC.String(string(r)); nfkc != string(r) && nfkc != got {
			t.Errorf("%U is %q by its decomposition, and folds to %q", r, nfkc, got)
		}
		if got == "0" {
			scripts++
		}
	}
	for zero, script := range map[rune]string{'٠': "Arabic", '۰': "Persian", '०': "Devanagari", '০': "Bengali", '๐': "Thai", '０': "fullwidth", '𝟘': "double-struck", '᪐': "Tai Tham"} {
		for n := range rune(10) {
			if got := Fold(string(zero + n)); got != string('0'+n) {
				t.Errorf("the %s %d folds to %q", script, n, got)
			}
		}
	}
	if scripts < 60 {
		t.Errorf("there are zeros of %d scripts", scripts)
	}
}

// Every character stays what it folds to when it is folded again, alone and
// after one that it may combine with, and both ways say the same.
func TestFoldIsStable(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		all := []string{s}
		if norm.NFKC.String(s) != s || unicode.SimpleFold(r) != r || alike(r) != r || unicode.IsMark(r) || unicode.IsDigit(r) {
			all = []string{s, "i" + s, "x-" + s + "\u0301", "\u1112" + s} // which takes a vowel
		}
		for _, s := range all {
			folded := Fold(s)
			if again, long := Fold(folded), foldWhole(s); again != folded || long != folded {
				t.Fatalf("%+q folds to %+q, then to %+q, and the long way to %+q", s, folded, again, long)
			}
		}
		if r == 0x3400 || r == 0xFFFF || r == 0x1FFFF {
			r += map[rune]rune{0x3400: 0x6000, 0xFFFF: 0xA000, 0x1FFFF: 0xC0000}[r] // many of a kind
		}
	}
}

// FuzzFold: folding twice is folding once, what is folded has nothing that
// does not show, and the short way says what the long way says.
func FuzzFold(f *testing.F) {
	for _, texts := range sameLook {
		for _, text := range texts {
			f.Add(text)
		}
	}
	for _, text := range []string{"\xff", "i\u0307\u0307\u0301", "ᾳ\u0301", "ͅ", "\u0345a", "﷽", "¨", "---`", "a\x01b", "\u20e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if again := Fold(folded); again != folded {
			t.Errorf("%q folds to %q, then to %q", s, folded, again)
		}
		if folded != strings.Join(strings.Fields(folded), " ") || strings.ContainsFunc(folded, ignorable) {
			t.Errorf("%q folds to %q", s, folded)
		}
		if long := foldWhole(s); folded != long {
			t.Errorf("%q folds to %q, and the long way to %q", s, folded, long)
		}
	})
}
