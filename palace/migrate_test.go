package palace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOlderPalaceIsBackedUpAndBroughtUpToDate(t *testing.T) {
	path := closed(t)
	newer := append(migrations(), "ALTER TABLE meta ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; CREATE TABLE more (x TEXT)")
	dir := filepath.Join(t.TempDir(), "b")
	p, err := open(t.Context(), path, Options{Backups: dir}, newer)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	same(t, "list", listed(p.List()), "#1 one #2 two ")
	p.sql(t, "INSERT INTO more (x) SELECT colour FROM meta")
	if _, got, _, err := header(t.Context(), p.readers); err != nil || got != version()+1 {
		t.Errorf("version %d, %v", got, err)
	}
	backups, _ := Backups(t.Context(), p.path, dir)
	if len(backups) != 1 {
		t.Fatalf("backups: %v", backups)
	}
	p.Close()
	if _, err := Restore(t.Context(), backups[0], path, Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, "the old list", listed(at(t, path).List()), "#1 one #2 two ")
}

func TestAFailedMigrationLeavesTheOldPalace(t *testing.T) {
	path := closed(t)
	bad := append(migrations(), "CREATE TABLE more (x TEXT); DROP TABLE goals", "this is no SQL")
	p, err := open(t.Context(), path, Options{}, bad)
	if err == nil {
		p.Close()
		t.Fatal("it was opened")
	}
	if want := fmt.Sprintf("to version %d", version()+2); !strings.Contains(err.Error(), want) {
		t.Errorf("it says %v; want that the migration %s failed", err, want)
	}
	same(t, "list", listed(at(t, path).List()), "#1 one #2 two ")
}
