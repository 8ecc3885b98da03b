package palace

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

// What is tested here: that a palace which is gone, or damaged, or cannot be
// written any more, is noticed while the bot runs, and at once.

// running is an open palace whose log was put away: all that there is stands in
// the one file.
func running(t *testing.T) *Palace {
	t.Helper()
	p := fresh(t)
	add(t, p, "one")
	add(t, p, "two")
	update(t, p, origin("x", 7), func(tx store.Tx) error {
		return errors.Join(tx.SetRecord("kind", "name", "value"), send(7, "Waits.")(tx))
	})
	p = reopened(t, p)
	if err := p.CheckQuick(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// overwrite changes bytes of a file where they are, as a disk does.
func overwrite(t *testing.T, path string, offset int64, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(data, offset)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// A palace that was removed, replaced, emptied or damaged under a running bot
// was noticed a day later: the connections that were open went on answering
// from memory. Red without the connections that know nothing yet, without the
// look at the file, and without reachable.
func TestAQuickCheckNoticesAPalaceThatIsGone(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(t *testing.T, p *Palace) error
		want error
	}{
		"removed": {func(t *testing.T, p *Palace) error { return os.Remove(p.path) }, ErrIdentity},
		"a backup renamed over it": {func(t *testing.T, p *Palace) error {
			return os.Rename(backedUp(t, p, t.TempDir(), noon), p.path)
		}, ErrIdentity},
		"its folder removed": {func(t *testing.T, p *Palace) error { return os.RemoveAll(filepath.Dir(p.path)) }, ErrIdentity},
		"palace.id removed":  {func(t *testing.T, p *Palace) error { return os.Remove(markerPath(p.path)) }, ErrIdentity},
		"emptied":            {func(t *testing.T, p *Palace) error { return os.Truncate(p.path, 0) }, ErrDamaged},
		"zeroed behind its first page": {func(t *testing.T, p *Palace) error {
			overwrite(t, p.path, 4096, make([]byte, size(p.path)-4096))
			return nil
		}, ErrDamaged},
		"its header zeroed": {func(t *testing.T, p *Palace) error {
			overwrite(t, p.path, 0, make([]byte, 100))
			return nil
		}, ErrDamaged},
		"rubbish": {func(t *testing.T, p *Palace) error {
			overwrite(t, p.path, 0, bytes.Repeat([]byte("rubbish "), int(size(p.path)/8)))
			return nil
		}, ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			p := running(t)
			if err := test.harm(t, p); err != nil {
				t.Skip("what is open cannot be harmed like that here:", err)
			}
			err := p.CheckQuick(t.Context())
			wantErr(t, err, test.want)
			if !strings.Contains(err.Error(), "bot restore --backup FILE") && name != "palace.id removed" {
				t.Errorf("the error does not say what to do: %v", err)
			}
			if err := p.Check(t.Context()); err == nil {
				t.Error("the whole check finds nothing")
			}
		})
	}
}

// Whatever bit flips in the schema's text is noticed, even where what it makes
// of it is valid. Red without intact.
func TestNoBitFlipsInTheSchemaUnseen(t *testing.T) {
	p := running(t)
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	step := 97
	if *deep {
		step = 1
	}
	flips := 0
	for name, o := range p.engine.(*sqliteFile).schema {
		at := bytes.Index(data, []byte(o.statement))
		if o.statement == "" || at < 0 {
			continue // it goes on in another page
		}
		for i := 0; i < len(o.statement); i += step {
			offset := int64(at + i)
			overwrite(t, p.path, offset, []byte{data[offset] ^ 1<<(i%8)})
			if err := p.CheckQuick(t.Context()); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: bit %d of byte %d (%q): %v", name, i%8, i, data[offset], err)
			}
			overwrite(t, p.path, offset, data[offset:offset+1])
			flips++
		}
	}
	if flips < 10 {
		t.Fatalf("only %d bits were flipped", flips)
	}
	if err := p.CheckQuick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The same at the start, where it would go on unseen for ever.
func TestASchemaThatMeansSomethingElseIsRefused(t *testing.T) {
	p := running(t)
	p.sql(t, `PRAGMA writable_schema = 1;
		UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (number > 0)', 'CHECK (number > 1)') WHERE name = 'goals';
		PRAGMA writable_schema = 0`)
	err := p.Check(t.Context())
	wantErr(t, err, ErrDamaged)
	if !strings.Contains(err.Error(), "the table goals") {
		t.Errorf("the error does not say what is damaged: %v", err)
	}
	if _, err := p.Backup(t.Context(), t.TempDir()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Backup = %v", err)
	}
	p.Close()
	_, err = Open(t.Context(), p.path, Options{})
	wantErr(t, err, ErrDamaged)
	_, err = OpenReadOnly(t.Context(), p.path)
	wantErr(t, err, ErrDamaged)
}

// A table or an index that somebody has added is theirs.
func TestWhatWasAddedToTheSchemaIsNoDamage(t *testing.T) {
	p := running(t)
	p.sql(t, "CREATE TABLE theirs (x); CREATE INDEX theirs_too ON records (value); ANALYZE")
	for name, check := range map[string]func() error{
		"CheckQuick": func() error { return p.CheckQuick(t.Context()) }, "Check": func() error { return p.Check(t.Context()) },
	} {
		if err := check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, "list", listed(reopened(t, p).List()), "#1 one #2 two ")
}

// A copy of another state that was written over the database, beside a log that
// is not its own, ended in "sql: Scan error" half of the time. Whatever comes of
// it is called by its name, with the cure.
func TestACopyBesideALiveLogIsCalledDamage(t *testing.T) {
	refused := 0
	for older := range 12 { // how much the copy lacks
		p := fresh(t)
		for i := range 30 {
			add(t, p, strings.Repeat("x", 30*i)+time.Duration(i).String())
		}
		backup := backedUp(t, p, t.TempDir(), noon)
		if older%2 == 0 {
			p = reopened(t, p) // puts the log away
		}
		for i := range 3 * older {
			update(t, p, origin("note", 7), func(tx store.Tx) error {
				_, err := tx.List().AddNote(int64(1+i%30), strings.Repeat("y", 9*i+1), noon)
				return err
			})
		}
		dir := t.TempDir()
		for _, name := range []string{"palace.db-wal", "palace.id"} {
			copyFile(t, filepath.Join(filepath.Dir(p.path), name), filepath.Join(dir, name))
		}
		path := filepath.Join(dir, "palace.db")
		copyFile(t, backup, path)
		state, err := StatusOf(t.Context(), path)
		q, oerr := Open(t.Context(), path, Options{})
		if oerr == nil {
			q.Close()
		}
		for _, err := range []error{err, oerr} {
			if err == nil {
				continue
			}
			refused++
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "bot restore --backup FILE") && !strings.Contains(err.Error(), "bot repair") {
				t.Errorf("%d: %v (%v)", older, err, state)
			}
		}
		if oerr != nil {
			restored(t, backup, path)
			same(t, "restored", at(t, path).List().Len(), 30)
		}
	}
	if refused == 0 {
		t.Error("nothing was ever wrong")
	}
}

// A change that could not be committed is remembered until one like it is, not
// until anything is. Red without fails in any of the places, and where works
// forgets whatever it was.
func TestACommitThatFailedIsRemembered(t *testing.T) {
	p := running(t)
	if err := p.Failing(); err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	p.Update(t.Context(), origin("done", 7), func(store.Tx) error { return mine })
	p.Update(t.Context(), origin("done", 7), func(store.Tx) error { return store.ErrRefused })
	if err := p.Failing(); err != nil {
		t.Errorf("what a handler says is taken for the database's: %v", err)
	}
	p.sql(t, "ALTER TABLE outbox RENAME TO away")
	o := origin("addgoal", 7)
	if err := p.Update(t.Context(), o, send(7, "x")); err == nil {
		t.Fatal("it was saved")
	}
	if p.Failing() == nil {
		t.Error("a statement that failed is not remembered")
	}
	if err := p.CheckWritable(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, p, origin("other", 7), func(tx store.Tx) error { return tx.SetRecord("kind", "name", "x") })
	if p.Failing() == nil {
		t.Error("another change makes it forgotten")
	}
	p.sql(t, "ALTER TABLE away RENAME TO outbox")
	update(t, p, o, send(7, "x"))
	if err := p.Failing(); err != nil {
		t.Errorf("it is remembered although it is over: %v", err)
	}

	known := doubted(t, p)
	wantErr(t, p.Update(t.Context(), origin("addgoal", 7), send(7, "x")), store.ErrUnknown)
	known()
	if p.Failing() == nil {
		t.Error("a commit of unknown outcome is not remembered")
	}
	p.failure.Store(&failure{mine, "addgoal", time.Now().Add(-failureLasts - time.Second)})
	if err := p.Failing(); err != nil {
		t.Errorf("it is remembered for ever: %v", err)
	}

	if runtime.GOOS == "windows" {
		return // what is open cannot be removed
	}
	os.Remove(p.path)
	wantErr(t, p.CheckWritable(t.Context()), ErrIdentity)
	wantErr(t, p.Failing(), ErrIdentity)
}

// Red where the commit is left out.
func TestCheckWritableCommits(t *testing.T) {
	p := running(t)
	before := p.committed.Load().revision
	if err := p.CheckWritable(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "revision", reopened(t, p).committed.Load().revision, before+1)
	p = running(t)
	p.sql(t, "PRAGMA query_only = 1") // as good as a disk that takes nothing
	if err := p.CheckWritable(t.Context()); err == nil {
		t.Error("it seems to be writable")
	}
	if p.Failing() == nil {
		t.Error("that is not remembered")
	}
	p.sql(t, "PRAGMA query_only = 0")
	if err := errors.Join(p.CheckWritable(t.Context()), p.Failing()); err != nil {
		t.Error(err)
	}
}
