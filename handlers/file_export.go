package handlers

import (
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file hands the goals out as a file: as other programs read them, as
// people do, as spreadsheets do.

// format is a form that the goals can be handed out in.
type format struct {
	words []string // that ask for it
	name  string   // of the file
	write func(io.Writer, []*goals.Goal, *time.Location) error
	about string
}

var exports = []format{
	{[]string{"", "json"}, "goals.json", func(w io.Writer, all []*goals.Goal, _ *time.Location) error { return formats.WriteJSON(w, all) },
		"in the format that other programs read. /import reads it back."},
	{[]string{"markdown", "md"}, "goals.md", formats.WriteMarkdown,
		"to read and to print. /import reads it back, except linked tasks and attachments."},
	{[]string{"csv", "excel"}, "goals.csv", formats.WriteCSV,
		"for a spreadsheet. /import reads it back, except linked tasks and attachments."},
}

// exportRender makes an export; its args are a word of the format.
const exportRender = "export"

func findFormat(word string) (format, bool) {
	i := slices.IndexFunc(exports, func(f format) bool { return slices.Contains(f.words, word) })
	if i < 0 {
		return format{}, false
	}
	return exports[i], true
}

func (c *call) export() (message.Message, error) {
	word, private := cutPrivate(c.Args)
	f, known := findFormat(goals.Fold(word))
	if !known {
		return new(message.Text).Add("I can send these: /export, /export markdown, /export csv.").Message(), nil
	}
	return c.later(upload{render: exportRender, args: f.words[len(f.words)-1], private: private,
		waits:   "That export is already on its way. Ask again once it has arrived.",
		instead: "I can't send files in this group. I can send it in our private chat."})
}

// renderExport makes the file.
func (h *Handlers) renderExport(ctx context.Context, _ int64, queued message.Message) (m message.Message, ok bool, err error) {
	var all []*goals.Goal
	err = h.store.View(ctx, func(tx store.Tx) error {
		all = tx.List().All()
		return nil
	})
	if err != nil {
		return m, false, err
	}
	f, known := findFormat(queued.Args)
	if !known { // queued by another version of the program
		f = exports[0]
	}
	var t message.Text
	zone := h.setting.Values().Zone
	var size counter
	if err := f.write(&size, all, zone); err != nil {
		return m, false, err
	}
	if size > message.MaxDocument {
		t.Addf("%s would have %s, and a file here may have %s. ", f.name, megabytes(int64(size)), megabytes(message.MaxDocument)).
			Add("goals.json itself is on the machine where I run.")
		return t.Message(), true, nil
	}
	t.Bold(f.name).Addf(" · %s, %s", message.Count(len(all), "goal", "goals"), f.about)
	m = t.Message()
	m.Document = &message.Document{Name: f.name, Size: int64(size), Write: func(w io.Writer) error { return f.write(w, all, zone) }}
	return m, true, nil
}

// counter counts the bytes that are written to it, and keeps none.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func megabytes(n int64) string {
	return strconv.FormatFloat(float64(n/100_000)/10, 'f', -1, 64) + " MB"
}
