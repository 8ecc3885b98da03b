package palace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// This file repairs rows that do not match their checksums. What the row of a
// goal was can be found in goals.json, in the database's own history, or in a
// backup. If the row's checksum matches what one of them has, that is proof. A
// damaged row of any other table is dropped.

// Sources are where a damaged goal may be found again, beside the history in
// the palace itself.
type Sources struct {
	File    []*goals.Goal // what goals.json holds
	Backups []string      // as [Backups] lists them; the newest without damage is asked
}

// Loss is one goal whose row cannot be trusted.
type Loss struct {
	Number int64       // as the row has it
	InFile bool        // goals.json still has this goal
	Goal   *goals.Goal // what can be put in its place; nil where nobody knows
	// Deleted says that the goal was deleted: its row only keeps its number
	// and its id from being given again.
	Deleted bool
	// Exact says that this is what was kept: the checksum matches, or only the
	// checksum itself was damaged. Otherwise it is the newest that is known.
	Exact bool
	From  string // who knows, in words

	row row // what can be put in its place
}

// Losses are what a repair can put right: the goals, as far as anybody knows
// them, and the rest by doing without it.
type Losses struct {
	Goals []Loss
	Rows  []LostRow
}

// None reports whether nothing is damaged.
func (l Losses) None() bool { return len(l.Goals) == 0 && len(l.Rows) == 0 }

// Examine looks for rows that do not match their checksums, in a palace that
// another process may have open, and for what can be put in their place. It
// changes nothing. Damage that cannot be repaired is an error. Whoever has the
// palace open himself asks [Palace.Examine].
func Examine(ctx context.Context, path string, s Sources) (Losses, error) {
	losses, err := examineAt(ctx, path, s)
	if err != nil {
		return Losses{}, fmt.Errorf("examine database: %w", explain(err))
	}
	return losses, nil
}

// Examine is the function of that name for a palace that is open here.
func (p *Palace) Examine(ctx context.Context, s Sources) (losses Losses, err error) {
	err = p.freshSnapshot(ctx, func(q querier) error {
		losses, err = examineRows(ctx, q, p.path, p.store, s)
		return err
	})
	if err != nil {
		return Losses{}, fmt.Errorf("examine database: %w", explain(err))
	}
	return losses, nil
}

func examineAt(ctx context.Context, path string, s Sources) (l Losses, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return l, err
	}
	f, err := inspect(ctx, path)
	switch {
	case err != nil:
		return l, err
	case f.status == Lost:
		return l, lost(path, "is missing or empty")
	case f.status == Fresh:
		return l, fmt.Errorf("there is none at %s", path)
	case f.version != version():
		return l, fmt.Errorf("%s has version %d, and this program mends version %d alone", path, f.version, version())
	}
	db, err := openUntouched(ctx, path)
	if err != nil {
		return l, err
	}
	defer db.Close()
	err = inSnapshot(ctx, db, path, func(q querier) error {
		l, err = examineRows(ctx, q, path, f.store, s)
		return err
	})
	return l, err
}

func examineRows(ctx context.Context, q querier, path, store string, s Sources) (l Losses, err error) {
	err = verify(ctx, q, path)
	damage, ok := err.(*DamageError) // and nothing else
	if !ok || damage.What != "" {
		return l, err
	}
	l.Rows = damage.Rows
	if len(damage.Numbers) == 0 {
		return l, nil
	}
	rows, err := readRows(ctx, q)
	if err != nil {
		return l, err
	}
	known, err := readSources(ctx, q, store, s)
	if err != nil {
		return l, err
	}
	for _, r := range rows {
		if !r.matches() {
			l.Goals = append(l.Goals, known.loss(r))
		}
	}
	return l, nil
}

// Repaired says what a repair did.
type Repaired struct {
	Kept string // where the database is kept as it was; "" where nothing was to be done
	Losses
}

// Repair puts every goal back whose row does not match its checksum, as
// [Examine] says what it was, and drops what else is damaged: all of that, or
// nothing. The database is kept first as it was, under a name beside it. Every
// goal gets an event. Nobody may have the palace open.
func Repair(ctx context.Context, path string, o Options, s Sources) (Repaired, error) {
	losses, err := Examine(ctx, path, s)
	if err != nil || losses.None() {
		return Repaired{}, err
	}
	if err := known(losses.Goals); err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", err)
	}
	kept, err := repair(ctx, newPalace(path, o), losses)
	if err != nil {
		return Repaired{}, fmt.Errorf("repair database: %w", explain(err))
	}
	return Repaired{kept, losses}, nil
}

// known refuses to guess.
func known(losses []Loss) error {
	var numbers []int64
	for _, l := range losses {
		if l.Goal == nil {
			numbers = append(numbers, l.Number)
		}
	}
	if numbers == nil {
		return nil
	}
	return fmt.Errorf("%w: neither goals.json, nor the history, nor the newest backup says for certain what was in %s; nothing was changed: "+
		"restore a backup with: bot restore --backup FILE", ErrDamaged, Numbers(numbers))
}

func repair(ctx context.Context, p *Palace, losses Losses) (kept string, err error) {
	now := p.now()
	if kept, err = keepCopy(ctx, p.path, now); err != nil {
		return "", err
	}
	if err := breakLinks(p.path); err != nil {
		return "", err
	}
	db, err := engine(p.path, writing, 1)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if slices.ContainsFunc(losses.Rows, func(r LostRow) bool { return r.structure }) {
		if _, err := db.ExecContext(ctx, "VACUUM"); err != nil { // rebuilds the file from its rows
			return "", err
		}
	}
	sqlTx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer sqlTx.Rollback()
	if err := dropRows(ctx, sqlTx, losses.Rows); err != nil {
		return "", err
	}
	m, err := readMeta(ctx, sqlTx)
	if err != nil {
		return "", err
	}
	m.revision++
	key := "repair/" + now.UTC().Format(time.RFC3339Nano)
	t := &tx{ctx: ctx, sql: sqlTx, origin: store.Origin{Key: key, Name: "repair", At: now}, now: now, writes: true, notice: p.notice}
	if err := t.putGoalsBack(losses.Goals, &m); err != nil {
		return "", err
	}
	err = sqlTx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(octet_length(edit) + coalesce(octet_length(goal), 0)), 0) FROM events").
		Scan(&m.eventRows, &m.eventBytes)
	if err != nil {
		return "", err
	}
	if _, err := t.exec("keep revision", saveMeta, m.row()...); err != nil {
		return "", err
	}
	if err := verify(ctx, sqlTx, p.path); err != nil { // before it is for good
		return "", fmt.Errorf("%w: a repair does not mend all of it (%w); %s", ErrDamaged, err, cureRestore)
	}
	return kept, sqlTx.Commit()
}

// dropRows drops rows that are damaged, and rebuilds all indexes: they may hold
// what the rows were before, or be damaged themselves.
func dropRows(ctx context.Context, q querier, lost []LostRow) error {
	damaged := map[*table][]int64{}
	for _, r := range lost {
		if r.table != nil {
			damaged[r.table] = append(damaged[r.table], r.rowid)
		}
	}
	run := func(query string, args ...any) error {
		_, err := q.ExecContext(ctx, query, args...)
		return err
	}
	for tb, ids := range damaged {
		list, _ := json.Marshal(ids)
		// Row by row SQLite would look for each in the indexes, and fail.
		err := errors.Join(
			run("CREATE TEMP TABLE kept AS SELECT * FROM main."+tb.name+" NOT INDEXED WHERE rowid NOT IN (SELECT value FROM json_each($1))", string(list)),
			run("DELETE FROM main."+tb.name),
			run("INSERT INTO main."+tb.name+" SELECT * FROM kept"),
			run("DROP TABLE kept"))
		if err != nil {
			return fmt.Errorf("drop rows of %s: %w", tb.name, err)
		}
	}
	return errors.Join(run("REINDEX"), run("DELETE FROM events WHERE revision NOT IN (SELECT revision FROM changes)"))
}

// putGoalsBack puts rows of goals back and records that in the history.
func (t *tx) putGoalsBack(losses []Loss, m *meta) error {
	for _, l := range losses {
		if _, err := t.exec("drop row", "DELETE FROM goals WHERE number = $1", l.Number); err != nil {
			return err
		}
	}
	for seq, l := range losses {
		if _, err := t.exec("put row back", goalTable.insert, l.row.values()...); err != nil {
			return fmt.Errorf("put #%d back: %w", l.Number, err)
		}
		change := goals.Change{Before: l.Goal, After: l.Goal} // what went wrong between was no change
		if l.Deleted {
			change.After = nil
		}
		var body any
		if l.row.body != "" {
			body = l.row.body
		}
		if err := t.saveEvent(m, int64(seq), goals.EditOf(change), body); err != nil {
			return err
		}
	}
	if len(losses) == 0 {
		return nil
	}
	return t.saveChange(m.revision, len(losses))
}

// keepCopy copies a database that nobody has open, as it is.
func keepCopy(ctx context.Context, path string, now time.Time) (string, error) {
	temp, err := copied(ctx, path, filepath.Dir(path))
	if err != nil {
		return "", err
	}
	kept := path + ".damaged-" + now.UTC().Format(stampFormat)
	if err := os.Rename(temp, kept); err != nil {
		os.Remove(temp)
		return "", err
	}
	return kept, syncDir(filepath.Dir(path))
}
