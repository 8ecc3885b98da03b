package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file speaks about goals.json: what was done with it, and what went wrong.

func (h *Handlers) health(ctx context.Context, _ Request) message.Message {
	m := h.monitor.Report(ctx)
	for _, row := range m.Buttons {
		for i := range row {
			if row[i].Command == "unmute" { // an alert shows what becomes of it, a report does not
				row[i].Command += " " + wantsAnswer
			}
		}
	}
	return m
}

func (h *Handlers) restore(ctx context.Context, req Request) message.Message {
	switch {
	case req.Tap && req.Args == "":
		return askToRestore()
	case req.Args == "not":
		return new(message.Text).Add("OK, goals.json stays as it is.").Message()
	case req.Args != "" && req.Args != "now": // "/restore no" must not restore
		return new(message.Text).Add("/restore takes no words after it, so nothing was done. To restore, send just /restore.").Message()
	}
	kept, err := h.monitor.Restore(ctx)
	var t message.Text
	switch {
	case err != nil:
		h.log.Error("goals.json could not be restored", "err", err)
		t.Addf("goals.json could not be restored: %s.", inWords(err)).Add(safe + " /restore tries again.")
		if kept != "" {
			t.Add(" The damaged file is kept as ").Code(filepath.Base(kept)).Add(".")
		}
	case kept != "":
		t.Add("goals.json has been rebuilt from the bot's database. The damaged file is kept as ").Code(filepath.Base(kept)).Add(".")
	default:
		t.Add("goals.json has been rebuilt from the bot's database.")
	}
	return t.Message()
}

// safe is true of whatever is queued: only a store that can be written takes it.
const safe = " Your goals are safe in the bot's database;"

// withoutSafe is for words that the store did not take.
func withoutSafe(m message.Message) message.Message {
	before, after, found := strings.Cut(m.Text, safe)
	if !found {
		return m
	}
	m.Text, m.Entities = before+after, slices.Clone(m.Entities)
	for i := range m.Entities {
		if m.Entities[i].Offset > message.UTF16Len(before) {
			m.Entities[i].Offset -= message.UTF16Len(safe)
		}
	}
	return m
}

func fileBehind(err error) message.Message {
	return new(message.Text).Addf("⚠️ Your change is saved, but goals.json could not be rewritten: %s. I'll keep trying; /health shows the current state.", inWords(err)).Message()
}

// NotSaved is said when a disk is full, as err says which, and nothing could be kept, not even
// the answer: it must be sent without the store. It is for commands that do
// all they do in the store.
func NotSaved(err error) message.Message {
	if errors.Is(err, store.ErrServerFull) {
		return new(message.Text).Add("Not saved: the disk of the database server is full. Nothing was changed. Free some space there, then send it again.").Message()
	}
	return new(message.Text).Add("Not saved: the disk is full. Nothing was changed. Free some space, then send it again.").Message()
}

// NotKnown is said when a commit has failed so that nobody can tell yet
// whether it took effect.
func NotKnown() message.Message {
	return new(message.Text).Add("I can't tell yet whether this is saved: the disk reports errors. I'll keep trying and answer as soon as I know. You don't need to send it again.").Message()
}

// Unreachable is said when the bot's database cannot be reached, so that a command is
// tried until it can be.
func Unreachable() message.Message {
	return new(message.Text).Add("Not saved yet: the bot's database does not answer. I'll keep trying and answer as soon as it does. You don't need to send it again.").Message()
}

// notDone is said when a request failed for a reason of our own, and all that it
// does is done in the transaction that failed.
func notDone() message.Message {
	return new(message.Text).Add("Something went wrong, and nothing was changed. Please try again. The log has the details.").Message()
}

// inWords says in a few words what an error of the file system means.
func inWords(err error) string {
	var brief interface {
		error
		Briefly() string // as a part of a sentence, for a person
	}
	switch {
	case errors.As(err, &brief):
		return brief.Briefly()
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full"
	case errors.Is(err, syscall.EROFS):
		return "the disk is mounted read-only"
	case errors.Is(err, fs.ErrPermission):
		return "the bot is not allowed to write there"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the disk does not answer"
	case errors.Is(err, syscall.EBUSY):
		return "the file is mounted by itself; mount its directory instead"
	}
	return "the disk reported an error, which is in the log"
}

// merged says what was taken in. Of a goal's text it shows at most limit characters.
func merged(list goals.List, m goals.Merged, kept string, limit int) *message.Text {
	var t message.Text
	if len(m.Added) == list.Len() {
		t.Bold("Imported the goals in goals.json")
	} else {
		t.Bold("Another program changed goals.json")
	}
	group := func(head string, list []*goals.Goal) {
		if len(list) > 0 {
			t.Addf("\n\n%s (%d):", head, len(list))
			some(&t, list, limit)
		}
	}
	fresh := slices.DeleteFunc(slices.Clone(m.Added), func(g *goals.Goal) bool { return slices.Contains(m.Back, g) })
	group("Added", fresh)
	group("Deleted here but changed there later, so it is back", m.Back)
	asked := func(g *goals.Goal) bool {
		return slices.ContainsFunc(m.Conflicts, func(c goals.Conflict) bool { return c.Goal.Number == g.Number })
	}
	group("Changed there, and updated here", slices.DeleteFunc(goals.After(m.Changed), asked))
	conflicts(&t, m.Conflicts, limit)
	group("Missing there, but kept here", m.Vanished)
	if len(m.DuplicateIDs) > 0 {
		duplicateIDs(&t, list, m, limit)
		t.Add("\nThe previous file is kept as ").Code(filepath.Base(kept)).Add(".")
	}
	return &t
}

// conflicts says which values of goals were changed here and there.
func conflicts(t *message.Text, all []goals.Conflict, limit int) {
	const few = 5
	if len(all) == 0 {
		return
	}
	t.Addf("\n\nChanged both here and there; the newer value stays, and a note of the goal keeps the other (%d):", len(all))
	for i, c := range all {
		if i == few {
			t.Addf("\n… and %d more", len(all)-i)
			return
		}
		where := "from here"
		if c.Theirs {
			where = "from there"
		}
		t.Add("\n").Append(line(c.Goal, limit)).Addf("\n      %s: %s (%s), not %s", fieldName(c.Goal, c.Field),
			quoted(fieldValue(c.Field, c.Stays), min(limit, maxInEvent)), where, quoted(fieldValue(c.Field, c.Other), min(limit, maxInEvent)))
	}
}

// duplicateIDs names the goals that stand more than once in a file, and says what
// the versions of them say that are left out.
func duplicateIDs(t *message.Text, list goals.List, m goals.Merged, limit int) {
	const few, each = 3, 2
	n := len(m.DuplicateIDs)
	t.Addf("\n\nMore than once there; the newest version wins (%d):", n)
	for i, id := range m.DuplicateIDs {
		g := list.ID(id)
		if i == few {
			t.Addf("\n… and %d more", n-i)
			return
		}
		if g == nil {
			continue // taken back meanwhile
		}
		t.Add("\n").Append(line(g, limit))
		told := 0
		for _, d := range m.LeftOut {
			if d.Stays.ID != id {
				continue
			}
			if told++; told <= each {
				t.Add("\n      left out: " + leftOut(d, min(limit, maxInEvent)))
			}
		}
		if told > each {
			t.Addf("\n      … and %d more", told-each)
		}
	}
}

// leftOut says what a version of a goal says that is left out.
func leftOut(d goals.Double, limit int) string {
	const few = 3
	stays, other := d.Stays, d.LeftOut
	said := icon(other.Status) + " " + quoted(other.Description, limit)
	var missing []string
	for _, texts := range [][2][]string{{other.Acceptance, stays.Acceptance}, {other.Notes, stays.Notes}} {
		for _, text := range texts[0] {
			if !slices.Contains(texts[1], text) {
				missing = append(missing, quoted(text, limit))
			}
		}
	}
	if len(missing) > few {
		missing = append(missing[:few], fmt.Sprintf("and %d more", len(missing)-few))
	}
	switch {
	case len(missing) > 0:
		said += ", with " + strings.Join(missing, ", ")
	case other.Status == stays.Status && other.Description == stays.Description:
		said += ", with other tasks, dates or fields"
	}
	return said
}

// some adds the first few of a list of goals, a line each, and says how many
// more there are.
func some(t *message.Text, list []*goals.Goal, limit int) {
	someLines(t, list, func(g *goals.Goal) *message.Text { return line(g, limit) })
}

// someLines adds the lines of the first goals of a list.
func someLines(t *message.Text, list []*goals.Goal, line func(*goals.Goal) *message.Text) {
	const few = 5
	for i, g := range list {
		if i == few {
			t.Addf("\n… and %d more", len(list)-few)
			return
		}
		t.Add("\n").Append(line(g))
	}
}
