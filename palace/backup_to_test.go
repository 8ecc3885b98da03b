package palace

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestABackupToAFileIsWholeAndReplacesNothing(t *testing.T) {
	p := at(t, closed(t))
	path := filepath.Join(t.TempDir(), "away.db")
	for _, err := range []error{p.BackupTo(t.Context(), path), func() error { p.sql(t, "DELETE FROM goals"); return nil }()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, p.BackupTo(t.Context(), path), os.ErrExist)
	other := filepath.Join(t.TempDir(), "palace.db")
	wantErr(t, p.BackupTo(t.Context(), other), ErrDamaged) // nothing is made of what is not OK
	if _, err := os.Stat(other); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup of a damaged database was made: %v", err)
	}
	if _, err := Restore(t.Context(), path, other, Options{}); err != nil {
		t.Fatal(err)
	}
	same(t, "list", listed(at(t, other).List()), "#1 one #2 two ")
}
