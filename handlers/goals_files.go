package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file shows what is attached to a goal, and sends it again.

const maxFileButtons = 6 // on a card

// fileWords are how a kind of attachment looks: its icon, what it is called, alone and
// several of them, and what a chat that does not take it does not take.
var fileWords = map[goals.FileKind]struct{ icon, one, many string }{
	goals.Photo:     {"🖼", "photo", "photos"},
	goals.DocFile:   {"📄", "file", "files"},
	goals.Video:     {"🎬", "video", "videos"},
	goals.Audio:     {"🎵", "audio file", "audio files"},
	goals.Voice:     {"🎤", "voice message", "voice messages"},
	goals.VideoNote: {"📹", "video message", "video messages"},
	goals.Animation: {"🎞", "animation", "animations"},
	goals.Link:      {"🔗", "link", "links"},
}

// fileLine is an attachment in one line: its icon, its name or, where it has none, what
// it is and when it was sent, and its size.
func (c *call) fileLine(f goals.File, limit int) string {
	said := fileWords[f.Kind].icon + " "
	switch {
	case f.Kind == goals.Link:
		return said + clip(f.Name, limit)
	case f.Name != "":
		said += isolate(clip(f.Name, limit))
	case f.At != 0:
		said += fileWords[f.Kind].one + " · " + c.date(time.Unix(f.At, 0))
	default:
		said += fileWords[f.Kind].one
	}
	if f.Size > 0 {
		said += " · " + sizeWords(f.Size)
	}
	return said
}

func sizeWords(bytes int64) string {
	if bytes < 1_000_000 {
		return fmt.Sprintf("%d KB", max(bytes/1000, 1))
	}
	return megabytes(bytes)
}

// fileLines are the attachments of a goal, numbered where there are several.
func (c *call) fileLines(g *goals.Goal, limit int) (lines []*message.Text) {
	for i, f := range g.Plan().Files {
		number := ""
		if len(g.Plan().Files) > 1 {
			number = strconv.Itoa(i+1) + ". "
		}
		lines = append(lines, new(message.Text).Add(number+c.fileLine(f, limit)))
	}
	return lines
}

// filesOf names files in a sentence, as "the photo", "the file “a.pdf”" and "the 3 files".
func filesOf(files []goals.File) string {
	words := fileWords[files[0].Kind]
	for _, f := range files {
		if f.Kind != files[0].Kind {
			words = fileWords[goals.DocFile]
		}
	}
	switch {
	case len(files) > 1:
		return fmt.Sprintf("the %d %s", len(files), words.many)
	case files[0].Name != "":
		return "the " + words.one + " " + quoted(files[0].Name, maxInEvent)
	}
	return "the " + words.one
}

// filesShown is how many attachments a goal has, where it has any.
func filesShown(g *goals.Goal) string {
	if len(g.Plan().Files) == 0 {
		return ""
	}
	return fmt.Sprintf("📎 %d", len(g.Plan().Files))
}

// fileRow are buttons that send the first files of a goal again. A link needs none.
func fileRow(g *goals.Goal) (row []message.Button) {
	for i, f := range g.Plan().Files {
		label := "📎 " + strconv.Itoa(i+1)
		if len(g.Plan().Files) == 1 {
			label = "📎 " + capital(fileWords[f.Kind].one)
		}
		if f.Kind != goals.Link && len(row) < maxFileButtons {
			row = append(row, message.Button{Label: label, Command: fmt.Sprintf("file %d %s", g.Number, fileMark(i, f))})
		}
	}
	return row
}

// filePrint is a fingerprint of what an attachment is, whatever it is called.
func filePrint(f goals.File) string { return fingerprint(cmp.Or(f.Same, f.ID, f.Name))[:6] }

// fileMark names an attachment in a button: by its number, and by what it is, since the
// attachments may be others when it is tapped.
func fileMark(i int, f goals.File) string { return strconv.Itoa(i+1) + "/" + filePrint(f) }

// findFile finds the attachment that a person or a button names.
func findFile(g *goals.Goal, name string) (f goals.File, err error) {
	digits, mark, marked := strings.Cut(name, "/")
	i, _ := strconv.Atoi(digits)
	for k, f := range g.Plan().Files {
		if marked && filePrint(f) == mark || !marked && k == i-1 {
			return f, nil
		}
	}
	if marked {
		return f, refusal("That attachment has been removed. Open the goal to see what it has.")
	}
	return f, goals.Refusal{Kind: goals.NoSuchFile, Goal: g.Number, Has: len(g.Plan().Files), Limit: i}
}

// showFile sends an attachment again, or shows which there are.
func (c *call) showFile() (message.Message, error) {
	args, private := cutPrivate(c.Args)
	if !private {
		args = c.Args
	}
	which, rest := c.cutWhichOrAll(args)
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	all := g.Plan().Files
	switch {
	case len(all) == 0:
		return message.Message{}, goals.Refusal{Kind: goals.NoSuchFile, Goal: g.Number}
	case rest == "" && len(all) == 1:
		return c.sendFile(g, all[0], fileMark(0, all[0]), private)
	case rest == "":
		t := new(message.Text).Append(line(g, maxInList)).Append(headed("Attachments", c.fileLines(g, maxShortened)))
		return t.Message(fileRow(g), []message.Button{openButton(g)}), nil
	}
	f, err := findFile(g, rest)
	if err != nil {
		return message.Message{}, err
	}
	return c.sendFile(g, f, rest, private)
}

// sendFile sends a file by the id that Telegram gave it, as a message of its own. To a
// group that does not take it, or to the person alone, it goes as they want it.
func (c *call) sendFile(g *goals.Goal, f goals.File, name string, private bool) (message.Message, error) {
	t := line(g, maxAmongMany)
	if f.Kind == goals.Link {
		return t.Add("\n" + f.Name).Message([]message.Button{openButton(g)}), nil
	}
	if f.Name != "" {
		t.Add("\n" + isolate(f.Name))
	}
	m := t.Message([]message.Button{openButton(g)})
	m.File = &message.File{Kind: string(f.Kind), ID: f.ID}
	words := fileWords[f.Kind]
	if c.Chat.Private || private && c.From.ID > 0 {
		instead := new(message.Text).Addf("I can't send you this %s: your settings in Telegram don't let me send %s.", words.one, words.many).Message()
		m.Instead = &instead
	} else {
		instead := new(message.Text).Addf("I can't send %s in this group. I can send it in our private chat.", words.many).
			Message([]message.Button{{Label: "Send it to me", Command: fmt.Sprintf("file %d %s private", g.Number, name)}})
		m.Instead = &instead
	}
	if !private || c.Chat.Private || c.From.ID <= 0 {
		return m, nil
	}
	switch err := queue(c.tx, c.From.ID, m); { // such a chat has the id of its user (Bot API)
	case errors.Is(err, store.ErrOutboxFull):
		return new(message.Text).Add(tooMuchWaits).Message(), nil
	case err != nil:
		return m, err
	}
	return new(message.Text).Add(inPrivateSoon).Message(), nil
}

// attachedWhat is what a change attached, as "a photo" or "2 attachments".
func attachedWhat(before, after goals.Plan) string {
	added := slices.DeleteFunc(slices.Clone(after.Files), func(f goals.File) bool { return slices.ContainsFunc(before.Files, f.Is) })
	switch {
	case len(added) != 1:
		return message.Count(len(added), "attachment", "attachments")
	case added[0].Kind == goals.Audio || added[0].Kind == goals.Animation:
		return "an " + fileWords[added[0].Kind].one
	}
	return "a " + fileWords[added[0].Kind].one
}

// fileChange says what a change did to the attachments.
func fileChange(before, after goals.Plan) (all []string) {
	for _, side := range []struct {
		word     string
		from, to []goals.File
	}{{"attached ", before.Files, after.Files}, {"removed ", after.Files, before.Files}} {
		var files []goals.File
		for _, f := range side.to {
			if !slices.ContainsFunc(side.from, f.Is) {
				files = append(files, f)
			}
		}
		if len(files) > 0 {
			all = append(all, side.word+filesOf(files))
		}
	}
	if len(all) == 0 && !slices.Equal(before.Files, after.Files) {
		all = append(all, "renamed an attachment")
	}
	return all
}
