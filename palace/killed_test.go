package palace

import (
	"os"
	"path/filepath"
	"testing"

	"goalbot/store"
)

// TestKilledInTheFirstCommit opens what a program leaves that is killed after
// it has begun a new log and before its first commit is done. The index then
// knows nothing of the log, and SQLite waited half a minute for a writer that
// was dead, and failed: neither the bot nor `bot check` could be started any more.
// Red, with "locking protocol", where indexFits always says yes.
func TestKilledInTheFirstCommit(t *testing.T) {
	p := fresh(t)
	add(t, p, "call mother")
	p = reopened(t, p) // which puts the log away
	read := func(name string) []byte {
		data, err := os.ReadFile(p.path + name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	database, index := read(""), read("-shm")
	marker, err := os.ReadFile(markerPath(p.path))
	if err != nil {
		t.Fatal(err)
	}
	update(t, p, origin("test", 1), func(tx store.Tx) error { return tx.SetRecord("test", "a", "b") })
	log := read("-wal")

	for name, written := range map[string]int{"the head of the log": 32, "and half a page": 32 + 24 + 2000} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "palace.db")
			for name, data := range map[string][]byte{path: database, path + "-shm": index, path + "-wal": log[:written], markerPath(path): marker} {
				if err := os.WriteFile(name, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			onlooker, err := OpenReadOnly(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if n := onlooker.List().Len(); n != 1 {
				t.Errorf("%d goals; want 1", n)
			}
			if err := onlooker.Close(); err != nil {
				t.Error(err)
			}
			if n := at(t, path).List().Len(); n != 1 {
				t.Errorf("%d goals; want 1", n)
			}
		})
	}
}
