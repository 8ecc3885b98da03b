package formats

import (
	"strings"
	"testing"
	"unicode"

	"goalbot/goals"
)

// Broken on purpose: no blank needed behind 1. (1.5 litres became 5), boxes
// without ticks, no look behind what shows nothing; each turned this red.
func TestReadLine(t *testing.T) {
	marks := []string{"- ", "-", "– ", "— ", "* ", "+ ", "• ", "•", "◦ ", "▪ ", "▫ ", "● ", "○ ", "‣ ", "→ ", "➤ ", "1. ", "1) ", "1)", "12. ", "(3) ", "(3)", "a) ", "(b) ", "\t- ", "  • ", "\u200B- ", "\uFEFF1. ", "\u2068• "}
	for _, mark := range append(marks, "") {
		for box, ticked := range map[string]bool{"": false, "[ ] ": false, "[] ": false, "[x] ": true, "[X] ": true, "[✓] ": true, "☐ ": false, "☑ ": true, "☑️ ": true, "✅ ": true, "✅": true, "✔️ ": true, "⬜ ": false, "⬜️": false, "☒ ": true} {
			line := mark + box + "buy milk"
			l := ReadLine(line)
			if l.Text != "buy milk" || l.Ticked != ticked || l.Marked != (mark+box != "") || l.Box != (box != "") {
				t.Errorf("%q is read as %+v", line, l)
			}
		}
	}
	for _, text := range []string{
		"buy milk", "1.5 litres", "-5 degrees", "−5 degrees", "2026 taxes", "2026. taxes", "(later) maybe", "A. Smith", "a (b) c", "*important* thing", "**bold**", "x milk", "[link](x)", "[xy] z", "3 eggs", "🛒 shop", "#1 write", "▶️ #2 run", "·dot", "+1 vote", "v1. x", "i.e. this",
	} {
		if l := ReadLine(text); l.Text != text || l.Marked || l.Ticked {
			t.Errorf("%q is read as %+v", text, l)
		}
	}
	for _, nothing := range []string{"", " ", "-", "- ", "1.", "[ ]", "- [x]", "☐", "\u200B", "• \u2060"} {
		if l := ReadLine(nothing); l.Text != "" {
			t.Errorf("%q is read as %+v", nothing, l)
		}
	}
	for line, want := range map[string]int{"a": 0, "  - a": 2, "\ta": 4, "\u2068  a": 2} {
		if l := ReadLine(line); l.Indent != want {
			t.Errorf("%q is indented by %d, want %d", line, l.Indent, want)
		}
	}
}

// FuzzReadLine: what is left of a line is a part of it that shows something,
// and has no marker that was found in front.
func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"- [ ] a", "1.5 l", "☑️ x", "\u200B", "(3)a", "- - -", "[x]", "\xff- a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := ReadLine(s)
		if !strings.Contains(s, l.Text) || l.Text != strings.TrimSpace(l.Text) || l.Text != "" && !goals.Shows(l.Text) {
			t.Errorf("%q is read as %+v", s, l)
		}
		if l.Ticked && !l.Box || l.Box && !l.Marked {
			t.Errorf("%q is read as %+v", s, l)
		}
		if l.Text == "" && strings.ContainsFunc(s, unicode.IsLetter) && goals.Shows(s) && len(s) > 8 && !l.Marked {
			t.Errorf("%q is nothing", s)
		}
	})
}
