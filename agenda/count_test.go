package agenda

import (
	"os"
	"strings"
	"testing"

	"goalbot/goals"
)

// TestCounts reads the table. Broken on purpose, each of which turned lines of it red:
// a second number, the word before a number, verbs of one act, what makes a rate, a
// unit that is not plural, quotation marks.
func TestCounts(t *testing.T) {
	table, err := os.ReadFile("testdata/counts.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for n, line := range strings.Split(string(table), "\n") {
		text, want, ok := strings.Cut(line, "=>")
		if !ok || strings.HasPrefix(line, "#\t") {
			continue
		}
		lines++
		text, want = strings.TrimSpace(text), strings.TrimSpace(want)
		got := "none"
		if c, ok := FindCount(text); ok {
			got = c.Target.String() + " " + c.Unit
			if c.Start != 0 {
				got = c.Start.String() + " " + got
			}
		}
		if got != want {
			t.Errorf("line %d: %q is %s, want %s", n+1, text, got, want)
		}
	}
	if lines < 110 {
		t.Errorf("the table has %d phrases", lines)
	}
}

func FuzzFindCount(f *testing.F) {
	for _, text := range []string{"read 10 books", "from 90 to 80 kg", "save $1,200", "from 1 to", "from 1 kg to 2", "10\u00a0books"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := FindCount(text)
		if !ok {
			return
		}
		if !c.On() || c.Start < 0 || c.Target < 0 || c.Target > goals.MaxAmount || c.Start > goals.MaxAmount || len(c.Log) > 0 {
			t.Errorf("%q counts %+v", text, c)
		}
		if unit, err := goals.CleanText(goals.UnitText, c.Unit, goals.MaxUnit); err != nil || unit != c.Unit || strings.ContainsAny(unit, " \n") {
			t.Errorf("%q counts %q: %v", text, c.Unit, err)
		}
	})
}
