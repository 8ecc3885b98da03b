package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// strange writes words as phones, keyboards and other programs may: fullwidth,
// with characters that show nothing, in capitals, with other spaces.
var strange = map[string]func(string) string{
	"in capitals":     strings.ToUpper,
	"isolated":        func(s string) string { return "\u2068" + s + "\u2069" },
	"with joiners":    func(s string) string { return strings.Join(strings.Split(s, ""), "\u200D") },
	"with fixed gaps": func(s string) string { return strings.ReplaceAll(s, " ", "\u00A0") },
	"fullwidth": func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7F {
				return r + 0xFEE0
			}
			return r
		}, s)
	},
}

// Every word that a person types is compared as goals.Fold has it. Comparing
// one of them byte by byte turns its line red.
func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	for name, odd := range strange {
		t.Run(name, func(t *testing.T) {
			h := people(t)
			for _, text := range []string{"call mother", "write the report", "read"} {
				h.say("/addgoal " + text)
			}
			for _, c := range []struct{ command, words, want string }{
				{"goal", "mother", "#1 call mother"},
				{"goal", "2", "#2 write the report"},
				{"search", "report", "Found · 1"},
				{"search", "e page 2", "Found · 3"},
				{"goals", "todo page 1", "To do · 3"},
				{"goals", "all", "All goals · 3"},
				{"goals", "in progress", "In progress: none."},
				{"goals", "done", "Goals done: none."},
				{"history", "1 page 1", "History of #1"},
				{"help", "done", "/done <which> …"},
				{"done", "all", "Please say which goals you mean"},
				{"done", "1 anyway", "Done: ✅ #1"},
				{"export", "csv", "goals.csv"},
				{"settings", "quiet hours", "Quiet hours"},
				{"settings", "timezone europe/berlin", "Europe/Berlin"},
				{"settings", "ring everything", "everything"},
				{"settings", "digest weekdays 8:00", "Monday to Friday at 08:00"},
				{"settings", "digest off", "Digest: off"},
				{"settings", "ring default", "alerts"},
				{"invite", "viewer", "https://t.me/"},
				{"members", fmt.Sprint(editor, " viewer"), "👁"},
				{"delete", "3 yes", "Deleted"},
			} {
				if m := h.say("/" + c.command + " " + odd(c.words)); !strings.Contains(m.Text, c.want) {
					t.Errorf("/%s %q is answered\n%s\nwant\n%s", c.command, odd(c.words), m.Text, c.want)
				}
			}
			for words, want := range map[string]string{"goal 2": "#2 ", "what are my goals?": "Open goals"} {
				if m := h.say(odd(words)); !strings.Contains(m.Text, want) {
					t.Errorf("%q is answered\n%s", odd(words), m.Text)
				}
			}
		})
	}
}

// What a note holds is shown from a little before the word that was looked for,
// also where the folded text has another length. Looking for the place in the
// folded text turns this red.
func TestWhatIsFoundIsShown(t *testing.T) {
	before := strings.Repeat("ﬁ – İ ", 20)
	for _, c := range []struct{ text, words string }{
		{before + "the cafe\u0301 with Ann", "café"}, {before + "STRASSE nine", "straße"}, {before + "call mother", "other"}, {before + "call", "CALL x"}, {before + "給妈妈打电话", "妈妈"},
	} {
		got := around(c.text, c.words)
		if want := c.text[len(before):]; !strings.Contains(got, want) || !strings.HasPrefix(got, "…") {
			t.Errorf("%q in %q is shown as %q", c.words, c.text, got)
		}
	}
	for text, word := range map[string]string{"": "a", "abc": "d", "\xff": "\xff"} {
		if n := position(text, word); n > 0 {
			t.Errorf("%q is in %q at %d", word, text, n)
		}
	}
}

// Nobody is meant by what shows nothing, though there is only one person.
func TestNobodyIsMeantByNothing(t *testing.T) {
	h := open(t)
	h.start(nil, ann)
	if m := h.say("/members \u200B"); !strings.HasPrefix(m.Text, "Who?") {
		t.Errorf("said %q", m.Text)
	}
}
