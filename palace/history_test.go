package palace

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// noted adds a note by somebody and returns the key of the change.
func noted(t testing.TB, p *Palace, number, by int64, text string) string {
	t.Helper()
	o := origin("note", by)
	update(t, p, o, func(tx store.Tx) error { _, err := tx.List().AddNote(number, text, noon); return err })
	return o.Key
}

// names are the names and goals of events, newest first.
func names(events []store.Event) string {
	text := ""
	for _, e := range events {
		text += fmt.Sprintf("%s%d ", e.Name, e.Edit.Number)
	}
	return text
}

func changeOf(t testing.TB, p *Palace, key string) []store.Event {
	t.Helper()
	return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change(key) })
}

// Each note was kept with the whole goal twice: a thousand notes of 1,000
// characters on one goal took 965 MiB, and its last page of history 6 s and
// 1.3 GiB of memory.
func TestTheHistoryGrowsWithWhatIsDone(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	const n, each = 100, 1000
	for i := range n {
		noted(t, p, 1, 7, fmt.Sprintf("%03d%s", i, strings.Repeat("x", each-3)))
	}
	m := p.committed.Load().meta
	if most := int64(n * (each + 600)); m.eventBytes > most {
		t.Errorf("%d notes of %d bytes take %d in the history", n, each, m.eventBytes)
	}
	page := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(1, 90, 5) })
	same(t, "events", len(page), 5)
	same(t, "the oldest of them", page[4].Edit.Notes[0].Added[0][:3], "005")
	wantErr(t, p.Check(t.Context()), nil)
}

func TestPagesOfTheHistory(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	for range 3 {
		update(t, p, origin("both", 7), func(tx store.Tx) error {
			_, err := tx.List().AddNote(1, "n", noon)
			_, err2 := tx.List().AddNote(2, "n", noon)
			return errors.Join(err, err2)
		})
	}
	for _, c := range []struct {
		number      int64
		skip, limit int
		want        string
	}{
		{0, 0, 2, "both1 both1 "}, {0, 2, 2, "both1 addgoal2 "}, {0, 4, 10, "addgoal1 "}, {0, 5, 10, ""}, {0, 0, 0, ""}, {0, -1, 1, "both1 "},
		{1, 0, 2, "both1 both1 "}, {1, 2, 10, "both1 addgoal1 "}, {1, 4, 10, ""}, {1, 1, -1, ""}, {3, 0, 10, ""},
	} {
		got := view(t, p, func(tx store.Tx) ([]store.Event, error) {
			if c.number == 0 {
				return tx.Changes(c.skip, c.limit)
			}
			return tx.Events(c.number, c.skip, c.limit)
		})
		same(t, fmt.Sprintf("#%d, %d events after %d", c.number, c.limit, c.skip), names(got), c.want)
		for _, e := range got {
			same(t, "goals of "+e.Key, e.Goals, map[string]int{"both": 2, "addgoal": 1}[e.Name])
		}
	}
}

// Who added a goal is whoever did so first, whatever became of it since.
func TestAddedBy(t *testing.T) {
	p := fresh(t)
	p.bounds.ofGoal, p.bounds.undoable = 5, 1
	by := func(who int64, do func(*goals.List) error) {
		update(t, p, origin("x", who), func(tx store.Tx) error { return do(tx.List()) })
	}
	want := func(number, who int64) {
		t.Helper()
		same(t, fmt.Sprintf("who added #%d", number), view(t, p, func(tx store.Tx) (int64, error) { return tx.AddedBy(number) }), who)
	}
	for _, who := range []int64{7, 0, 8} {
		by(who, func(l *goals.List) error {
			_, err := l.Add(goals.Draft{Description: "one"}, fmt.Sprintf("g-%08d", l.LastNumber()), noon)
			return err
		})
	}
	var deleted *goals.Goal
	by(8, func(l *goals.List) (err error) { deleted, err = l.Delete(1); return err })
	by(8, func(l *goals.List) error { l.Put(deleted); return nil })
	want(1, 7)
	want(2, 0)
	want(3, 8)
	want(4, 0)
	for range 100 { // its beginning is forgotten
		by(9, func(l *goals.List) error { _, err := l.AddNote(3, "n", noon); return err })
	}
	want(3, 0)
}

// A page is found in an index, and what comes before it is not read: the last
// page of a long history took as long as all of it. A scan turns this red.
func TestAPageIsFoundInAnIndex(t *testing.T) {
	p := fresh(t)
	for _, query := range []string{
		"SELECT min(seq) FROM events WHERE revision = 5",
		"SELECT revision, seq FROM events WHERE number = 1 ORDER BY revision, seq LIMIT 1",
		"SELECT revision, seq FROM events WHERE number = 1 ORDER BY revision DESC, seq DESC LIMIT 10 OFFSET 10000",
		"SELECT revision FROM changes WHERE member = 7 AND revision < 5 AND taken_back = 0 AND name <> 'undo' ORDER BY revision DESC LIMIT 1",
		"SELECT min(member) FROM changes WHERE member > 7",
		"SELECT min(id), chat FROM outbox GROUP BY chat",
	} {
		rows, err := p.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan += detail + "; "
		}
		rows.Close()
		if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "INDEX") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}

// A goal that is gone comes back as it was before a change, whatever was done
// since: that is pieced together from what it was when it was deleted.
func TestAGoalThatIsGoneIsKnownAsItWasBefore(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	keys := map[string]string{}
	was := map[string]string{}
	do := func(name string, f func(l *goals.List) error) {
		if g := p.List().Number(1); g != nil {
			was[name] = encode(g)
		}
		o := origin(name, 7)
		keys[name] = o.Key
		update(t, p, o, func(tx store.Tx) error { return f(tx.List()) })
	}
	e := func(_ *goals.Goal, err error) error { return err }
	do("note", func(l *goals.List) error { return e(l.AddNote(1, "a", noon)) })
	do("both", func(l *goals.List) error { return errors.Join(e(l.Begin(1, noon)), e(l.Begin(2, noon))) })
	do("rename", func(l *goals.List) error { return e(l.Rename(1, "uno", noon)) })
	do("delete", func(l *goals.List) error { return e(l.Delete(1)) })
	do("back", func(l *goals.List) error { // by goals.json, and otherwise than it was
		g := *p.committed.Load().list.Number(2)
		g.Number, g.ID, g.Description = 1, "g-one", "another"
		l.Put(&g)
		return nil
	})
	do("done", func(l *goals.List) error { return e(l.Finish(1, false, noon)) })
	before := func(key string) map[int64]*goals.Goal {
		return view(t, p, func(tx store.Tx) (map[int64]*goals.Goal, error) { return tx.Before(key) })
	}
	same(t, "goals that are there", len(before(keys["rename"])), 0)
	do("delete again", func(l *goals.List) error { return e(l.Delete(1)) })
	for _, name := range []string{"done", "delete again"} {
		same(t, "before "+name, encode(before(keys[name])[1]), was[name])
	}
	same(t, "only what is gone", len(before(keys["both"])), 1)
	same(t, "before what nobody did", len(before("no such key")), 0)

	// What was deleted before is known as far as what is there bears it out.
	if g := before(keys["rename"])[1]; g == nil || g.Description != "one" {
		t.Errorf("before rename: %+v", g)
	}
}

// small keeps very little of the history.
var small = bounds{ofGoal: 8, events: 32, bytes: 1 << 20, undoable: 2}

func (p *Palace) eventsOf(t testing.TB, number int64) []store.Event {
	return view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(number, 0, 10_000) })
}

// Leaving out any of the bounds turns this red.
func TestTheHistoryIsBounded(t *testing.T) {
	t.Run("of a goal", func(t *testing.T) {
		p := fresh(t)
		p.bounds = small
		add(t, p, "one")
		add(t, p, "two")
		var keys []string
		for i := range 40 {
			keys = append(keys, noted(t, p, 1, 0, fmt.Sprint(i)))
			if n := len(p.eventsOf(t, 1)); n > 9+2 { // and the two of #1's member
				t.Fatalf("%d events after %d notes", n, i+1)
			}
		}
		same(t, "the newest", p.eventsOf(t, 1)[0].Key, keys[39])
		same(t, "another goal", len(p.eventsOf(t, 2)), 1)
		same(t, "a change that is forgotten", len(changeOf(t, p, keys[0])), 0)
		same(t, "one that is not", len(changeOf(t, p, keys[39])), 1)
		wantErr(t, p.Check(t.Context()), nil)
	})
	t.Run("in all", func(t *testing.T) {
		p := fresh(t)
		p.bounds = small
		update(t, p, store.Origin{Key: "import", Name: "import", At: noon}, func(tx store.Tx) error {
			for i := range 30 {
				if _, err := tx.List().Add(goals.Draft{Description: fmt.Sprint(i)}, fmt.Sprint("g-", i), noon); err != nil {
					return err
				}
			}
			return nil
		})
		same(t, "events", p.committed.Load().eventRows, 30)
		for i := range int64(20) {
			noted(t, p, i+1, 0, "x")
			if n := p.committed.Load().eventRows; n > 32 {
				t.Fatalf("%d events", n)
			}
		}
		same(t, "the oldest change", len(changeOf(t, p, "import")), 0)
		same(t, "events left", p.committed.Load().eventRows, 20)
		wantErr(t, p.Check(t.Context()), nil)
	})
	t.Run("in bytes", func(t *testing.T) {
		p := fresh(t)
		p.bounds = bounds{ofGoal: 1000, events: 1000, bytes: 20_000, undoable: 2}
		add(t, p, "one")
		for range 60 {
			noted(t, p, 1, 0, strings.Repeat("y", 900))
			if n := p.committed.Load().eventBytes; n > 20_000 {
				t.Fatalf("%d bytes", n)
			}
		}
		if n := len(p.eventsOf(t, 1)); n < 10 {
			t.Errorf("only %d events are left", n)
		}
		wantErr(t, p.Check(t.Context()), nil)
	})
}

// A program that writes all day must not take away what people can take back.
func TestWhatUndoReachesIsNotForgotten(t *testing.T) {
	p := fresh(t)
	p.bounds = small
	add(t, p, "one") // by 7
	mine := noted(t, p, 1, 7, "mine")
	other := noted(t, p, 1, 8, "other")
	undone := noted(t, p, 1, 8, "undone")
	update(t, p, origin("undo", 8), func(tx store.Tx) error { return tx.TakeBack(undone) })
	for i := range 200 {
		noted(t, p, 1, 0, fmt.Sprint(i))
	}
	same(t, "mine", names(changeOf(t, p, mine)), "note1 ")
	same(t, "before mine", p.eventsOf(t, 1)[len(p.eventsOf(t, 1))-1].Name, "addgoal")
	same(t, "another's", names(changeOf(t, p, other)), "note1 ")
	same(t, "what was taken back", len(changeOf(t, p, undone)), 0)
	for by, key := range map[int64]string{7: mine, 8: other} {
		last := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(by) })
		if len(last) != 1 || last[0].Key != key {
			t.Errorf("the last change of %d is %+v", by, last)
		}
	}
	// It can still be taken back.
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		events, err := tx.LastChange(7)
		if err == nil {
			tx.List().Revert(events[0].Edit, nil, noon)
			err = tx.TakeBack(events[0].Key)
		}
		return err
	})
	if notes := p.List().Number(1).Notes; strings.Contains(strings.Join(notes, " "), "mine") || len(notes) != 202 {
		t.Errorf("the notes are %q", notes)
	}
	wantErr(t, p.Check(t.Context()), nil)
}

// A change of which a part is forgotten cannot be taken back: the rest of it
// would be taken for all of it.
func TestAPartOfAChangeIsNotTakenForAllOfIt(t *testing.T) {
	p := fresh(t)
	p.bounds = bounds{ofGoal: 8, events: 1000, bytes: 1 << 20, undoable: 1}
	add(t, p, "one")
	add(t, p, "two")
	both := origin("both", 7)
	update(t, p, both, func(tx store.Tx) error {
		_, err := tx.List().Begin(1, noon)
		_, err2 := tx.List().Begin(2, noon)
		return errors.Join(err, err2)
	})
	noted(t, p, 2, 7, "newer")
	same(t, "both", len(changeOf(t, p, both.Key)), 2)
	for i := range 20 {
		noted(t, p, 1, 0, fmt.Sprint(i))
	}
	same(t, "both, later", len(changeOf(t, p, both.Key)), 0)
	same(t, "its other goal", names(p.eventsOf(t, 2)), "note2 both2 addgoal2 ")
	last := func() string {
		return names(view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(7) }))
	}
	same(t, "last change", last(), "note2 ")
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		events, err := tx.LastChange(7)
		return errors.Join(err, tx.TakeBack(events[0].Key))
	})
	same(t, "last change before that", last(), "addgoal2 ")
	wantErr(t, p.Check(t.Context()), nil)
}

// The row of a deleted goal stays for its number and its id; its text goes when
// nobody can bring it back any more.
func TestTheTextOfADeletedGoalIsForgottenWithItsHistory(t *testing.T) {
	p := fresh(t)
	p.bounds = small
	add(t, p, "one")
	text := strings.Repeat("secret", 100)
	update(t, p, store.Origin{Key: "add", Name: "merge", At: noon}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: text}, "g-two", noon.Add(time.Hour))
		return err
	})
	deleted := store.Origin{Key: "delete", Name: "merge", At: noon}
	update(t, p, deleted, func(tx store.Tx) error { _, err := tx.List().Delete(2); return err })
	before := func() map[int64]*goals.Goal {
		return view(t, p, func(tx store.Tx) (map[int64]*goals.Goal, error) { return tx.Before("delete") })
	}
	same(t, "before", before()[2].Description, text)
	for i := range int64(40) {
		number := add(t, p, fmt.Sprint("new", i))
		noted(t, p, number, 0, "x")
	}
	same(t, "before", len(before()), 0)
	p = reopened(t, p)
	wantErr(t, p.Check(t.Context()), nil)
	var body string
	if err := p.readers.QueryRowContext(t.Context(), "SELECT body FROM goals WHERE number = 2").Scan(&body); err != nil || body != "" {
		t.Errorf("the row says %q, %v", body, err)
	}
	err := p.Update(t.Context(), origin("x", 7), func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "again"}, "g-two", noon)
		return err
	})
	if err == nil {
		t.Error("the id was given again")
	}
	// An older file does not bring it back, and a newer one does.
	merge := func(updated time.Time) string {
		var added []*goals.Goal
		update(t, p, store.Origin{Key: fmt.Sprint("merge", updated), Name: "merge", At: noon}, func(tx store.Tx) error {
			g := &goals.Goal{ID: "g-two", Description: "from the file", Status: goals.Pending, Created: noon, Updated: updated}
			added = tx.List().Merge([]*goals.Goal{g}, updated).Added
			return nil
		})
		return fmt.Sprint(len(added), " ", p.List().Number(2) != nil)
	}
	same(t, "an older file", merge(noon.Add(30*time.Minute)), "0 false")
	same(t, "a newer file", merge(time.Now().AddDate(10, 0, 0)), "1 true")
	same(t, "its title", p.eventsOf(t, 2)[0].Edit.Title, "from the file")
	wantErr(t, p.Check(t.Context()), nil)
}

// With a backup the history tells what became of a goal since, though it does
// not go back to when that was added.
func TestABackupAndTheHistorySinceTellWhatAGoalWas(t *testing.T) {
	p := fresh(t)
	p.bounds = bounds{ofGoal: 4, events: 1000, bytes: 1 << 20, undoable: 1}
	add(t, p, "one")
	for i := range 10 {
		noted(t, p, 1, 0, fmt.Sprint(i))
	}
	dir := t.TempDir()
	if _, err := p.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	noted(t, p, 1, 7, "since")
	p.sql(t, "UPDATE goals SET body = replace(body, 'since', 'sinse')")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	s := Sources{}
	losses, err := Examine(t.Context(), p.path, s)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "without a backup", summary(losses), "#1 unknown; ")
	if s.Backups, err = Backups(t.Context(), p.path, dir); err != nil {
		t.Fatal(err)
	}
	done, err := Repair(t.Context(), p.path, Options{}, s)
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(done.Losses); !strings.HasPrefix(got, "#1 one exact=true from the database's history and the backup of ") {
		t.Errorf("repaired: %s", got)
	}
	notes := at(t, p.path).List().Number(1).Notes
	same(t, "the last note", notes[len(notes)-1], "since")
}

// For each of many deletions all that was ever deleted was copied: 10,000 goals
// took 8 s to delete, and 100,000 minutes.
func TestManyDeletionsCopyTheListOnce(t *testing.T) {
	p := fresh(t)
	const n = 3_000
	fill(t, p, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	update(t, p, origin("delete", 7), func(tx store.Tx) error {
		tx.List().Batch(func() {
			for i := range int64(n) {
				tx.List().Delete(i + 1)
			}
		})
		return nil
	})
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 50_000 {
		t.Errorf("each deletion takes %d bytes", each)
	}
}

func BenchmarkHistory(b *testing.B) {
	p := fresh(b)
	add(b, p, "one")
	for i := range 1000 {
		noted(b, p, 1, 7, fmt.Sprintf("%d %s", i, strings.Repeat("x", 990)))
	}
	size := float64(p.committed.Load().eventBytes)
	b.Run("the last page of a goal", func(b *testing.B) {
		for b.Loop() {
			page := view(b, p, func(tx store.Tx) ([]store.Event, error) { return tx.Events(1, 990, 11) })
			if len(page) < 10 {
				b.Fatal(len(page))
			}
		}
		b.ReportMetric(size, "history-B")
	})
	b.Run("page 1000 of all", func(b *testing.B) {
		for b.Loop() {
			view(b, p, func(tx store.Tx) ([]store.Event, error) { return tx.Changes(9990, 11) })
		}
	})
}
