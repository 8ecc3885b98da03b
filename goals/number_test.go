package goals

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
	}{
		{"1", 1}, {"#12", 12}, {"3.", 3}, {"#3:", 3}, {"3,", 3}, {"007", 7}, {"9223372036854775807", math.MaxInt64},
		{"1 ", 1}, {"# 3", 3}, {"(3)", 3}, {"3)", 3}, {"3!", 3}, {"№ 3", 3}, {"＃３", 3}, {"٣", 3}, {"۱۲", 12}, {"१२", 12}, {"3️⃣", 3},
		{"\u200B3", 3}, {"\u20683\u2069", 3}, {"1\u200D2", 12}, {"\uFEFF#3", 3}, {"④", 4},
		{"", 0}, {"#", 0}, {"0", 0}, {"#0", 0}, {"-1", 0}, {"+1", 0}, {"#-1", 0}, {"#+1", 0}, {"1.5", 0}, {"1_000", 0}, {"0x1", 0},
		{".", 0}, {"#.", 0}, {".1", 0}, {"9223372036854775808", 0}, {"##1", 0}, {"1-1", 1}, {"1-2", 0}, {"1 2", 0}, {"one", 0},
	} {
		n, ok := ParseNumber(c.in)
		if ok != (c.want > 0) || ok && n != c.want {
			t.Errorf("ParseNumber(%q) = %d, %v; want %d", c.in, n, ok, c.want)
		}
	}
}

func TestParseNumbers(t *testing.T) {
	words := "words"
	no := func(why Misnaming) string { return fmt.Sprint("no: ", why) }
	for in, want := range map[string]string{
		"1-3": "[1-3]", "1–3": "[1-3]", "1 — 3": "[1-3]", "#1-#3": "[1-3]", "1..3": "[1-3]", "1…3": "[1-3]", "1 to 3": "[1-3]", "1~3": "[1-3]", "１〜３": "[1-3]", "١-٣": "[1-3]", "3-3": "[3]",
		"1,2 5": "[1 2 5]", "#1#2": "[1 2]", "1, 2 and 5": "[1 2 5]", "1 & 2": "[1 2]", "1+2": "[1 2]", "1;2": "[1 2]", "1、2": "[1 2]", "١، ٢": "[1 2]", "1\n2\n\n3": "[1 2 3]",
		"1. 2. 3.": "[1 2 3]", "1) 2)": "[1 2]", "1-3, 7, 9-10": "[1-3 7 9-10]", "1,2,": "[1 2]", "(1, 2)": "[1 2]", "2 1 2": "[2 1 2]", "1-1000": "[1-1000]",
		// Digits and marks that name no goal are refused, and never words.
		"9/10": no(NoNumber), "9 / 10": no(NoNumber), "3.5": no(NoNumber), "1:30": no(NoNumber), "½": no(NoNumber), "٣٫٥": no(NoNumber), "-3": no(NoNumber), "3-": no(NoNumber), "+3": no(NoNumber),
		"1-2-3": no(NoNumber), "2026-11-28": no(NoNumber), "1,,2": "[1 2]", "1,000": no(NoNumber), "10 000": no(NoNumber), "100%": no(NoNumber), "5€": no(NoNumber), "3*2": no(NoNumber), "3=3": no(NoNumber), "1, -2": no(NoNumber), "3 and": no(NoNumber), "and 3": no(NoNumber),
		"99999999999999999999": no(NoNumber), "0": no(NoNumber), "0-3": no(NoNumber), "1.2.3": no(NoNumber), "৴3": no(NoNumber), `"3"`: no(NoNumber),
		"5-3": no(Backwards), "10 to 9": no(Backwards),
		"1-1001": no(TooMany), "1-9223372036854775807": no(TooMany), "1-600 1-600": no(TooMany), "1-500 501-1000": "[1-500 501-1000]", "1-500, 500-1000": no(TooMany),
		// Anything with a word in it is not.
		"": words, "-": words, "#": words, "and": words, "3 reports": words, "3rd": words, "10k": words, "v1.2": words, "chapters 1-3": words, "🏃 5": words, "⬜ #1": words, "g-1a2b": words, "三": words, "3 sand": words, "3 and 4 reports": words,
	} {
		spans, ok, err := ParseNumbers(in)
		got := words
		if ok {
			var all []string
			for _, s := range spans {
				all = append(all, strings.ReplaceAll(strings.ReplaceAll(s.String(), "#", ""), " to ", "-"))
			}
			got = "[" + strings.Join(all, " ") + "]"
		}
		if wrong, is := errors.AsType[*NotNamed](err); is {
			got = no(wrong.Why)
			if wrong.Text != in {
				t.Errorf("%q is refused as %q", in, wrong.Text)
			}
		}
		if got != want {
			t.Errorf("ParseNumbers(%q) is %s, want %s", in, got, want)
		}
	}
}

// shelf holds goals whose words look like what people type for numbers.
func shelf() List {
	return listOf(
		Goal{ID: "g-0a1b2c3d", Description: "write the report", Notes: []string{"Blocked: waiting for Bob’s figures"}},
		Goal{ID: "g-0a1bffff", Description: "read chapters 1-3"},
		Goal{ID: "G-UPPER", Description: "שלום, call עולם"},
		Goal{ID: "2026-11-28", Description: "solve 9/10 puzzles"},
		Goal{ID: "x", Description: "run 3.5 km, version ٣٫٥"},
		Goal{ID: "y", Description: "café with Ann — don’t “forget”\nsecond line"},
		Goal{ID: "z", Description: "\u200B"},
		Goal{ID: "w", Description: "fix: #99 hangs"},
	)
}

// "/done 1-3" finished the goal "read chapters 1-3": what was no single number
// was looked for as words. Taking out the case for isNumbers in Named turns
// this red.
func TestNumbersAreNeverWords(t *testing.T) {
	l := shelf()
	for which, want := range map[string][]int64{
		"1-3": {1, 2, 3}, "#1#2": {1, 2}, "1,2 5": {1, 2, 5}, "5 1 5": {5, 1}, "١-٣": {1, 2, 3}, "7-20": {7, 8}, "2\u200B": {2}, "\u20682\u2069": {2},
		"9/10": nil, "3.5": nil, "٣٫٥": nil, "1-3.": {1, 2, 3}, "-3": nil, "9": nil, "1 9": nil, "20-30": nil, "3-1": nil, "1-100000": nil,
		"2026-11-28": {4}, // the whole id of one
		"chapters 1": {2}, "9/10 puzzles": {4},
		"g-upper": {3}, "g-0A1B2C3D, 3 and x": {1, 3, 5}, "3 x": {3, 5}, "x 99": nil, "x word": nil,
	} {
		found, err := l.Select(which, nil)
		var got []int64
		for _, g := range found {
			got = append(got, g.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q names %v, want %v (%v)", which, got, want, err)
		}
		if _, named, _ := l.Named(which); named && (err == nil) != (want != nil) {
			t.Errorf("%q names %v with the error %v", which, got, err)
		}
	}
}

// A row that was copied from a list of ours is the goal of its number, as long
// as it has the goal's words.
func TestRowsOfAListAreItsGoals(t *testing.T) {
	l := shelf()
	for _, c := range []struct {
		which string
		want  []int64
		why   Misnaming // where want is nil; -1 for words
	}{
		{which: "⬜ #1 write the report", want: []int64{1}},
		{which: "#1 write the report", want: []int64{1}},
		{which: "#1 report", want: []int64{1}},
		{which: "⬜ #1", want: []int64{1}},
		{which: "▶️ #1 Write  the\u00A0report", want: []int64{1}},
		{which: "⬜ #1 write the rep…", want: []int64{1}},
		{which: "⬜ #1 write the report  ▰▰▱▱▱▱▱▱ 25% · 1/4 tasks verified", want: []int64{1}},
		{which: "Added: ⬜ #1 write the report", want: []int64{1}},
		{which: "- [ ] **\\#1** write the report", want: []int64{1}},
		{which: "⬜ #3 \u2068שלום, call עולם\u2069", want: []int64{3}},
		{which: "\u2068⬜ #3 שלום\u2069", want: []int64{3}},
		{which: "⬜ #6 cafe\u0301 with Ann - don't \"forget\" second line", want: []int64{6}},
		{which: "⬜ #6 café with Ann", want: []int64{6}},
		{which: "⬜ #7 (no text)", want: []int64{7}},
		{which: "⬜ #7 untitled", want: []int64{7}}, // whatever a list says instead
		{which: "⬜ #1 write the report\n▶️ #2 read chapters 1-3\n", want: []int64{1, 2}},
		{which: "Open goals · 2\n\n⬜ #2 read chapters 1-3\n✅ #1 write the report", want: []int64{2, 1}},
		{which: "⬜ #1 write the report\n⬜ #1 write the report", want: []int64{1}},
		{which: "⬜ #1 call mother", why: OtherWords},
		{which: "⬜ #1 write the report and more", why: OtherWords},
		{which: "#1 write the report\n#2 write the report", why: OtherWords},
		{which: "⬜ #9 write the report", why: Missing},
		{which: "⬜ #0 write the report", why: NoNumber},
		{which: "⬜ #99999999999999999999 write", why: NoNumber},
		{which: "fix: #99 hangs", want: []int64{8}}, // its own words
		{which: "⬜ #1 write the report\nbecause of this", why: -1},
		{which: "⬜ #1 write the report\n      waiting for Bob's …\n⬜ #2 read chapters 1-3", want: []int64{1, 2}}, // a note of its own
		{which: "⬜ #2 read chapters 1-3\n      waiting for Bob's …", why: -1},
		{which: "see #1 write", why: -1},
		{which: "#1write", why: -1},
		{which: "⬜", why: -1},
	} {
		found, err := l.Select(c.which, nil)
		var got []int64
		for _, g := range found {
			got = append(got, g.Number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q is %v, want %v (%v)", c.which, got, c.want, err)
		}
		wrong, _ := errors.AsType[*NotNamed](err)
		switch {
		case c.want != nil || c.why == -1:
			if err != nil {
				t.Errorf("%q: %v", c.which, err)
			}
		case wrong == nil || wrong.Why != c.why:
			t.Errorf("%q: %v, want %v", c.which, err, c.why)
		case wrong.Error() == "" || c.why == OtherWords && wrong.Goal == nil:
			t.Errorf("%q: %+v", c.which, wrong)
		}
	}
}

// What looks the same is found, in every place that words are looked for in.
// Taking NFKC or the isolates out of Fold turns this red.
func TestWhatLooksTheSameIsFound(t *testing.T) {
	for _, texts := range sameLook[:len(sameLook)-1] {
		for _, text := range texts {
			for _, sought := range texts {
				l := listOf(Goal{Description: "so " + text}, Goal{Description: "b", Notes: []string{"so " + text}})
				if n, _ := ParseNumber(sought); n == 0 {
					if found, err := l.Select("so "+sought, nil); len(found) != 1 || err != nil {
						t.Errorf("%q does not select %q: %v", sought, text, err)
					}
				}
				if found := l.Search(sought); len(found) != 2 || found[1].In == "" {
					t.Errorf("%q does not find %q", sought, text)
				}
			}
		}
	}
}

// FuzzParseNumbers: an expression is never longer than it may be, its spans
// are spans, and what says that it is none has a word in it or no digit.
func FuzzParseNumbers(f *testing.F) {
	for _, s := range []string{"1-3", "1,2 5", "#1#2", "9/10", "3.5", "1 to 3", "3️⃣", "1-1000", "(1)", "1.", "a1", "٣", "½", "1..", "# # 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spans, ok, err := ParseNumbers(s)
		total := int64(0)
		for _, span := range spans {
			if span.First < 1 || span.Last < span.First {
				t.Errorf("%q has the span %v", s, span)
			}
			total += span.Last - span.First + 1
		}
		if total > MaxNamed || ok != (len(spans) > 0 || err != nil) || err != nil && spans != nil {
			t.Errorf("%q is %v, %v, %v", s, spans, ok, err)
		}
		if onlyDigits := strings.Trim(s, "0123456789-/., ") == "" && strings.ContainsAny(s, "0123456789"); onlyDigits && !ok {
			t.Errorf("%q is taken for words", s)
		}
	})
}
