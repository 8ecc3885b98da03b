package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// This file moves a palace from an SQLite file to a server, back, or from one server
// to another. On the way it is an SQLite file, as a backup is.

// Moved says what a move did.
type Moved struct {
	Goals, Rows int
	Kept        string // the file that the palace was in; "" where it was on a server
}

// Move copies everything to another place, in one transaction, and checks by counts
// and checksums that it is the same there. The other place must be empty. Then the
// one that the palace was in is put aside: a file gets another name, and a database
// is marked, so that no bot starts on it. Nobody may have the palace open.
func (l Place) Move(ctx context.Context, to Place, o Options) (Moved, error) {
	m, err := l.move(ctx, to, o)
	if err != nil {
		return Moved{}, fmt.Errorf("move database: %w", explain(err))
	}
	return m, nil
}

func (l Place) move(ctx context.Context, to Place, o Options) (m Moved, err error) {
	if l.URL == "" && to.URL == "" {
		return m, fmt.Errorf("the bot is set to an SQLite file already, %s; nothing was changed: name the URL of an empty PostgreSQL database, or set PALACE_URL to the server that the goals are on", l.File)
	}
	if err := to.receives(ctx, o); err != nil { // before anything is done
		return m, fmt.Errorf("%v: %w", to, explain(err))
	}
	from, err := l.leave(ctx, o)
	if err != nil {
		return m, fmt.Errorf("%v: %w", l, explain(err))
	}
	defer from.end()
	err = examine(ctx, from.copy, func(ctx context.Context, q querier, _ string) error {
		all, err := takeStock(ctx, q)
		if err != nil {
			return err
		}
		for _, s := range all {
			m.Rows += s.rows
		}
		return q.QueryRowContext(ctx, "SELECT count(*) FROM goals WHERE deleted = 0").Scan(&m.Goals)
	})
	if err != nil {
		return m, err
	}
	if from.marker == "" { // before the database, which must not be taken for another one's
		if err := writeMarker(to.File, from.store); err != nil {
			return m, err
		}
	}
	if err := to.take(ctx, from.copy, o); err != nil {
		return m, fmt.Errorf("%v: %w", to, explain(err))
	}
	if m.Kept, err = from.putAside(ctx, to.String()); err != nil {
		return m, fmt.Errorf("everything was copied to %v, but %v cannot be put aside (%w); see to it that no bot uses it, or empty %v and move again", to, l, explain(err), to)
	}
	return m, nil
}

// departure is a palace that is about to move.
type departure struct {
	facts
	copy     string // a temporary SQLite file beside palace.id, without damage
	putAside func(ctx context.Context, to string) (kept string, err error)
	end      func()
}

func (l Place) leave(ctx context.Context, o Options) (departure, error) {
	if l.URL == "" {
		return leaveFile(ctx, l.File, newPalace(&sqliteFile{path: l.File}, o).now)
	}
	return leaveServer(ctx, l.URL, l.File, o)
}

func leaveFile(ctx context.Context, path string, now func() time.Time) (d departure, err error) {
	if d.facts, err = inspect(ctx, path); err != nil {
		return d, err
	}
	switch {
	case d.status == Lost:
		return d, lost(path, "is missing or empty")
	case d.status == Fresh:
		return d, errors.New("there is no database of the bot")
	case d.version > version():
		return d, newer(path, d.version, version())
	case d.version == version(): // first as it is, since an error names the file
		db, err := openUntouched(ctx, path)
		if err == nil {
			err = errors.Join(verifyPresent(ctx, db, path), db.Close())
		}
		if err != nil {
			return d, err
		}
	}
	d.copy, err = upToDate(ctx, path, d.facts, filepath.Dir(path))
	d.end = func() { removeDatabase(d.copy) }
	d.putAside = func(context.Context, string) (string, error) {
		kept, err := moveAside(path, "moved", now())
		return kept, errors.Join(err, syncDir(filepath.Dir(path)))
	}
	return d, err
}

// leaveServer leads until the move has ended, so that no bot writes meanwhile.
func leaveServer(ctx context.Context, url, file string, o Options) (d departure, err error) {
	p, s, f, err := presentServer(ctx, url, file, o)
	if err != nil {
		return d, err
	}
	d.facts = f
	var keeping sync.WaitGroup
	keep, stop := context.WithCancel(ctx)
	d.end = func() {
		stop()
		keeping.Wait()
		removeDatabase(d.copy)
		if s.lease != nil {
			s.lease.resign()
		}
		p.Close()
	}
	defer func() {
		if err != nil {
			d.end()
		}
	}()
	s.lease = newLease(s)
	if err := s.lease.take(ctx, nil); err != nil {
		if errors.Is(err, ErrLed) {
			err = fmt.Errorf("%w; stop every bot on it first", err)
		}
		return d, err
	}
	keeping.Go(func() { _ = s.lease.keep(keep, make(chan struct{}, 1)) }) // the mark is refused without it
	var stock []stock
	err = inSnapshot(ctx, p.readers, p.path, func(q querier) (err error) {
		if err := verify(ctx, q, s); err != nil {
			return err
		}
		stock, err = takeStock(ctx, q)
		return err
	})
	if err != nil {
		return d, err
	}
	temp, err := os.CreateTemp(filepath.Dir(s.file), tempPrefix+"*"+tempSuffix)
	if err != nil {
		return d, err
	}
	d.copy = temp.Name()
	if err := temp.Close(); err != nil {
		return d, err
	}
	if err := s.copyTo(ctx, p.readers, d.copy); err != nil {
		return d, err
	}
	d.putAside = func(ctx context.Context, to string) (string, error) { return "", s.markMoved(ctx, to) }
	return d, examine(ctx, d.copy, func(ctx context.Context, q querier, path string) error {
		if err := verifyPresent(ctx, q, path); err != nil {
			return err
		}
		return sameStock(ctx, q, stock)
	})
}

// receives refuses a place that a palace cannot move to.
func (l Place) receives(ctx context.Context, o Options) error {
	if l.URL == "" {
		return vacant(ctx, l.File)
	}
	if _, err := parseURL(l.URL); err != nil {
		return err
	}
	p, s, err := connectServer(l.URL, l.File, o)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.suits(ctx); err != nil {
		return err
	}
	return s.empty(ctx, p.readers)
}

// vacant reports files that are where an SQLite file is to be, and what is in them.
func vacant(ctx context.Context, path string) error {
	var there []string
	for _, part := range append([]string{""}, sidecars...) {
		if size(path+part) > 0 {
			there = append(there, path+part)
		}
	}
	if there == nil {
		return nil
	}
	away := "; nothing was changed: move away " + strings.Join(there, " and ") + ", then run the same command again"
	if there[0] != path {
		return errors.New("it is left of another database" + away)
	}
	f, err := inspect(ctx, path)
	switch {
	case errors.Is(err, ErrDamaged):
		return errors.New("it is there already, and cannot be read as a database of the bot" + away)
	case f.store == "":
		return errors.New("it is there already, and is not a database of the bot" + away)
	}
	db, err := openUntouched(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	text := holds(ctx, db, f.marker)
	return errors.New(text + away)
}

// holds says whose list a database holds, and how many goals are in it. own is the name
// of this bot's.
func holds(ctx context.Context, q querier, own string) string {
	var name string
	if err := q.QueryRowContext(ctx, "SELECT store FROM meta").Scan(&name); err != nil {
		return "it holds a list of the bot, which cannot be read"
	}
	text := "it holds the list of another bot"
	if name == own {
		text = "it holds the list of this bot"
	}
	var goals int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM goals WHERE deleted = 0").Scan(&goals); err != nil {
		return text
	}
	if goals == 1 {
		return text + ", with 1 goal"
	}
	return fmt.Sprintf("%s, with %d goals", text, goals)
}

// take puts a copy, which is beside palace.id, in a place that is empty.
func (l Place) take(ctx context.Context, from string, o Options) error {
	if l.URL == "" {
		if err := syncFile(from); err != nil {
			return err
		}
		if err := os.Rename(from, l.File); err != nil {
			return err
		}
		return syncDir(filepath.Dir(l.File))
	}
	p, s, err := connectServer(l.URL, l.File, o)
	if err != nil {
		return err
	}
	defer p.Close()
	return examine(ctx, from, func(ctx context.Context, q querier, _ string) error { return s.fill(ctx, q, s.empty) })
}

// stock is what a table holds.
type stock struct {
	table string
	rows  int
	sums  int64 // all checksums, combined
}

func takeStock(ctx context.Context, q querier) ([]stock, error) {
	var all []stock
	for _, tb := range tables {
		s := stock{table: tb.name}
		rows, err := q.QueryContext(ctx, "SELECT sum FROM "+tb.name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", tb.name, err)
		}
		for rows.Next() && err == nil {
			var sum int64
			err = rows.Scan(&sum)
			s.rows, s.sums = s.rows+1, s.sums^sum
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("read %s: %w", tb.name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// sameStock reports a table that holds something else than it should.
func sameStock(ctx context.Context, q querier, want []stock) error {
	got, err := takeStock(ctx, q)
	if err != nil {
		return err
	}
	for i := range want {
		if got[i] != want[i] {
			return fmt.Errorf("the copy of the table %s is not the same: it has %d rows, and should have %d", got[i].table, got[i].rows, want[i].rows)
		}
	}
	return nil
}
