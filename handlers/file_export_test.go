package handlers

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/message"
)

// contents are the bytes of a file, which is written while it is sent.
func contents(d *message.Document) []byte {
	data, err := d.Bytes()
	if err != nil {
		panic(err)
	}
	return data
}

func TestExportIsTheFile(t *testing.T) {
	h := open(t, absurd()...)
	m := h.say("/export")
	want, err := os.ReadFile(cache.New(h.dir).Path())
	if err != nil {
		t.Fatal(err)
	}
	if m.Document == nil || m.Document.Name != "goals.json" || !bytes.Equal(contents(m.Document), want) {
		t.Errorf("%q is not the file", m.Text)
	}
	h.hear("/export json", "goals.json · 12 goals")
	h.hear("/export pdf", "I can send these")
	empty := open(t)
	if m := empty.say("/export"); string(contents(m.Document)) != "[]" {
		t.Errorf("no goals are %q", contents(m.Document))
	}
	empty.say("/export md")
	empty.say("/export csv")
}

// What is too much for Telegram is said, and nothing is sent. Sending it all
// the same turns this red: it could not be encoded.
func TestExportTooLarge(t *testing.T) {
	huge := goal("huge", strings.Repeat("\x01", message.MaxDocument/len(`\u0001`)))
	h := open(t, huge)
	if m := h.hear("/export", "50 MB, and a file"); m.Document != nil {
		t.Error("sent")
	}
}

// An export is written while it is sent, in small pieces. Making all of it before turns
// this red.
func TestAnExportIsWrittenInPieces(t *testing.T) {
	h := open(t, many(5_000)...)
	for _, f := range exports {
		d := h.say("/export " + f.words[0]).Document
		for range 2 { // as where the first try to send it breaks off
			var p pieces
			if err := d.Write(&p); err != nil {
				t.Fatal(err)
			}
			if p.all != d.Size || p.largest > d.Size/4 {
				t.Errorf("%s of %d bytes is written with %d, %d of them at once", d.Name, d.Size, p.all, p.largest)
			}
		}
	}
}

// pieces counts what is written.
type pieces struct{ all, largest int64 }

func (p *pieces) Write(b []byte) (int, error) {
	p.all, p.largest = p.all+int64(len(b)), max(p.largest, int64(len(b)))
	return len(b), nil
}

// exported are goals whose texts try to be something else.
func exported() []*goals.Goal {
	all := rich()
	for i, text := range []string{"=1+1", "+SUM(A1:A9)", "-2+3", "@SUM(A1)", "\t=1", " ＝1", "\u200b=1", "plain, with \"quotes\"", "two\n=lines"} {
		g := goal("x"+string(rune('a'+i)), text)
		g.Notes = []string{text}
		all = append(all, g)
	}
	all[0].Acceptance = []string{"three pages", "=1"}
	all = append(all, goal("y1", "# no heading"), goal("y2", "1. no list\n- nor this\n\n> nor a quote"), goal("y3", "[x](javascript:alert(1)) ![](http://x/) <img src=x> `code` **b** _i_ ~~s~~ | a |"))
	return all
}

func TestExportFormatsGolden(t *testing.T) {
	h := open(t, exported()...)
	h.plans(1, func(p *goals.Plan) {
		*p = goals.Plan{Ticked: []string{"=1", "gone"}, Due: "2026-03-02 09:00", Repeat: "every Monday", Remind: "2026-03-01T18:00Z", Told: "2026-03-02 09:00", Text: "=call mother every monday at 9", Chat: ann}
	})
	for _, format := range []string{"markdown", "csv"} {
		m := h.say("/export " + format)
		golden(t, filepath.Join("testdata", m.Document.Name+".golden"), string(contents(m.Document)))
	}
}

// No cell of a table begins like a formula. Taking the guard out turns this red.
func TestCSVHoldsNoFormula(t *testing.T) {
	h := open(t, append(exported(), absurd()...)...)
	data := contents(h.say("/export csv").Document)
	data, ok := bytes.CutPrefix(data, []byte("\uFEFF"))
	if !ok {
		t.Error("it does not begin with a byte order mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := h.truth.List().Len() + 1; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, row := range rows {
		for _, cell := range row {
			for line := range strings.Lines(cell) {
				if bare := strings.Trim(line, " \t\u200b\u202e\u2066\x00\x1b"); strings.HasPrefix(bare, "=") || strings.HasPrefix(bare, "+") || strings.HasPrefix(bare, "-") || strings.HasPrefix(bare, "@") || strings.HasPrefix(bare, "＝") {
					t.Errorf("a cell begins a formula: %q", cell)
				}
			}
		}
	}
}
