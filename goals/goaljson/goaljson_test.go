package goaljson

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"goalbot/goals"
)

func mustDecode(t *testing.T, data []byte) []*goals.Goal {
	t.Helper()
	list, err := Decode(data)
	if err != nil {
		t.Fatalf("%v\nin %q", err, data)
	}
	return list
}

// withMembers is a file of one goal with one session, with members added to
// the end of both. Each begins with a comma.
func withMembers(goal, session string) string {
	return `[
  {
    "id": "g-1",
    "description": "x",
    "status": "done",
    "acceptance": [],
    "sessions": [
      {
        "session_id": "s",
        "task": "t",
        "state": "failed",
        "evidence": null` + session + `
      }
    ],
    "progress": 255,
    "created": "2026-06-16T12:00:00Z",
    "updated": "2026-06-16T12:00:00Z",
    "notes": []` + goal + `
  }
]`
}

func TestUnknownMembersAreKeptAsTheyWere(t *testing.T) {
	values := []string{
		`1`, `-0`, `1.50`, `1e999`, `-1E+05`, `1e-7`, `1E5`, `12345678901234567890123`,
		`null`, `true`, `false`, `""`, `"\u0041\/\ud800 \" \\"`,
		`{}`, `[]`, "{ \"a\" :\t[ 1,\r\n {\"\\udc00\": null } ] }", `{"a":1,"a":2,"":3}`,
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		strings.Repeat(`{"":`, 20_000) + "0" + strings.Repeat("}", 20_000),
	}
	var goal, session string
	var want []goals.Field
	for _, v := range values {
		// The same name twice, one with escapes, one that differs from a known one in its case.
		for _, name := range []string{`"x"`, `"x"`, `""`, `"\u0078"`, `"Status"`, `"Evidence"`} {
			goal += ",\n    " + name + ": " + v
			session += ",\n        " + name + ": " + v
			want = append(want, goals.Field{Name: name, Value: v})
		}
	}
	data := withMembers(goal, session)
	list := mustDecode(t, []byte(data))
	if !slices.Equal(list[0].Extra, want) || !slices.Equal(list[0].Sessions[0].Extra, want) {
		t.Error("the members read are not those of the file")
	}
	if got := string(Append(nil, list)); got != data {
		t.Error("the file written is not the file read")
	}

	// Between known members, and before the first.
	mixed := strings.NewReplacer(`"id"`, `"a" : 1, "id"`, `"progress"`, "\"b\"\n:\n[ ]\n, \"progress\"").Replace(withMembers("", ""))
	want = []goals.Field{{Name: `"a"`, Value: `1`}, {Name: `"b"`, Value: `[ ]`}}
	if got := mustDecode(t, []byte(mixed))[0].Extra; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBadUnknownValuesAreRefused(t *testing.T) {
	for _, value := range []string{
		``, `01`, `-01`, `1.`, `.5`, `+1`, `1e`, `1e+`, `-`, `--1`, `NaN`, `Infinity`, `nul`, `nulll`, `True`, `0x1`, `1.e1`,
		`"\x"`, `"\u12g4"`, `"\u12"`, "\"\x01\"", "\"a\nb\"", "\"\xFF\"", "\"\xED\xA0\x80\"", `"`, `"\`, `'a'`,
		`[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1}`, `{`, `{"a"`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{1:1}`,
		`{"a" 1}`, `{"a":1]`, `{"\x":1}`, "{\"\xFF\":1}", `{,"a":1}`, `{"a":1 "b":2}`, "\u00A0" + `1`, "\v1",
	} {
		for _, data := range []string{withMembers(`, "x": `+value, ""), withMembers("", `, "x": `+value)} {
			if _, err := Decode([]byte(data)); err == nil {
				t.Errorf("%q is accepted", value)
			}
		}
	}
	// A name that is read must be a text in every respect, unlike those inside values.
	for _, name := range []string{`"\ud800"`, "\"\xFF\"", `"\x"`, "\"a\tb\"", `null`, `"a`} {
		if _, err := Decode([]byte(withMembers(`, `+name+`: 1`, ""))); err == nil {
			t.Errorf("the name %q is accepted", name)
		}
	}
}

// What the last program wrote must not let a member slip in where the next
// comma is missing or one is too many.
func TestMembersInTheUsualFormStillNeedTheirCommas(t *testing.T) {
	file := withMembers("", "")
	for _, c := range []struct{ old, new string }{
		{"{\n    \"id\"", "{ \"x\": 1\n    \"id\""},
		{"{\n    \"id\": \"g-1\",\n    \"desc", "{,\n    \"desc"},
		{"{\n    \"id\"", "{,\n    \"id\""},
		{"\n        \"session_id\"", " \"x\": 1\n        \"session_id\""},
		{"\"s\",\n", "\"s\"\n"},
		{"\n    \"id\": \"g-1\",", ""},
		{"\n    \"notes\": []", "\n    \"id\": \"g-1\""},
	} {
		bad := strings.Replace(file, c.old, c.new, 1)
		if bad == file {
			t.Fatalf("nothing to replace: %q", c.old)
		}
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("accepted:\n%s", bad)
		}
	}
}

func TestWhatCannotBeReadBackIsNotWritten(t *testing.T) {
	evidence := "\xED\xA0\x80"
	g := &goals.Goal{
		ID:          "g-\xFF1",
		Description: "a\xC3(\xF0\x9F\x9A b\x00\x1F\x7F\u2028",
		Status:      "Done",
		Acceptance:  []string{"\xC0\x80"},
		Sessions: []goals.Session{{
			State: "asleep", Evidence: &evidence,
			Extra: []goals.Field{{Name: `"task"`, Value: `1`}, {Name: `"z"`, Value: `1`}},
		}},
		Created: time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC),
		Extra: []goals.Field{
			{}, {Name: `x`, Value: `1`}, {Name: `"x"`}, {Name: `"x"`, Value: `01`}, {Name: `"x"`, Value: `1, "y": 2`},
			{Name: `"x": 1, "y"`, Value: `2`}, {Name: `"\u0069d"`, Value: `1`}, {Name: `"ok"`, Value: `[1]`},
		},
	}
	list := mustDecode(t, Append(nil, []*goals.Goal{g, {}}))
	got := list[0]
	if got.ID != "g-\uFFFD1" || !strings.HasPrefix(got.Description, "a\uFFFD(\uFFFD b\x00\x1F\x7F\u2028") || !utf8.ValidString(*got.Sessions[0].Evidence) ||
		got.Status != goals.Pending || got.Sessions[0].State != goals.Launched || got.Created.Year() != maxYear {
		t.Errorf("got %+v", got)
	}
	if want := []goals.Field{{Name: `"ok"`, Value: `[1]`}}; !slices.Equal(got.Extra, want) {
		t.Errorf("got %q, want %q", got.Extra, want)
	}
	if want := []goals.Field{{Name: `"z"`, Value: `1`}}; !slices.Equal(got.Sessions[0].Extra, want) {
		t.Errorf("got %q, want %q", got.Sessions[0].Extra, want)
	}
}

// Control characters are written as serde writes them.
func TestControlCharactersAreEscaped(t *testing.T) {
	text := AppendGoal(nil, &goals.Goal{Description: "\"\\\b\f\n\r\t\x00\x1f/\x7f"})
	if want := `"description": "\"\\\b\f\n\r\t\u0000\u001f/` + "\x7f\""; !strings.Contains(string(text), want) {
		t.Errorf("want %s in\n%s", want, text)
	}
}

func TestPiecesMakeTheWholeFile(t *testing.T) {
	for _, n := range []int{0, 1, 2, 50} {
		list := someGoals(n)
		for _, g := range list {
			chunk := AppendGoal(nil, g)
			back, err := DecodeGoal(chunk)
			if err != nil || !back.Same(g) || !back.Updated.Equal(g.Updated) {
				t.Fatalf("%v\n%s", err, chunk)
			}
		}
		whole := Append([]byte("before"), list)
		for _, piece := range []int{1, 3, 50} {
			to := min(piece, n)
			joined := AppendPart([]byte("before"), list, 0, to)
			for from := to; from < n; from = to { // each part is larger than the one before it
				to = min(3*from, n)
				joined = AppendPart(joined, list, from, to)
			}
			if !bytes.Equal(whole, joined) {
				t.Errorf("%d goals, the first %d by themselves: joined\n%s\nwant\n%s", n, piece, joined, whole)
			}
		}
	}
	if got := string(Append(nil, nil)); got != "[]" {
		t.Errorf("no goals are written as %q", got)
	}
}

func TestDecodeGoalTakesOneGoalOnly(t *testing.T) {
	goal := string(AppendGoal(nil, &goals.Goal{}))
	for _, data := range []string{"", "[]", "[" + goal + "]", goal + goal, goal + ",", goal + "\x00", goal[:len(goal)-1], `{"x": -`, `{"x": 1`, `{"x": 1.`, `{"x": 1e`, `{"progress": `} {
		if _, err := DecodeGoal([]byte(data)); err == nil {
			t.Errorf("accepted: %q", data)
		}
	}
	if _, err := DecodeGoal([]byte(" \r\n\t" + goal + "\n")); err != nil {
		t.Error(err)
	}
}

func TestGoalsDoNotShareTheFilesBytes(t *testing.T) {
	list := someGoals(20)
	data := Append(nil, list)
	read := mustDecode(t, data)
	clear(data)
	for i, g := range read {
		if !g.Same(list[i]) {
			t.Fatalf("goal %d changed with the buffer it was read from", i)
		}
	}
}

// special against plain loops, on bytes that make every kind of valid and
// invalid UTF-8, at every place of a word of eight.
func TestSpecialFindsWhatAPlainLoopFinds(t *testing.T) {
	bytes := []byte("aaaaaaaaaaaaaaaaa~ \x1F\x00\"\\\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xF8\xFF")
	runes := []rune("aaaaaaaa\"éця目\uFFFD\U0001F680\U00010000\U0010FFFF\u0800\uD7FF\uE000")
	rnd := rand.New(rand.NewPCG(3, 4))
	doubted := 0
	for n := range 200_000 {
		var s []byte
		for len(s) < n%40 {
			if n%3 == 0 {
				s = append(s, bytes[rnd.IntN(len(bytes))])
			} else {
				s = utf8.AppendRune(s, runes[rnd.IntN(len(runes))])
			}
		}
		if n%3 == 1 && len(s) > 0 { // break one byte, or cut the last character
			s[rnd.IntN(len(s))] ^= 1 << rnd.IntN(8)
			s = s[:len(s)-rnd.IntN(min(3, len(s)))]
		}
		from := rnd.IntN(len(s) + 1)
		want := from
		for want < len(s) && s[want] >= ' ' && s[want] != '"' && s[want] != '\\' {
			want++
		}
		at, sure := special(s, from)
		atString, sureString := special(string(s), from)
		if at != want || atString != want || sure != sureString {
			t.Fatalf("special(%q, %d) = %d, %d, want %d", s, from, at, atString, want)
		}
		valid := utf8.Valid(s[from:at])
		if sure && !valid {
			t.Fatalf("special(%q, %d) is sure of %q", s, from, s[from:at])
		}
		if valid && !sure {
			doubted++
		}
	}
	if doubted > 100_000 {
		t.Errorf("special doubts %d of 200,000", doubted)
	}
}

// FuzzDecode holds every input to the promises of the package comment.
func FuzzDecode(f *testing.F) {
	for _, v := range verdicts(f) {
		if len(v.Input) < 2_000 {
			f.Add(v.Input)
		}
	}
	f.Add([]byte(good))
	f.Add([]byte(withMembers(`, "x": [{"\ud800": 1e999}]`, `, "": "\/"`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Decode(data)
		if err != nil {
			checkShown(t, err.(*Error))
			return
		}
		deep := bytes.Count(data, []byte("[")) + bytes.Count(data, []byte("{"))
		if deep < 10_000 && !json.Valid(data) {
			t.Fatalf("encoding/json does not take what we read: %q", data)
		}
		saved := Append(nil, list)
		if deep < 10_000 && !json.Valid(saved) {
			t.Fatalf("encoding/json does not take what we write: %q", saved)
		}
		again, err := Decode(saved)
		if err != nil {
			t.Fatalf("%v\nread %q\nwrote %q", err, data, saved)
		}
		if !slices.EqualFunc(list, again, func(a, b *goals.Goal) bool { return a.Same(b) && a.Updated.Equal(b.Updated) }) {
			t.Fatalf("other goals come back\nread %q\nwrote %q", data, saved)
		}
		if twice := Append(nil, again); !bytes.Equal(twice, saved) {
			t.Fatalf("the second save is another\n%q\n%q", saved, twice)
		}
	})
}
