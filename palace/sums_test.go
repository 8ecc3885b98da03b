package palace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// full makes a palace with something in every table.
func full(t testing.TB) *Palace {
	t.Helper()
	p := fresh(t)
	at := noon
	p.now = func() time.Time { return at }
	do := func(name string, by int64, f func(store.Tx) error) {
		at = at.Add(time.Minute)
		update(t, p, store.Origin{Key: fmt.Sprintf("tg/%s", at.Format("150405")), Name: name, By: by, At: at}, f)
	}
	for _, text := range []string{"one", "two", "three"} {
		do("addgoal", 7, func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: text, Acceptance: []string{"it is done"}}, "g-"+text, at)
			return err
		})
	}
	do("note", 7, func(tx store.Tx) error { _, err := tx.List().AddNote(1, "it costs 500", at); return err })
	do("delete", 8, func(tx store.Tx) error { _, err := tx.List().Delete(3); return err })
	do("rename", 8, func(tx store.Tx) error {
		_, err := tx.List().Rename(2, "two, renamed", at)
		return errors.Join(err, send(7, "first")(tx), send(7, "second")(tx), send(-9, "third")(tx),
			tx.SetRecord("member", "8", `{"role":2}`), tx.SetRecord("setting", "zone", "UTC"))
	})
	if err := p.MoveToDeadLetters(t.Context(), outbox(t, p)[1].ID, "the group is gone"); err != nil {
		t.Fatal(err)
	}
	do("x", 7, send(-9, "fourth"))
	return p
}

// Nothing goes on from a row that holds all the rest together.
func TestADamagedMetaIsRefused(t *testing.T) {
	for _, column := range []string{"store", "revision", "last_number", "last_message", "goal_rows", "event_rows", "event_bytes", "sum"} {
		t.Run(column, func(t *testing.T) {
			p := full(t)
			value := "1 + " + column
			if column == "store" {
				value = "'other'"
			}
			p.sql(t, fmt.Sprintf("UPDATE meta SET %s = %s", column, value))
			err := p.Check(t.Context())
			wantErr(t, err, ErrDamaged)
			if !strings.Contains(err.Error(), cureRestore) {
				t.Errorf("the check says: %v", err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), p.path, Options{}); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrIdentity) {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

// SQL that looks into an index that does not match its table finds too little:
// the check for that was left out.
func TestADamagedIndexIsNoticedAndMadeAnew(t *testing.T) {
	p := full(t)
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord("unmistakable", "name", "x") })
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	places := 0
	for i := 0; ; places++ { // in the table and in the index
		n := bytes.Index(data[i:], []byte("unmistakablename"))
		if n < 0 {
			break
		}
		i += n
		flipped := slices.Clone(data)
		flipped[i+len("unmistakable")] ^= 1
		if err := os.WriteFile(p.path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), p.path, Options{})
		wantErr(t, err, ErrDamaged)
		if !strings.Contains(err.Error(), cureRepair) {
			t.Errorf("Open: %v", err)
		}
		if _, err := Repair(t.Context(), p.path, Options{}, Sources{}); err != nil {
			t.Fatal(err)
		}
		q := at(t, p.path)
		wantErr(t, q.Check(t.Context()), nil)
		same(t, "list", listed(q.List()), "#1 one #2 two, renamed ")
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		i++
	}
	if places < 2 {
		t.Errorf("the text stands in %d places", places)
	}
}

// Most of a start was comparing indexes with the history. What the indexes of large tables
// say, and the rows of the history, is left to the check that follows; in the other tables
// they decide what is done again.
func TestAStartLooksAtWhatIsDecidedBy(t *testing.T) {
	p := fresh(t)
	update(t, p, store.Origin{Key: "key-marked", At: noon, By: 7, Name: "add"}, func(tx store.Tx) error {
		if _, err := tx.List().Add(goals.Draft{Description: "one"}, "g-marked", noon); err != nil {
			return err
		}
		return tx.SetRecord("kind-marked", "name", "x")
	})
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	opened := map[string]int{} // places of a text that a start does not look at
	for _, text := range []string{"key-marked", "kind-marked", "g-marked"} {
		for i := range data {
			if !bytes.HasPrefix(data[i:], []byte(text)) {
				continue
			}
			flipped := slices.Clone(data)
			flipped[i] ^= 1
			if err := os.WriteFile(p.path, flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			q, err := Open(t.Context(), p.path, Options{})
			if err == nil {
				if !q.Doubtful() {
					opened[text]++
				}
				err = q.Check(t.Context())
				if err := q.Close(); err != nil {
					t.Fatal(err)
				}
			}
			wantErr(t, err, ErrDamaged)
		}
	}
	same(t, "places that wait for the check", fmt.Sprint(opened), "map[g-marked:2]") // in an index, and in the history
}

// What is damaged around rows that can all be read is made anew from them.
func TestADamagedStructureIsMadeAnewWhereAllRowsAreRead(t *testing.T) {
	p := full(t)
	p.sql(t, "CREATE TABLE junk (x)")
	p.sql(t, "PRAGMA writable_schema = 1")
	p.sql(t, "DELETE FROM sqlite_schema WHERE name = 'junk'") // its page is nobody's now
	p.sql(t, "UPDATE records SET value = 'x' WHERE kind = 'member'")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), p.path, Options{})
	wantErr(t, err, ErrDamaged)
	if !strings.Contains(err.Error(), "never used") || !strings.Contains(err.Error(), cureRepair) {
		t.Errorf("Open: %v", err)
	}
	done, err := Repair(t.Context(), p.path, Options{}, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	lost := ""
	for _, r := range done.Rows {
		lost += fmt.Sprint(r.Lost(), " ")
	}
	same(t, "lost", lost, "true false ")
	p = at(t, p.path)
	wantErr(t, p.Check(t.Context()), nil)
	same(t, "list", listed(p.List()), "#1 one #2 two, renamed ")
}

// everything is all that is ever told of a palace.
func everything(ctx context.Context, p *Palace) (string, error) {
	var text strings.Builder
	err := p.View(ctx, func(tx store.Tx) error {
		for _, g := range tx.List().All() {
			fmt.Fprintln(&text, encode(g))
		}
		for n := range int64(6) {
			events, err := tx.Events(n, 0, 100)
			if err != nil {
				return err
			}
			for _, e := range events {
				kept, err := json.Marshal(e)
				if err != nil {
					return err
				}
				fmt.Fprintf(&text, "#%d %s\n", e.Edit.Number, kept)
				was, err := tx.Before(e.Key)
				if err != nil {
					return err
				}
				for n, g := range was {
					fmt.Fprintln(&text, "was", n, encode(g))
				}
				if seen, err := tx.Seen(e.Key); err != nil || !seen {
					fmt.Fprintln(&text, "not seen", err)
				}
			}
			last, err := tx.LastChange(n + 5)
			if err != nil {
				return err
			}
			fmt.Fprintln(&text, len(last))
		}
		times, err := tx.Last("note")
		fmt.Fprintln(&text, times)
		for _, kind := range []store.Kind{"member", "setting"} {
			records, rerr := tx.Records(kind)
			err = errors.Join(err, rerr)
			fmt.Fprintln(&text, records)
		}
		return err
	})
	for _, chat := range []int64{7, -9} {
		messages, werr := p.Waiting(ctx, chat, 10)
		fmt.Fprintln(&text, messages)
		err = errors.Join(err, werr)
	}
	dead, perr := p.DeadLetters(ctx)
	depth, derr := p.Depth(ctx)
	heads, herr := p.Outbox(ctx)
	fmt.Fprintln(&text, dead, depth, heads, p.List().LastNumber())
	return text.String(), errors.Join(err, perr, derr, herr)
}

// A bit that flips on the disk is noticed at the start or by a check, or it is
// of no effect on anything that is told, or on what is done from then on. A
// quarter of them, and a third in other tables than goals, were not.
func TestAFlippedBitIsNoticedOrWithoutEffect(t *testing.T) {
	p := full(t)
	want, err := everything(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.sql(t, "VACUUM") // so that most bits mean something
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	count := 20
	if *deep {
		count = 1000
	}
	chance := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	copyFile(t, markerPath(p.path), filepath.Join(dir, "palace.id"))
	noticed := 0
	for range count {
		i, bit := chance.IntN(len(data)), chance.IntN(8)
		for data[i] == 0 && chance.IntN(10) > 0 { // most of them are free space
			i = chance.IntN(len(data))
		}
		path := filepath.Join(dir, "palace.db")
		flipped := slices.Clone(data)
		flipped[i] ^= 1 << bit
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := opened(t.Context(), path)
		switch {
		case err != nil:
			noticed++
		case got != want:
			t.Errorf("bit %d of byte %d (page %d): nobody noticed, and it is told:\n%s\nwant\n%s", bit, i, i/4096+1, got, want)
		}
		for _, part := range []string{"-wal", "-shm"} {
			os.Remove(path + part)
		}
	}
	t.Logf("%d of %d flipped bits were noticed", noticed, count)
}

// opened is what a palace tells, or why it does not.
func opened(ctx context.Context, path string) (string, error) {
	p, err := Open(ctx, path, Options{})
	if err != nil {
		return "", err
	}
	defer p.Close()
	if err := p.Check(ctx); err != nil {
		return "", err
	}
	text, err := everything(ctx, p)
	if err != nil {
		return "", err
	}
	// What is done from then on must be what it is without the bit, too.
	err = p.Update(ctx, store.Origin{Key: "tg/after", Name: "addgoal", By: 7, At: noon}, func(tx store.Tx) error {
		g, err := tx.List().Add(goals.Draft{Description: "after"}, "g-after", noon)
		if err == nil && g.Number != 4 {
			err = fmt.Errorf("the new goal is #%d", g.Number)
		}
		return errors.Join(err, send(7, "after")(tx), tx.SetRecord("member", "9", "x"))
	})
	if err != nil {
		return "", err
	}
	if err := p.Check(ctx); err != nil {
		return "", fmt.Errorf("after a change: %w", err)
	}
	return text, nil
}
