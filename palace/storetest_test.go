package palace

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"goalbot/store/storetest"
)

// An SQLite file keeps the contract of a store.
func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB, o storetest.Options) storetest.Engine {
		return openTested(t, filepath.Join(t.TempDir(), "palace.db"), o)
	})
}

// tested is a palace with the hooks of the contract test.
type tested struct {
	*Palace
	options storetest.Options
}

func openTested(t testing.TB, path string, o storetest.Options) *tested {
	t.Helper()
	p, err := Open(t.Context(), path, Options{Now: o.Now, Log: o.Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	p.limit(o.Limits)
	return &tested{p, o}
}

// limit lets a palace keep less than the program does.
func (p *Palace) limit(o storetest.Limits) {
	set := func(limit *int64, to int64) {
		if to != 0 {
			*limit = to
		}
	}
	set(&p.capacity.chatMessages, o.ChatMessages)
	set(&p.capacity.chatBytes, o.ChatBytes)
	set(&p.capacity.bytes, o.Bytes)
	set(&p.capacity.short, o.Short)
	set(&p.capacity.deadLetters, o.DeadLetters)
	set(&p.bounds.ofGoal, o.GoalEvents)
	set(&p.bounds.events, o.Events)
	set(&p.bounds.bytes, o.EventBytes)
	set(&p.bounds.undoable, o.Undoable)
}

func (p *tested) Name() string { return p.store }

func (p *tested) Reopen(t testing.TB) storetest.Engine {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return openTested(t, p.path, p.options)
}

func (p *tested) Repair(t testing.TB) (storetest.Engine, string) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := Repair(t.Context(), p.path, Options{}, Sources{})
	if err != nil {
		t.Fatal(err)
	}
	return openTested(t, p.path, p.options), LostRows(done.Rows)
}

func (p *tested) SQL(t testing.TB, statement string) (value string) {
	t.Helper()
	err := p.writer.QueryRowContext(t.Context(), statement).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return value
}

func (p *tested) FailCommits(t testing.TB, o storetest.Outcome) (stop func()) {
	engine := p.engine
	broken := errors.New("broken")
	p.commit = func(tx *sql.Tx) error {
		switch o {
		case storetest.AppliedUnseen, storetest.DroppedUnseen:
			p.engine = &sqliteFile{path: filepath.Join(t.TempDir(), "nowhere", "palace.db"), writes: true} // which settle cannot open
		case storetest.DiskFull:
			broken = driverError(13)
		}
		switch o {
		case storetest.Applied, storetest.AppliedUnseen:
			return errors.Join(tx.Commit(), broken)
		}
		tx.Rollback()
		return broken
	}
	return func() { p.engine, p.commit = engine, (*sql.Tx).Commit }
}
