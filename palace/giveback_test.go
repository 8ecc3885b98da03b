package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"goalbot/store"
)

// swollen is a palace of which most is free: it once had that many bytes more.
func swollen(t testing.TB, bytes, stays int) *Palace {
	t.Helper()
	p := fresh(t)
	add(t, p, "one")
	fill := func(kind store.Kind, bytes int) {
		update(t, p, origin("x", 7), func(tx store.Tx) error {
			for i := 0; i < bytes; i += 10_000 {
				if err := tx.SetRecord(kind, fmt.Sprint(i), strings.Repeat("x", 10_000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	fill("stays", stays)
	fill("goes", bytes)
	p.sql(t, "DELETE FROM records WHERE kind = 'goes'")
	p.sql(t, "PRAGMA wal_checkpoint(TRUNCATE)")
	return p
}

// A palace of 67 MB of which 80 % were free never became smaller. Red without
// VACUUM, and without the checkpoint.
func TestFreePagesAreGivenBack(t *testing.T) {
	p := swollen(t, 6<<20, 1<<20)
	before := size(p.path)
	reader, err := p.readers.Conn(t.Context()) // who looks at it meanwhile goes on
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	freed, err := p.GiveBack(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if now := size(p.path) + size(p.path+"-wal"); freed < 5<<20 || now > before-freed+1<<20 {
		t.Errorf("%d bytes are said to be given back; the files had %d and have %d", freed, before, now)
	}
	again, err := p.GiveBack(t.Context())
	if again != 0 || err != nil {
		t.Errorf("the second time: %d bytes, %v", again, err)
	}
	if err := errors.Join(p.Check(t.Context()), p.CheckQuick(t.Context()), p.CheckWritable(t.Context())); err != nil {
		t.Error(err)
	}
	if len(record(t, p, "stays", "10000")) != 10_000 {
		t.Error("what stays is lost")
	}
	add(t, p, "two")
	p = reopened(t, p)
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	same(t, "state", statusOf(t, p.path), Existing)
}

func TestLittleIsNotGivenBack(t *testing.T) {
	for name, p := range map[string]*Palace{
		"less than half": swollen(t, 5<<20, 6<<20), "little": swollen(t, 2<<20, 0),
	} {
		before := size(p.path)
		if freed, err := p.GiveBack(t.Context()); freed != 0 || err != nil || size(p.path) != before {
			t.Errorf("%s: %d bytes, %v", name, freed, err)
		}
	}
}

// It waits its turn, changes nothing on a disk that is full, and nothing where
// only reading is allowed.
func TestGivingBackSpoilsNothing(t *testing.T) {
	p := swollen(t, 6<<20, 0)
	update(t, p, origin("x", 7), func(store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.GiveBack(ctx)
		wantErr(t, err, context.Canceled)
		return nil
	})
	r, err := OpenReadOnly(t.Context(), p.path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = r.GiveBack(t.Context())
	wantErr(t, err, ErrReadOnly)
	if os.Remove(filepath.Join(filepath.Dir(p.path), "palace.db")) == nil {
		_, err = p.GiveBack(t.Context())
		wantErr(t, err, ErrIdentity)
	}
}

// What it costs: nothing can be saved for so long.
func BenchmarkGiveBack(b *testing.B) {
	for name, stays := range map[string]int{"13MB-of-65": 13 << 20, "40MB-of-200": 40 << 20, "100MB-of-500": 100 << 20} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				p := swollen(b, 4*stays, stays)
				b.StartTimer()
				if _, err := p.GiveBack(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				p.Close()
				b.StartTimer()
			}
		})
	}
}
