package palace

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// version2 is what the program kept that wrote version 2: a goal with all that
// goals.json can hold, one that was noted on, renamed, finished, reopened by
// /undo, deleted, brought back and blocked, and one that is deleted.
//
//go:embed testdata/version2.sql
var version2 string

// ofVersion2 makes such a palace, changes it by SQL, and returns its path.
func ofVersion2(t testing.TB, changes ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "palace.db")
	db, err := connect(path, creating, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range append(append(migrations()[:2:2], version2), changes...) {
		if _, err := tx.ExecContext(t.Context(), script); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(setHeader(t.Context(), tx, 2), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	return path
}

// chronicle is the history as text, oldest first.
func chronicle(t testing.TB, p *Palace) string {
	t.Helper()
	changes := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Changes(0, 1000) })
	var events []store.Event
	for _, c := range slices.Backward(changes) {
		events = append(events, changeOf(t, p, c.Key)...)
	}
	var text strings.Builder
	for _, e := range events {
		fmt.Fprintf(&text, "%s %s #%d by %d", e.Key, e.Name, e.Edit.Number, e.By)
		if e.Undone {
			text.WriteString(" (taken back)")
		}
		text.WriteString("\n")
	}
	return text.String()
}

func TestWhatAnOlderProgramKeptIsStillThere(t *testing.T) {
	p := at(t, ofVersion2(t))
	same(t, "list", listed(p.List()), "#1 naïve 🎯 #2 call mother and father ")
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	var free int
	if err := p.readers.QueryRowContext(t.Context(), "PRAGMA freelist_count").Scan(&free); err != nil || free > 0 {
		t.Errorf("%d pages are free, %v", free, err) // the old tables may have been most of the file
	}
	var whole int
	if err := p.readers.QueryRowContext(t.Context(), "SELECT count(goal) FROM events").Scan(&whole); err != nil || whole != 3 {
		t.Errorf("the history holds %d whole goals, want one for each that was added: %v", whole, err)
	}
	odd := p.List().Number(1)
	same(t, "odd goal", fmt.Sprintf("%q %d %q %d %q %q", odd.ID, odd.Progress, odd.Acceptance, len(odd.Sessions), *odd.Sessions[0].Evidence, odd.Extra),
		fmt.Sprintf("%q %d %q %d %q %q", "g-odd \x00", 255, []string{"a", ""}, 2, "green\n\"quoted\" \u2028", []goals.Field{{Name: `"z"`, Value: "1e999"}}))
	same(t, "history", chronicle(t, p), `tg/1 merge #1 by 0
tg/2 addgoal #2 by 7
tg/3 addgoal #3 by 7
tg/4 note #2 by 7
tg/5 rename #2 by 8
tg/6 done #1 by 7 (taken back)
tg/6 done #2 by 7 (taken back)
tg/7 undo #1 by 7
tg/7 undo #2 by 7
tg/8 delete #3 by 7
tg/9 delete #2 by 8 (taken back)
tg/10 undo #2 by 8
tg/11 block #2 by 7
`)
	events := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change("tg/4") })
	same(t, "an event", fmt.Sprint(events[0].At, events[0].Edit.Notes, events[0].Edit.Before.Notes), fmt.Sprint(noon.Add(4*time.Minute), []goals.Splice[string]{{Added: []string{"her number is 5"}}}, 0))
	same(t, "outbox", waiting(t, p), "-9:also 7: ")
	same(t, "record", record(t, p, "x", "odd 'name'"), "odd\x01 value")
	same(t, "record", record(t, p, "member", "8"), `{"role":2}`)
	dead, err := p.DeadLetters(t.Context())
	if err != nil || len(dead) != 2 || len(dead[0].Body) != 0 || dead[0].Reason != "too big" || string(dead[1].Body) != "waits" {
		t.Errorf("dead letters: %+v, %v", dead, err)
	}
	wantErr(t, p.Update(t.Context(), store.Origin{Key: "tg/5"}, func(store.Tx) error { return nil }), store.ErrRepeat)
	same(t, "next number", add(t, p, "four"), 4)

	// It can still be taken back.
	last := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.LastChange(8) })
	same(t, "last change", last[0].Key, "tg/5")
	update(t, p, origin("undo", 7), func(tx store.Tx) error {
		for _, key := range []string{"tg/5", "tg/8"} {
			events, err := tx.Change(key)
			if err != nil {
				return err
			}
			was, err := tx.Before(key)
			if err != nil {
				return err
			}
			tx.List().Revert(events[0].Edit, was[events[0].Edit.Number], noon.Add(time.Hour))
		}
		return nil
	})
	same(t, "list", listed(p.List()), "#1 naïve 🎯 #2 call mother #3 a secret #4 four ")
	same(t, "doubtful", p.Doubtful(), false) // all that was read matches its checksum

	// The history tells how each goal is without goals.json, as ever.
	for _, damage := range []string{"UPDATE goals SET body = replace(body, 'call', 'cell')", "UPDATE goals SET body = replace(body, 'naïve', 'nail')"} {
		p.sql(t, damage)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := Repair(t.Context(), p.path, Options{}, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "repaired", summary(done.Losses), "#1 naïve 🎯 exact=true from the database's history; #2 call mother exact=true from the database's history; ")
}

// Where an event cannot be read, the next one of that goal says what it was: the history
// still tells how each goal is.
func TestAHistoryWithAHoleIsConverted(t *testing.T) {
	const neverDeleted = "DELETE FROM events WHERE key IN ('tg/9', 'tg/10')"
	for _, key := range []string{"tg/2", "tg/4", "tg/5", "tg/6"} {
		t.Run(key, func(t *testing.T) {
			p := at(t, ofVersion2(t, neverDeleted, "UPDATE events SET after = replace(after, '{', '(') WHERE key = '"+key+"'"))
			p.sql(t, "UPDATE goals SET body = replace(body, 'call', 'cell')")
			losses, err := p.Examine(t.Context(), Sources{})
			same(t, "found", fmt.Sprint(summary(losses), err), "#2 call mother and father exact=true from the database's history; <nil>")
		})
	}
}

// What was damaged before must not get a checksum that it matches.
func TestDamageIsNotMadeSoundByAMigration(t *testing.T) {
	for name, change := range map[string]string{
		"a goal":           "UPDATE goals SET body = replace(body, 'mother', 'moth.r') WHERE number = 2",
		"a sum":            "UPDATE goals SET sum = sum + 1 WHERE number = 2",
		"a deleted goal":   "UPDATE goals SET deleted = 0 WHERE number = 3",
		"a missing row":    "DELETE FROM goals WHERE number = 2",
		"an id":            "UPDATE goals SET id = 'g-9' WHERE number = 2",
		"another's number": "UPDATE goals SET number = 9 WHERE number = 2",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), ofVersion2(t, change), Options{})
			wantErr(t, err, ErrDamaged)
		})
	}
	t.Run("an index", func(t *testing.T) {
		path := ofVersion2(t, "UPDATE records SET value = 'unmistakable' WHERE kind = 'x'", "UPDATE records SET name = 'here in the index' WHERE kind = 'x'")
		flipBytes(t, path, "here in the index", "hexe in the index")
		_, err := Open(t.Context(), path, Options{})
		wantErr(t, err, ErrDamaged)
	})
	t.Run("an event", func(t *testing.T) {
		p := at(t, ofVersion2(t, "UPDATE events SET after = replace(after, '{', '(') WHERE key = 'tg/6' AND seq = 1", "UPDATE events SET taken_back = 0"))
		events := view(t, p, func(tx store.Tx) ([]store.Event, error) { return tx.Change("tg/6") })
		same(t, "events of a change of which one cannot be read", len(events), 0)
	})
}

// flipBytes changes the first place in a file where that stands.
func flipBytes(t testing.TB, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(from)) {
		t.Fatalf("%q is not in the file", from)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAMigrationThatIsCutShortChangesNothing(t *testing.T) {
	path := ofVersion2(t)
	old := conversions[3]
	defer func() { conversions[3] = old }()
	cut := errors.New("cut")
	conversions[3] = func(ctx context.Context, tx *sql.Tx) error { return errors.Join(old(ctx, tx), cut) }
	_, err := Open(t.Context(), path, Options{})
	wantErr(t, err, cut)
	if !strings.Contains(err.Error(), "to version 3: ") {
		t.Errorf("the error is: %v", err)
	}
	conversions[3] = old
	same(t, "list", listed(at(t, path).List()), "#1 naïve 🎯 #2 call mother and father ")
}
