package message

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever a message is made of, what Fit leaves of it is taken, and what fits
// is left as it is. Leaving out any step of Fit turns this red.
func TestFitMakesEveryMessageFit(t *testing.T) {
	piece := rapid.OneOf(
		rapid.StringN(0, 300, -1),
		rapid.StringMatching(`[a-z \n]{0,400}`),
		rapid.SampledFrom([]string{"😀", "👩‍👩‍👧‍👦", "e" + strings.Repeat("\u0301", 500), "\u2068שלום עולם\u2069", "\u2067\u2066x", "\n\n", " ", `<>&"`, "🇩🇪🇫🇷"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var text Text
		text.Add("x")
		for range rapid.IntRange(0, 300).Draw(t, "pieces") {
			kind := rapid.SampledFrom([]string{plainText, Bold, Italic, Strike, Code, Pre, Mention}).Draw(t, "kind")
			text.add(kind, strings.Repeat(piece.Draw(t, "piece"), rapid.SampledFrom([]int{1, 1, 1, 20}).Draw(t, "times")))
		}
		var rows [][]Button
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			var row []Button
			for range rapid.IntRange(1, 12).Draw(t, "columns") {
				row = append(row, Button{
					Label:   "x" + piece.Draw(t, "label"),
					Command: strings.Repeat("c", rapid.SampledFrom([]int{1, 10, 64, 65, 200}).Draw(t, "command")),
					Style:   rapid.SampledFrom([]Style{"", Danger}).Draw(t, "style"),
				})
			}
			rows = append(rows, row)
		}
		m := text.Message(rows...)
		limit := MaxText
		if rapid.Bool().Draw(t, "attached") {
			m.Photo, limit = []byte("p"), MaxCaption
		}
		f := m.Fit()
		if _, err := f.Encode(); err != nil {
			t.Fatalf("what fits is refused: %v", err)
		}
		if _, err := m.Encode(); err == nil && !reflect.DeepEqual(f, m) {
			t.Fatalf("what fits already became %+v", f)
		}
		if !f.Fits() || !reflect.DeepEqual(f.Fit(), f) {
			t.Fatal("what fits is fitted again")
		}
		if utf8.RuneCountInString(m.Text) > limit {
			kept := strings.TrimRight(strings.TrimSuffix(f.Text, "…"), " \n\u2069")
			if !strings.HasSuffix(f.Text, "…") || !strings.HasPrefix(m.Text, kept) {
				t.Fatalf("%q was cut to %q", m.Text, f.Text)
			}
		}
		units := utf16.Encode([]rune(f.Text))
		for _, e := range f.Entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > len(units) {
				t.Fatalf("%+v does not fit %q", e, f.Text)
			}
			if i := slices.IndexFunc(m.Entities, func(o Entity) bool { return o.Type == e.Type && o.Offset == e.Offset }); i < 0 {
				t.Fatalf("%+v is new", e)
			}
		}
	})
}

func TestALongTextIsCutAtTheEndOfALine(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("%d %s", i, strings.Repeat("word ", 5)))
	}
	text := strings.Join(lines, "\n")
	m := Message{Text: text, Entities: []Entity{{Bold, 0, 3, 0}, {Strike, 4000, 500, 0}, {Bold, 5000, 3, 0}}}.Fit()
	last := m.Text[strings.LastIndex(strings.TrimSuffix(m.Text, "\n…"), "\n")+1:]
	if !strings.HasSuffix(last, "word\n…") || len([]rune(m.Text)) > MaxText || len([]rune(m.Text)) < MaxText-40 {
		t.Errorf("it ends in %q after %d characters", last, len([]rune(m.Text)))
	}
	end := len(strings.TrimSuffix(m.Text, "\n…"))
	if want := []Entity{{Bold, 0, 3, 0}, {Strike, 4000, end - 4000, 0}}; !slices.Equal(m.Entities, want) {
		t.Errorf("its entities are %v, want %v", m.Entities, want)
	}
	m = Message{Text: text, Photo: []byte("p")}.Fit()
	if n := len([]rune(m.Text)); n > MaxCaption || n < MaxCaption-40 {
		t.Errorf("a caption has %d characters", n)
	}
	if m := (Message{Text: strings.Repeat("x", 5000)}).Fit(); m.Text != strings.Repeat("x", MaxText-1)+"…" {
		t.Error("one long line is not cut where it must be")
	}
}

// A cut leaves no isolate open, which would turn what a phone shows after it.
func TestACutClosesIsolates(t *testing.T) {
	for _, text := range []string{"\u2068" + strings.Repeat("ש", 100) + "\u2069", "\u2067a\u2066" + strings.Repeat("ש", 100)} {
		got := Clip(text, 20)
		if strings.Count(got, "\u2069") != strings.Count(got, "\u2068")+strings.Count(got, "\u2067")+strings.Count(got, "\u2066") || utf8.RuneCountInString(got) > 20 {
			t.Errorf("%+q", got)
		}
	}
}

// Beyond a hundred entities Telegram drops whatever comes last. What only
// decorates goes first, and all of it, so that equal lines look equal.
func TestFormattingGoesByKind(t *testing.T) {
	var text Text
	for i := range 34 {
		text.Bold("Done").Add(": ").Bold(fmt.Sprintf("#%d", i)).Add(" ").Strike("text").Add("\n")
	}
	m := text.Message().Fit()
	if len(m.Entities) != 68 || slices.ContainsFunc(m.Entities, func(e Entity) bool { return e.Type != Bold }) {
		t.Errorf("%d entities are left: %v", len(m.Entities), m.Entities)
	}
	if text.Marks() != 68 {
		t.Errorf("%d marks", text.Marks())
	}
	many := new(Text)
	for range 150 {
		many.Bold("a").Add(" ")
	}
	many.Mention("Ann")
	m = many.Message().Fit()
	if n := len(m.Entities); n != MaxEntities || m.Entities[n-1].Type != Mention {
		t.Errorf("%d entities, and the last is %v", n, m.Entities[n-1])
	}
}

// The row that leads back stays, whatever must go.
func TestTheLastRowStays(t *testing.T) {
	var rows [][]Button
	for i := range 150 {
		rows = append(rows, []Button{{Label: strings.Repeat("l", 80), Command: fmt.Sprint("goal ", i)}})
	}
	back := Button{Label: "‹ List", Command: "goals back"}
	m := Message{Text: "x", Buttons: append(rows, []Button{back})}.Fit()
	if last := m.Buttons[len(m.Buttons)-1]; !reflect.DeepEqual(last, []Button{back}) || count(m.Buttons) != MaxButtons {
		t.Errorf("%d buttons, and the last row is %v", count(m.Buttons), last)
	}
}

// What would be too much is shortened by no more than it must be.
func TestTextsAreCutWhereTheyMustBe(t *testing.T) {
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"ééé", 3, "ééé"},
		{"abc", 1, "…"},
		{"abc", 0, ""},
		{"abc  d", 5, "abc…"},
		{"🇩🇪xx", 2, "…"}, // half a flag is another sign
		{"🇩🇪xx", 3, "🇩🇪…"},
		{"\u2068a\u2069bbbbbb", 6, "\u2068a\u2069bb…"}, // what is closed needs no end
		{"\u2068abcdefgh\u2069", 6, "\u2068abc\u2069…"},
		{"\u2069\u2068abcdefgh\u2069", 6, "\u2069\u2068ab\u2069…"}, // an end before any beginning ends nothing
	} {
		if got := Clip(tt.text, tt.limit); got != tt.want {
			t.Errorf("%q in %d is %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"ééé\né", 5, "ééé\né"},
		{"aaaaaaaaaa\nbbbbbbbbb", 14, "aaaaaaaaaa\n…"},
		{"aaaaaaaaa\nbbbbbbbbbb", 14, "aaaaaaaaa\nbbb…"}, // a quarter of the text is too much to lose
		{"aaaa\nbbbbbbbbbbbbbbbb", 14, "aaaa\nbbbbbbbb…"},
		{"aaaaaaaaaa\nb", 10, "aaaaaaaaa…"}, // the line is as long as all that may be
		{"\u2068aaaaaaaa\nbbbbbbbb", 12, "\u2068aaaaaaaa\u2069\n…"},
	} {
		if got := cutLines(tt.text, tt.limit); got != tt.want {
			t.Errorf("%q in %d is %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

// What is exactly as much as Telegram takes stays, also beside what must go.
func TestWhatJustFitsStays(t *testing.T) {
	var decorated []Entity
	for i := range MaxEntities {
		decorated = append(decorated, Entity{Strike, i, 1, 0})
	}
	text := strings.Repeat("x", 2*MaxEntities)
	if m := (Message{Text: text, Entities: decorated}).Fit(); !slices.Equal(m.Entities, decorated) {
		t.Errorf("%d entities of %d are left", len(m.Entities), MaxEntities)
	}
	// Mentions stay, whatever stands first.
	people := []Entity{{Bold, 0, 1, 0}}
	for i := range MaxEntities {
		people = append(people, Entity{Mention, i + 1, 1, 0})
	}
	if m := (Message{Text: text, Entities: people}).Fit(); !slices.Equal(m.Entities, people[1:]) {
		t.Errorf("of %d mentions are left: %v", MaxEntities, m.Entities)
	}

	button := func(command int) Button { return Button{Label: "x", Command: strings.Repeat("c", command)} }
	row := slices.Repeat([]Button{button(MaxButtonData)}, MaxRow)
	long := append([]Button{button(MaxButtonData + 1)}, row...)
	if m := (Message{Text: "x", Buttons: [][]Button{long}}).Fit(); !reflect.DeepEqual(m.Buttons, [][]Button{row}) {
		t.Errorf("of the buttons are left: %v", m.Buttons)
	}
	if m := (Message{Text: "x", Buttons: [][]Button{append(row, button(1))}}).Fit(); !reflect.DeepEqual(m.Buttons, [][]Button{row, {button(1)}}) {
		t.Errorf("a row that is too long became %v", m.Buttons)
	}
	full := [][]Button{{button(1)}}
	full[0][0].Label += strings.Repeat("y", MaxMarkup-markupSize(full))
	for label, want := range map[string]bool{full[0][0].Label: true, full[0][0].Label + "y": false} {
		full[0][0].Label = label
		m := Message{Text: "x", Buttons: full}
		if m.Fits() != want {
			t.Errorf("%d bytes of buttons fit: %v", markupSize(full), !want)
		}
		if _, err := m.Encode(); (err == nil) != want {
			t.Errorf("%d bytes of buttons are sent: %v", markupSize(full), err)
		}
	}
}
