package goaljson

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write testdata/errors.golden anew")

// good is a file as we write it, to be spoilt in many ways.
const good = `[
  {
    "id": "g-1a2b3c4d",
    "description": "call mother",
    "status": "inProgress",
    "acceptance": [
      "she laughs",
      "größer als 目標"
    ],
    "sessions": [
      {
        "session_id": "s-1",
        "task": "dial",
        "state": "running",
        "evidence": null
      }
    ],
    "progress": 0,
    "created": "2026-06-16T12:00:00Z",
    "updated": "2026-06-16T12:00:00Z",
    "notes": []
  },
  {
    "id": "g-5e6f7a8b",
    "description": "ship it",
    "status": "pending",
    "acceptance": [],
    "sessions": [],
    "progress": 0,
    "created": "2026-06-16T12:00:00Z",
    "updated": "2026-06-16T12:00:00Z",
    "notes": [
      "later"
    ]
  }
]`

// mistakes are what people and programs do to a file.
func mistakes(t *testing.T) []struct{ name, data string } {
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to replace: %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	cut := func(after string) string {
		return good[:strings.Index(good, after)+len(after)]
	}
	oneLine := strings.Join(strings.Fields(good), " ")
	return []struct{ name, data string }{
		{"empty file", ""},
		{"only line breaks", "\n\n"},
		{"zero bytes instead of the file", strings.Repeat("\x00", 64)},
		{"zero bytes at the end", cut(`"task": "di`) + strings.Repeat("\x00", 64)},
		{"byte order mark", "\xEF\xBB\xBF" + good},
		{"UTF-16", "\xFF\xFE[\x00]\x00"},
		{"a web page", "<!DOCTYPE html><html></html>"},
		{"null for the list", "null"},
		{"an object around the list", `{"goals": []}`},
		{"cut inside a text", cut(`"description": "call mo`)},
		{"cut after a goal", cut("  },\n")},
		{"cut before the end", good[:len(good)-1]},
		{"missing comma between members", change("\"dial\",", `"dial"`)},
		{"missing comma between goals", change("},\n  {", "}\n  {")},
		{"trailing comma in a goal", change("\"notes\": []\n", "\"notes\": [],\n")},
		{"trailing comma in the list", change("\n  }\n]", "\n  },\n]")},
		{"two commas", change("\"she laughs\",", `"she laughs",,`)},
		{"missing colon", change(`"task": `, `"task" `)},
		{"missing quote at the end of a line", change(`"call mother"`, `"call mother`)},
		{"a value as a name", change(`"call mother"`, `"call": "mother"`)},
		{"a byte that is not UTF-8 instead of a value", change(`"progress": 0`, "\"progress\": \xB7")},
		{"quote inside a text", change(`call mother`, `call "mother" today`)},
		{"single quotes", change(`"dial"`, `'dial'`)},
		{"curly quotes", change(`"dial"`, `“dial”`)},
		{"a comment", change("\"progress\": 0,", "// half done\n    \"progress\": 0,")},
		{"name without quotes", change(`"task"`, `task`)},
		{"status in capitals", change(`"pending"`, `"Pending"`)},
		{"status with a stroke", change(`"inProgress"`, `"in_progress"`)},
		{"text of wide characters in the place of a number", change(`"progress": 0`, `"progress": "`+strings.Repeat("🚀", 40)+`"`)},
		{"unknown status", change(`"pending"`, `"waiting for June"`)},
		{"unknown state", change(`"running"`, `"done"`)},
		{"missing status", change("    \"status\": \"pending\",\n", "")},
		{"name in capitals", change(`"status": "pending"`, `"Status": "pending"`)},
		{"missing task", change("        \"task\": \"dial\",\n", "")},
		{"null for a list", change(`"notes": []`, `"notes": null`)},
		{"null for a text", change(`"ship it"`, `null`)},
		{"number as a text", change(`"progress": 0`, `"progress": "50"`)},
		{"progress with a fraction", change(`"progress": 0`, `"progress": 33.3`)},
		{"progress too large", change(`"progress": 0`, `"progress": 256`)},
		{"number as the text of a goal", change(`"call mother"`, "-1.5e+3")},
		{"text instead of a list", change(`"acceptance": []`, `"acceptance": "it works"`)},
		{"number in a list of texts", change(`"later"`, `7`)},
		{"status twice", change(`"acceptance": []`, `"status": "done"`)},
		{"status twice, the second time in its place", change("\"description\": \"call mother\"", "\"status\": \"done\",\n    \"description\": \"call mother\"")},
		{"evidence twice", change("\"evidence\": null\n", "\"evidence\": null, \"evidence\": \"x\"\n")},
		{"bad date", change(`"created": "2026-06-16T12:00:00Z"`, `"created": "16.06.2026"`)},
		{"date without time", change(`"updated": "2026-06-16T12:00:00Z"`, `"updated": "2026-06-16"`)},
		{"30 February", change(`"created": "2026-06-16T12:00:00Z"`, `"created": "2026-02-30T12:00:00Z"`)},
		{"time without zone", change(`"created": "2026-06-16T12:00:00Z"`, `"created": "2026-06-16T12:00:00"`)},
		{"second list", good + "\n[]"},
		{"word after the list", good + "\nquiz"},
		{"Latin-1", change("größer", "gr\xF6\xDFer")},
		{"tab in a text", change("she laughs", "she\tlaughs")},
		{"escape character in a text", change("she laughs", "she \x1b[31mlaughs")},
		{"backslash", change("she laughs", `C:\goals`)},
		{"short unicode escape", change("she laughs", `\u12`)},
		{"half a character", change("she laughs", `she \ud83d laughs`)},
		{"half a character at the end", change("she laughs", `\udc00`)},
		{"no-break space", change(`"task": "dial"`, "\"task\":\u00A0\"dial\"")},
		{"NaN deep inside an unknown value", change(`"task": "dial"`, `"task": "dial", "x": [[{"y": NaN}]]`)},
		{"list not closed in an unknown value", change(`"task": "dial"`, `"task": "dial", "x": [1, [2, 3}`)},
		{"leading zero in an unknown value", change(`"task": "dial"`, `"task": "dial", "x": 007`)},
		{"broken UTF-8 in an unknown value", change(`"task": "dial"`, "\"task\": \"dial\", \"x\": \"\xFF\"")},
		{"text instead of sessions", change(`"sessions": []`, `"sessions": "s-2"`)},
		{"text in a list of sessions", change(`"sessions": []`, `"sessions": ["s-2"]`)},
		{"line break behind a backslash", change("she laughs", "she \\\nlaughs")},
		{"control character instead of a value", change(`"progress": 0`, "\"progress\":  \x01")},
		{"goal as a list that is too short", `[["g-1", "x"]]`},
		{"goal as a list that is too long", `[["g-1", "x", "done", [], [], 0, "2026-06-16T12:00:00Z", "2026-06-16T12:00:00Z", [], null]]`},
		{"session as a list that is too short", `[["g-1", "x", "done", [], [["s", "t"]]]]`},
		{"status as an object with a value", change(`"pending"`, `{"pending": true}`)},
		{"status as an object of two", change(`"pending"`, `{"pending": null, "done": null}`)},
		{"status as an object without a name", change(`"pending"`, `{}`)},
		{"state as an object in capitals", change(`"running"`, `{"Running": null}`)},
		{"a text instead of a goal", `["buy milk"]`},
		{"all in one line", strings.Replace(oneLine, `"progress": 0`, `"progress": true`, 1)},
		{"description that reorders", strings.Replace(change("call mother", "\u202Eevil\u2066\u200F \\u0007\\u001b[2J"), "running", "?", 1)},
		{"long description", strings.Replace(change("call mother", strings.Repeat("long ", 30)), "running", "?", 1)},
		{"merge conflict", change(`    "notes": []`, "<<<<<<< HEAD\n    \"notes\": []")},
	}
}

// The first byte that is not UTF-8 is found behind characters of any size, and where
// the text ends in the middle of one.
func TestTheFirstInvalidByte(t *testing.T) {
	for text, want := range map[string]int{"": 0, "aé": 3, "aé😀\xff": 7, "\xffa": 0, "a\xc3": 1, "a\uFFFD\xed": 4} {
		if got := invalid([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestErrorsSayWhereAndWhy(t *testing.T) {
	if _, err := Decode([]byte(good)); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range mistakes(t) {
		_, err := Decode([]byte(m.data))
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%s: error is %v", m.name, err)
			continue
		}
		fmt.Fprintf(&got, "## %s\n%v\n", m.name, e)
		for line := range strings.Lines(e.Excerpt) {
			fmt.Fprintf(&got, "    %s\n", strings.TrimSuffix(line, "\n"))
		}
		checkShown(t, e)
	}
	const file = "testdata/errors.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the texts differ from %s; if they are better now, run the test with -update. They are:\n%s", file, got.String())
	}
}

// checkShown fails if a text of the error is not fit to be shown.
func checkShown(t *testing.T, e *Error) {
	t.Helper()
	for _, s := range []string{e.Error(), e.Problem, e.ID, e.Description, strings.Replace(e.Excerpt, "\n", "", 1)} {
		for _, r := range s {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%U in %q", r, s)
			}
		}
		if !utf8.ValidString(s) {
			t.Errorf("not UTF-8: %q", s)
		}
	}
	lines := strings.Split(e.Excerpt, "\n")
	if e.Excerpt != "" && (len(lines) != 2 || utf8.RuneCountInString(lines[0]) > 60 || strings.Trim(lines[1], " ") != "^") {
		t.Errorf("excerpt %q", e.Excerpt)
	}
	if e.Line < 1 || e.Column < 1 || strings.Contains(e.Error(), "\n") {
		t.Errorf("error %+v", e)
	}
}
