package palace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// wounded makes a palace with two goals and a deleted one, in a file that
// nobody has open, after something was done to it by SQL. It returns where it
// is, what goals.json says, and a backup from before.
func wounded(t testing.TB, damage ...string) (path string, s Sources, dir string) {
	t.Helper()
	p := fresh(t)
	for _, text := range []string{"one", "two", "three"} {
		add(t, p, text)
	}
	update(t, p, origin("delete", 7), func(tx store.Tx) error { _, err := tx.List().Delete(3); return err })
	dir = t.TempDir()
	if _, err := p.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	update(t, p, origin("rename", 7), func(tx store.Tx) error {
		_, err := tx.List().Rename(2, "two, renamed", noon.Add(time.Hour))
		return err
	})
	s.File = p.List().All()
	for _, query := range damage {
		if query == historyDeletes {
			p.historyDeletes(t, 2)
			continue
		}
		p.sql(t, query)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return p.path, s, dir
}

// summary says in a line what became of every damaged goal.
func summary(losses Losses) string {
	text := ""
	for _, l := range losses.Goals {
		text += fmt.Sprintf("#%d", l.Number)
		switch {
		case l.Goal == nil:
			text += " unknown"
		case l.Deleted:
			text += " deleted"
		default:
			text += " " + l.Goal.Description
		}
		if l.Goal != nil {
			text += fmt.Sprintf(" exact=%v from %s", l.Exact, l.From)
		}
		text += "; "
	}
	return text
}

const noHistory = "DELETE FROM events"

// historyDeletes stands for what no SQL can do: the history says that goal 2
// was deleted, and its row does not.
const historyDeletes = "the history says that it was deleted"

func (p *Palace) historyDeletes(t testing.TB, number int64) {
	t.Helper()
	var r row
	err := p.writer.QueryRowContext(t.Context(), "SELECT "+goalTable.read+" FROM goals WHERE number = $1", number).Scan(r.targets()...)
	if err != nil {
		t.Fatal(err)
	}
	update(t, p, origin("delete", 7), func(tx store.Tx) error { _, err := tx.List().Delete(number); return err })
	p.sql(t, "UPDATE goals SET deleted = $3, body = $4, sum = $5 WHERE number = $1 AND id = $2", r.values()...)
}

func TestADamagedRowIsPutBackFromWhoeverKnowsIt(t *testing.T) {
	const (
		everything = "#1 one #2 two, renamed "
		body2      = "UPDATE goals SET body = replace(body, 'two', 'twp') WHERE number = 2"
		sum2       = "UPDATE goals SET sum = sum + 1 WHERE number = 2"
	)
	for _, test := range []struct {
		name   string
		damage []string
		file   string // which goals goals.json has: "all", "none", "old" for an older version, "twice" for both
		backup bool
		found  string
		list   string // after the repair; "" where it is refused
	}{
		{"a text", []string{body2}, "all", false, "#2 two, renamed exact=true from goals.json; ", everything},
		{"a text, no history", []string{body2, noHistory}, "all", false, "#2 two, renamed exact=true from goals.json; ", everything},
		{"a text, no file", []string{body2}, "none", false, "#2 two, renamed exact=true from the database's history; ", everything},
		{"a text, an old file", []string{body2}, "old", false, "#2 two, renamed exact=true from the database's history; ", everything},
		{"a text, twice in the file", []string{body2}, "twice", false, "#2 two, renamed exact=true from the database's history; ", everything},
		{"a text, only a backup", []string{body2, noHistory}, "none", true, "#2 two exact=false from the backup of DATE; ", "#1 one #2 two "},
		{"a text that the backup knows", []string{"UPDATE goals SET body = 'x' WHERE number = 1", noHistory}, "none", true, "#1 one exact=true from the backup of DATE; ", everything},
		{"a text, nobody knows", []string{body2, noHistory}, "none", false, "#2 unknown; ", ""},
		{"a text and its sum", []string{body2, sum2}, "all", false, "#2 two, renamed exact=false from goals.json; ", everything},
		{"a text and its sum, an old file", []string{body2, sum2}, "old", false, "#2 two, renamed exact=false from the database's history; ", everything},
		{"a text and its sum, an old file, no history", []string{body2, sum2, noHistory}, "old", false, "#2 unknown; ", ""},
		{"a text and its sum, an old file and a backup, no history", []string{body2, sum2, noHistory}, "old", true, "#2 two exact=false from goals.json; ", "#1 one #2 two "},
		{"a sum", []string{sum2}, "all", false, "#2 two, renamed exact=true from goals.json; ", everything},
		{"a sum, nobody knows", []string{sum2, noHistory}, "none", false, "#2 unknown; ", ""},
		{"a number", []string{"UPDATE goals SET number = 5 WHERE number = 2"}, "all", false, "#5 two, renamed exact=true from goals.json; ", everything},
		{"a number, only file", []string{"UPDATE goals SET number = 5 WHERE number = 2", noHistory}, "all", false, "#5 unknown; ", ""},
		{"a number, a backup", []string{"UPDATE goals SET number = 5 WHERE number = 2", noHistory}, "all", true, "#5 two, renamed exact=true from goals.json; ", everything},
		{"a number and its sum", []string{"UPDATE goals SET number = 5, sum = sum + 1 WHERE number = 2"}, "all", false, "#5 unknown; ", ""},
		{"an id and its sum", []string{"UPDATE goals SET id = 'g-other', sum = sum + 1 WHERE number = 2"}, "all", false, "#2 unknown; ", ""},
		{"an id", []string{"UPDATE goals SET id = 'g-other' WHERE number = 2"}, "all", false, "#2 two, renamed exact=true from goals.json; ", everything},
		{"an id, only file", []string{"UPDATE goals SET id = 'g-other' WHERE number = 2", noHistory}, "all", false, "#2 unknown; ", ""},
		{"marked deleted", []string{"UPDATE goals SET deleted = 1 WHERE number = 2"}, "all", false, "#2 two, renamed exact=true from goals.json; ", everything},
		{"a deleted goal comes back", []string{"UPDATE goals SET deleted = 0 WHERE number = 3"}, "all", false, "#3 deleted exact=false from the database's history; ", everything},
		{"the text of a deleted goal", []string{"UPDATE goals SET body = 'x' WHERE number = 3"}, "all", false, "#3 deleted exact=true from the database's history; ", everything},
		{"a deleted goal, only a backup", []string{"UPDATE goals SET body = 'x' WHERE number = 3", noHistory}, "all", true, "#3 deleted exact=true from the backup of DATE; ", everything},
		{"another goal's row", []string{"UPDATE goals SET (body, sum) = (SELECT body, sum FROM goals WHERE number = 1) WHERE number = 2"}, "all", false, "#2 two, renamed exact=false from goals.json; ", everything},
		{"all of them", []string{"UPDATE goals SET body = ''"}, "all", false,
			"#1 one exact=true from goals.json; #2 two, renamed exact=true from goals.json; #3 deleted exact=true from the database's history; ", everything},
		{"one known, one not", []string{"UPDATE goals SET body = ''", "DELETE FROM events WHERE number = 3"}, "all", false,
			"#1 one exact=true from goals.json; #2 two, renamed exact=true from goals.json; #3 unknown; ", ""},
		{"goals.json and the history do not agree", []string{historyDeletes, body2, sum2}, "all", false, "#2 unknown; ", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path, s, dir := wounded(t, test.damage...)
			switch test.file {
			case "none":
				s.File = nil
			case "old":
				old := *s.File[1]
				old.Description, old.Updated = "two", noon
				s.File = []*goals.Goal{s.File[0], &old}
			case "twice":
				old := *s.File[1]
				old.Description = "two"
				s.File = append(s.File, &old)
			}
			if test.backup {
				s.Backups, _ = Backups(t.Context(), path, dir)
			}
			before := listing(t, filepath.Dir(path))
			losses, err := Examine(t.Context(), path, s)
			if err != nil {
				t.Fatal(err)
			}
			got := summary(losses)
			if at, date, found := strings.Cut(got, "backup of "); found {
				got = at + "backup of DATE" + date[len("2026-11-22 12:00 UTC"):]
			}
			same(t, "found", got, test.found)
			for _, l := range losses.Goals {
				if l.From == "goals.json" && !l.InFile || l.InFile && (test.file == "none" || l.Deleted) {
					t.Errorf("#%d: that it is in goals.json is %v", l.Number, l.InFile)
				}
			}
			same(t, "files after looking", listing(t, filepath.Dir(path)), before)

			done, err := Repair(t.Context(), path, Options{}, s)
			if test.list == "" {
				wantErr(t, err, ErrDamaged)
				if !strings.Contains(err.Error(), "restore --backup") {
					t.Errorf("the refusal does not say what to do: %v", err)
				}
				same(t, "files after the refusal", listing(t, filepath.Dir(path)), before)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "repaired", summary(done.Losses), summary(losses))
			p := at(t, path)
			same(t, "list", listed(p.List()), test.list)
			if err := p.Check(t.Context()); err != nil {
				t.Error(err)
			}
			for _, l := range done.Goals {
				events := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(l.Goal.Number, 0, 1) })
				if len(events) != 1 || events[0].Name != "repair" || events[0].By != 0 || (events[0].Edit.After == nil) != l.Deleted {
					t.Errorf("#%d: the newest events are %+v", l.Goal.Number, events)
				}
			}
			// Numbers and ids of deleted goals are still taken.
			if n := add(t, p, "four"); n < 4 {
				t.Errorf("a number was given again: %d", n)
			}
			// What was there is kept, damage and all.
			copyFile(t, markerPath(path), markerPath(done.Kept))
			_, err = Open(t.Context(), done.Kept, Options{})
			wantErr(t, err, ErrDamaged)
		})
	}
}

func TestASoundPalaceIsNotRepaired(t *testing.T) {
	path, s, _ := wounded(t)
	before := listing(t, filepath.Dir(path))
	done, err := Repair(t.Context(), path, Options{}, s)
	if err != nil || done.Kept != "" || len(done.Goals) > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	same(t, "files", listing(t, filepath.Dir(path)), before)
}

func TestDamageBeyondRowsIsNotRepaired(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"a row gone":   func(t *testing.T, path string) { at(t, path).sql(t, "DELETE FROM goals WHERE number = 2") },
		"half cut off": func(t *testing.T, path string) { os.Truncate(path, size(path)/2) },
		"missing":      func(t *testing.T, path string) { os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			path, s, _ := wounded(t)
			damage(t, path)
			before := listing(t, filepath.Dir(path))
			_, err := Repair(t.Context(), path, Options{}, s)
			if err == nil || !strings.Contains(err.Error(), "bot restore --backup FILE") {
				t.Errorf("Repair: %v", err)
			}
			same(t, "files", listing(t, filepath.Dir(path)), before)
		})
	}
}

// A damaged page differs from its index, which SQL alone never makes.
func TestBytesFlippedOnDiskAreRepaired(t *testing.T) {
	for name, flip := range map[string]struct{ from, to string }{
		"the body":      {`two, renamed`, `two, renAmed`}, // in the history too
		"the column id": {`g-two` + "\x00", `g-twO` + "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			path, s, _ := wounded(t)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// The sum follows the id, since deleted is 0 and takes no byte.
			var sum [8]byte
			row := row{number: 2, id: "g-two", body: encode(s.File[1])}
			binary.BigEndian.PutUint64(sum[:], uint64(row.checksum()))
			from, to := []byte(strings.Replace(flip.from, "\x00", string(sum[:]), 1)), []byte(strings.Replace(flip.to, "\x00", string(sum[:]), 1))
			if !bytes.Contains(data, from) {
				t.Fatal("the text is not there")
			}
			data = bytes.ReplaceAll(data, from, to)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			done, err := Repair(t.Context(), path, Options{}, s)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "repaired", summary(done.Losses), "#2 two, renamed exact=true from goals.json; ")
			p := at(t, path)
			same(t, "list", listed(p.List()), "#1 one #2 two, renamed ")
			var whole string
			if err := p.readers.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&whole); err != nil || whole != "ok" {
				t.Errorf("integrity check: %s %v", whole, err)
			}
		})
	}
}

// Of a deleted goal whose text is forgotten the number and the id are known, and go on
// being taken.
func TestTheRowOfAForgottenGoalIsPutBack(t *testing.T) {
	for damage, want := range map[string]string{
		"UPDATE goals SET id = 'g-tow' WHERE number = 2":  "#2 deleted exact=true from the backup of",
		"UPDATE goals SET deleted = 0 WHERE number = 2":   "#2 deleted exact=true from the backup of",
		"UPDATE goals SET sum = sum + 1 WHERE number = 2": "#2 deleted exact=true from the backup of",
		"UPDATE goals SET body = 'two' WHERE number = 2":  "#2 deleted exact=true from the backup of",
		"UPDATE goals SET number = 5 WHERE number = 2":    "#5 deleted exact=true from the backup of",
	} {
		p := fresh(t)
		p.bounds = bounds{ofGoal: 100, events: 3, bytes: 1 << 20, undoable: 1}
		add(t, p, "one")
		update(t, p, origin("merge", 0), func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
			return err
		})
		update(t, p, origin("merge", 0), func(tx store.Tx) error { _, err := tx.List().Delete(2); return err })
		for range 4 {
			noted(t, p, 1, 0, "x")
		}
		dir := t.TempDir()
		if _, err := p.Backup(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		p.sql(t, damage)
		p.Close()
		backups, err := Backups(t.Context(), p.path, dir)
		if err != nil {
			t.Fatal(err)
		}
		done, err := Repair(t.Context(), p.path, Options{}, Sources{Backups: backups})
		if err != nil || !strings.HasPrefix(summary(done.Losses), want) {
			t.Errorf("after %s: %s, %v", damage, summary(done.Losses), err)
			continue
		}
		p = at(t, p.path)
		same(t, "list", listed(p.List()), "#1 one ")
		wantErr(t, p.Check(t.Context()), nil)
	}
}

// What a repair noted of a deleted goal is history, too: it stays deleted.
func TestAGoalThatWasRepairedStaysDeleted(t *testing.T) {
	path, s, _ := wounded(t, "UPDATE goals SET body = 'x' WHERE number = 3")
	for _, damage := range []string{"UPDATE goals SET deleted = 0, sum = 1 - sum WHERE number = 3", "UPDATE goals SET body = 'x' WHERE number = 3"} {
		done, err := Repair(t.Context(), path, Options{}, s)
		if err != nil || len(done.Goals) != 1 || !done.Goals[0].Deleted {
			t.Fatalf("repaired: %s, %v", summary(done.Losses), err)
		}
		p := at(t, path)
		same(t, "list", listed(p.List()), "#1 one #2 two, renamed ")
		p.sql(t, damage)
		p.Close()
	}
}

// A backup of another bot says nothing of the goals of this one.
func TestARepairPassesOverTheBackupOfAnotherBot(t *testing.T) {
	path, _, dir := wounded(t, "UPDATE goals SET body = 'x' WHERE number = 1", noHistory)
	backups, err := Backups(t.Context(), path, dir)
	if err != nil {
		t.Fatal(err)
	}
	other := fresh(t)
	update(t, other, origin("addgoal", 7), func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "theirs"}, "g-one", noon)
		return err
	})
	theirs, err := other.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	losses, err := Examine(t.Context(), path, Sources{Backups: append(backups, theirs)})
	if got := summary(losses); err != nil || !strings.HasPrefix(got, "#1 one exact=true from the backup of ") {
		t.Errorf("found: %s, %v", got, err)
	}
}

// The history is smaller or larger than it should be where rows of it are gone, or came
// back. A repair takes it as it is.
func TestTheSizeOfTheHistoryIsRepaired(t *testing.T) {
	for name, change := range map[string]func(*meta){
		"events": func(m *meta) { m.eventRows++ },
		"bytes":  func(m *meta) { m.eventBytes-- },
	} {
		p := fresh(t)
		add(t, p, "one")
		p.remember(t, change)
		if err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "the size of the history") {
			t.Errorf("%s: the check says: %v", name, err)
		}
		p.Close()
		if _, err := Repair(t.Context(), p.path, Options{}, Sources{}); err != nil {
			t.Fatal(err)
		}
		wantErr(t, at(t, p.path).Check(t.Context()), nil)
	}
}
