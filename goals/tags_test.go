package goals

import (
	"strings"
	"testing"
)

func TestTags(t *testing.T) {
	for text, want := range map[string]string{
		"read Dune #reading":                "reading",
		"#home fix the tap #Home #urgent":   "home urgent",
		"#12 and #2026":                     "",
		"#3d-print a hook":                  "3d-print",
		"see https://example.org/#part":     "",
		"issue#4a":                          "",
		"C# and F#":                         "",
		"(#work), #play!":                   "work play",
		"#a#b":                              "a",
		"##heading":                         "",
		"#größe #чтение #読書":                "grösse чтение 読書",
		"#to_do #to-do- x":                  "to_do to-do",
		"&#x41;":                            "",
		"# heading":                         "",
		"#" + strings.Repeat("a", MaxTag):   strings.Repeat("a", MaxTag),
		"#" + strings.Repeat("a", MaxTag+1): "",
	} {
		if got := strings.Join(Tags(text), " "); got != want {
			t.Errorf("%q has the tags %q, want %q", text, got, want)
		}
	}
}
