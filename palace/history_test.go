package palace

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"goalbot/store"
)

// noted adds a note by somebody and returns the key of the change.
func noted(t testing.TB, p *Palace, number, by int64, text string) string {
	t.Helper()
	o := origin("note", by)
	update(t, p, o, func(tx store.Tx) error { _, err := tx.List().AddNote(number, text, noon); return err })
	return o.Key
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
