package palace

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"goalbot/store"
)

// What is tested here: that memory follows the file after a commit of which
// nobody could tell whether it took effect.

// doubted lets the next commits take effect and report an error, in such a way
// that nobody can tell. known ends that.
func doubted(t *testing.T, p *Palace) (known func()) {
	engine := p.engine
	p.commit = func(tx *sql.Tx) error {
		p.engine = &sqliteFile{path: filepath.Join(t.TempDir(), "nowhere", "palace.db"), writes: true} // which settle cannot open
		return errors.Join(tx.Commit(), errors.New("broken"))
	}
	return func() { p.engine, p.commit = engine, (*sql.Tx).Commit }
}

// An older snapshot, which a reader took before, does not take the list back.
func TestMemoryNeverGoesBack(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	old := p.committed.Load()
	add(t, p, "two")
	p.adopt(old)
	same(t, "list", listed(p.List()), "#1 one #2 two ")
}

func TestAnOnlookersListFollows(t *testing.T) {
	bot := fresh(t)
	add(t, bot, "one")
	p, err := OpenReadOnly(t.Context(), bot.path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	add(t, bot, "two")
	view(t, p, func(tx store.Tx) (int, error) { return tx.List().Len(), nil })
	same(t, "list", listed(p.List()), "#1 one #2 two ")
}
