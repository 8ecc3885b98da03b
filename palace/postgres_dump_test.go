package palace

import (
	"errors"
	"path/filepath"
	"testing"

	"goalbot/postgrestest"
	"goalbot/store"
)

// What pg_dump wrote is the same palace again where it is loaded, byte by byte.
func TestAPgDumpIsRestored(t *testing.T) {
	s := postgrestest.Shared(t)
	p, place := onPostgres(t)
	add(t, p, "one\x00")
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(tx.SetRecord("kind", `\x00`, "\xff"), send(7, "hello")(tx))
	})
	was := p.committed.Load().meta
	p.Close()
	dump := s.Dump(t, place.URL)
	s.Drop(t, place.URL)
	if _, err := place.Open(t.Context(), Options{}); !errors.Is(err, ErrIdentity) {
		t.Fatalf("without its tables: %v", err)
	}
	s.SQL(t, dump)

	p = openPlace(t, place)
	same(t, "list", listed(p.List()), "#1 one ")
	same(t, "record", record(t, p, "kind", `\x00`), "\xff")
	same(t, "outbox", waiting(t, p), "7:hello ")
	same(t, "store", p.committed.Load().store, was.store)
	wantErr(t, p.Check(t.Context()), nil)
	add(t, p, "two")
	p.Close()

	elsewhere := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: place.URL} // a machine that never had it
	same(t, "list", listed(openPlace(t, elsewhere).List()), "#1 one #2 two ")
}
