package formats

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"goalbot/goals"
)

// This file hands a list out for spreadsheets, and takes it in again.

// WriteCSV writes a table as RFC 4180 has it. It begins with a byte order
// mark, without which Excel takes UTF-8 for something else. Where a cell holds
// several texts, the further lines of a text are indented. A zone without a
// name is shown as UTC. An error is that of out.
func WriteCSV(out io.Writer, all []*goals.Goal, zone *time.Location) error {
	zone = named(zone)
	if _, err := io.WriteString(out, "\uFEFF"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true
	write := func(cells ...string) {
		for i, text := range cells {
			cells[i] = cell(text)
		}
		_ = w.Write(cells) // Error tells
	}
	write("number", "id", "goal", "status", "progress", "created ("+zone.String()+")", "updated ("+zone.String()+")", "criteria", "tasks", "notes",
		dueName, repeatName, remindName, tickedName, typedName, countName, logName, parkedName, pinnedName, orderName, assigneeName, attachedName)
	for _, g := range all {
		var tasks []string
		for _, s := range g.Sessions {
			tasks = append(tasks, s.Task+" – "+string(s.State))
		}
		write(strconv.FormatInt(g.Number, 10), g.ID, g.Description, string(g.Status), strconv.Itoa(int(g.Progress)),
			g.Created.In(zone).Format(time.DateTime), g.Updated.In(zone).Format(time.DateTime),
			several(g.Acceptance), several(tasks), several(g.Notes),
			g.Plan().Due, g.Plan().Repeat, g.Plan().Remind, several(tickedOf(g)), g.Plan().Text, countOf(g), several(entriesOf(g)), g.Plan().Parked, pinnedOf(g), orderOf(g), assigneeOf(g), several(attachedOf(g)))
	}
	w.Flush()
	return w.Error()
}

// attachedName is the column of what is attached.
const attachedName = "attached"

// several are texts in one cell.
func several(texts []string) string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = strings.ReplaceAll(text, "\n", "\n  ")
	}
	return strings.Join(all, "\n")
}

func cutSeveral(cell string) (texts []string) {
	if cell == "" {
		return nil
	}
	for _, line := range strings.Split(cell, "\n") {
		if further, ok := strings.CutPrefix(line, "  "); ok && len(texts) > 0 {
			texts[len(texts)-1] += "\n" + further
		} else {
			texts = append(texts, line)
		}
	}
	return texts
}

// cell keeps a spreadsheet from taking what somebody wrote for a formula,
// which could send away what stands in the other cells (OWASP, CSV Injection).
// Every line is looked at, since some programs split cells there.
func cell(text string) string {
	lines := strings.Split(strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\uFFFD"), "\n")
	for i, l := range lines {
		if isFormula(l) {
			lines[i] = "'" + l
		}
	}
	return strings.Join(lines, "\n")
}

// uncell is what [cell] was given.
func uncell(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if isFormula(l) {
			lines[i] = strings.TrimPrefix(l, "'")
		}
	}
	return strings.Join(lines, "\n")
}

// isFormula reports whether a line begins as a formula does, also behind what
// keeps it from being one.
func isFormula(line string) bool {
	bare := strings.TrimLeftFunc(line, func(r rune) bool { return r == '\'' || unicode.IsSpace(r) || !unicode.IsGraphic(r) })
	return bare != "" && strings.ContainsRune("=+-@＝＋－＠", first(bare))
}

// readOurTable reads a table that [WriteCSV] wrote, as a spreadsheet may have
// saved it since.
func readOurTable(t *table, f *File) error {
	f.Ours = true
	for name, i := range t.column {
		for _, column := range []string{"created", "updated"} {
			if zone, ok := strings.CutPrefix(name, column+" ("); ok {
				t.column[column] = i
				if zone, err := t.zones(strings.TrimSuffix(zone, ")")); err == nil {
					f.zone = zone
				}
			}
		}
	}
	left := leave{}
	for t.next() {
		get := func(name string) string { return uncell(t.get(name)) }
		it := Item{ID: get("id"), Text: get("goal"), created: t.get("created"), changed: t.get("updated")}
		if it.ID == "" && !goals.Shows(it.Text) {
			left["entry without text"]++
			continue
		}
		if len(f.Items) == maxItems {
			return ErrTooMany
		}
		it.number, _ = strconv.ParseInt(strings.TrimSpace(t.get("number")), 10, 64)
		it.Status, _ = statusNamed(get("status"))
		it.Created, it.Changed = readTime(it.created, f.zone), readTime(it.changed, f.zone)
		for _, c := range cutSeveral(get("criteria")) {
			it.Criteria = append(it.Criteria, Criterion{Text: c})
		}
		it.Notes = cutSeveral(get("notes"))
		for name, cell := range map[string]**string{dueName: &it.planned.due, repeatName: &it.planned.repeat, remindName: &it.planned.remind, typedName: &it.planned.typed, countName: &it.planned.counted, parkedName: &it.planned.parked,
			pinnedName: &it.planned.pinned, orderName: &it.planned.order, assigneeName: &it.planned.assignee} {
			if t.has(name) {
				*cell = new(get(name))
			}
		}
		if t.has(tickedName) {
			it.planned.ticked = new(cutSeveral(get(tickedName)))
		}
		if t.has(logName) {
			it.planned.logged = new(cutSeveral(get(logName)))
		}
		left["linked task"] += len(cutSeveral(get("tasks")))
		if t.has(attachedName) {
			left["attachment"] += len(cutSeveral(get(attachedName)))
		}
		f.Items = append(f.Items, it)
	}
	f.byNumber()
	f.LeftOut = left.words()
	return t.err
}
