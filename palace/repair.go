package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"goalbot/goals"
)

// This file puts rows right that do not match their checksums. What a row was
// is known by others: goals.json, the palace's history itself, a backup.
// Where the row's checksum matches what one of them says, that is proof.

// Sources are where a damaged goal may be found again, beside the history in
// the palace itself.
type Sources struct {
	File    []*goals.Goal // what goals.json holds
	Backups []string      // as [Backups] lists them; the newest that is sound is asked
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

// Examine looks for rows that do not match their checksums, in a palace that
// anybody may have open, and for what can be put in their place. It changes
// nothing. Without such rows it returns none; damage of any other kind is an
// error.
func Examine(ctx context.Context, path string, s Sources) ([]Loss, error) {
	losses, err := examineRows(ctx, path, s)
	if err != nil {
		return nil, fmt.Errorf("examine palace: %w", explain(err))
	}
	return losses, nil
}

func examineRows(ctx context.Context, path string, s Sources) ([]Loss, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := inspect(ctx, path)
	switch {
	case err != nil:
		return nil, err
	case f.standing == Lost:
		return nil, lost(path, "is missing or empty")
	case f.standing == Fresh:
		return nil, fmt.Errorf("there is none at %s", path)
	case f.version != version():
		return nil, fmt.Errorf("%s has version %d, and this program mends version %d alone", path, f.version, version())
	}
	db, err := onlooker(ctx, path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := structured(ctx, db, path); err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	m, err := readMeta(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	if int64(len(rows)) != m.goalRows {
		_, err := (&Palace{path: path}).readState(ctx, tx, m) // says what is wrong
		return nil, err
	}
	damaged := slices.DeleteFunc(slices.Clone(rows), row.sound)
	if len(damaged) == 0 {
		return nil, nil
	}
	w, err := witnesses(ctx, tx, f.store, s)
	if err != nil {
		return nil, err
	}
	losses := make([]Loss, 0, len(damaged))
	for _, r := range damaged {
		losses = append(losses, w.loss(r))
	}
	return losses, nil
}

func readRows(ctx context.Context, q querier) ([]row, error) {
	var all []row
	err := eachRow(ctx, q, func(r row) { all = append(all, r) })
	return all, err
}

func (r row) sound() bool {
	_, err := r.goal()
	return err == nil
}

// said is what a witness says of one goal. Its row has no checksum.
type said struct {
	row
	goal *goals.Goal
	from string
}

// memory is one witness, who knows the numbers of goals.
type memory struct {
	numbers map[int64]said
	ids     map[string]said
}

func newMemory() memory { return memory{map[int64]said{}, map[string]said{}} }

func (m memory) add(s said) { m.numbers[s.number], m.ids[s.id] = s, s }

// testimony is all that is known beside the rows themselves.
type testimony struct {
	file            map[string]*goals.Goal // by id
	history, backup memory
}

const (
	fromFile    = "goals.json"
	fromHistory = "the palace's history"
)

func witnesses(ctx context.Context, q querier, store string, s Sources) (testimony, error) {
	w := testimony{file: map[string]*goals.Goal{}, backup: newMemory()}
	for _, g := range s.File {
		if _, doubled := w.file[g.ID]; doubled {
			w.file[g.ID] = nil // nobody knows which is meant
			continue
		}
		w.file[g.ID] = g
	}
	var err error
	if w.history, err = readHistory(ctx, q); err != nil {
		return w, err
	}
	for _, path := range slices.Backward(s.Backups) {
		if m, err := readBackup(ctx, path, store); err == nil {
			w.backup = m
			break
		}
	}
	return w, nil
}

// readHistory reads how each goal was left by the newest event. Events have no
// checksums: what cannot be read is passed over, as if nothing were known.
func readHistory(ctx context.Context, q querier) (memory, error) {
	m := newMemory()
	rows, err := q.QueryContext(ctx, "SELECT number, before, after, max(revision) FROM events GROUP BY number ORDER BY number")
	if err != nil {
		return m, fmt.Errorf("read history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var number, revision int64
		var before, after sql.NullString
		if err := rows.Scan(&number, &before, &after, &revision); err != nil {
			return m, fmt.Errorf("read history: %w", err)
		}
		r := row{number: number, body: after.String}
		if !after.Valid {
			r.body, r.deleted = before.String, 1
		}
		if g, err := decode(number, r.body); err == nil {
			r.id = g.ID
			m.add(said{r, g, fromHistory})
		}
	}
	return m, rows.Err()
}

// readBackup reads the rows of a backup of the same palace, if it is sound.
func readBackup(ctx context.Context, path, store string) (memory, error) {
	m := newMemory()
	f, err := inspect(ctx, path)
	if err != nil {
		return m, err
	}
	if f.standing != Existing || f.store != store || f.version != version() {
		return m, ErrIdentity
	}
	from := "the backup " + filepath.Base(path)
	if at, ok := BackupTime(path); ok {
		from = "the backup of " + at.Format("2006-01-02 15:04 UTC")
	}
	err = examine(ctx, path, func(ctx context.Context, db *sql.DB, path string) error {
		if err := sound(ctx, db, path); err != nil {
			return err
		}
		rows, err := readRows(ctx, db)
		for _, r := range rows {
			g, gerr := r.goal()
			err = errors.Join(err, gerr)
			m.add(said{r, g, from})
		}
		return err
	})
	return m, err
}

// about returns what is said of the goal of a damaged row, by those who know
// its number or its id: goals.json first, then the history, then the backup.
func (w testimony) about(r row) []said {
	var told, remembered []said
	names := []row{r} // whom the row may be about
	for _, m := range []memory{w.history, w.backup} {
		for _, s := range []said{m.numbers[r.number], m.ids[r.id]} {
			if s.goal != nil {
				remembered, names = append(remembered, s), append(names, s.row)
			}
		}
	}
	for _, name := range names {
		if g := w.file[name.id]; g != nil {
			told = append(told, said{row{number: name.number, id: name.id, body: encode(g)}, g, fromFile})
		}
	}
	return append(told, remembered...)
}

// loss finds out what a damaged row was.
func (w testimony) loss(damaged row) Loss {
	l := Loss{Number: damaged.number}
	told := w.about(damaged)
	l.InFile = slices.ContainsFunc(told, func(s said) bool { return s.from == fromFile })
	for _, s := range told {
		if r, ok := proven(damaged, s); ok {
			l.put(r, s, true)
			return l
		}
	}
	if s, ok := newest(damaged, told); ok {
		r := s.row
		if r.deleted != 0 && damaged.deleted != 0 {
			r.deleted = damaged.deleted
		}
		r.sum = r.checksum()
		l.put(r, s, r.body == damaged.body && r.deleted == damaged.deleted) // then only the checksum was altered
	}
	return l
}

func (l *Loss) put(r row, s said, exact bool) {
	if g, err := r.goal(); err == nil {
		l.row, l.Goal, l.Deleted, l.Exact, l.From = r, g, r.deleted != 0, exact, s.from
	}
}

// proven returns what a row was, where its checksum bears that out: what is
// said explains what was altered, and the rest stands as it did.
func proven(damaged row, s said) (row, bool) {
	for _, body := range []string{s.body, damaged.body} {
		for _, deleted := range []int64{damaged.deleted, s.deleted} {
			r := row{number: s.number, id: s.id, body: body, deleted: deleted, sum: damaged.sum}
			if r.sound() {
				return r, true
			}
		}
	}
	return row{}, false
}

// newest returns the newest that is said of this very goal. It must be borne
// out that the number and the id belong together, which goals.json does not
// know. Where that has a goal that the history says was deleted, nobody knows.
func newest(damaged row, told []said) (said, bool) {
	var best said
	sure, there, deleted := false, false, false
	for _, s := range told {
		if s.number != damaged.number || s.id != damaged.id {
			continue
		}
		sure = sure || s.from != fromFile
		there = there || s.from == fromFile
		deleted = deleted || s.from == fromHistory && s.deleted != 0
		if best.goal == nil || s.goal.Updated.After(best.goal.Updated) {
			best = s
		}
	}
	return best, sure && !(there && deleted)
}

// Repaired says what a repair did.
type Repaired struct {
	Kept  string // where the database is kept as it was; "" where nothing was to be done
	Goals []Loss
}

// Repair puts back every row that does not match its checksum, as [Examine]
// says what it was, and all of them or none. The database is kept first as it
// was, under a name beside it. Every goal gets an event. Nobody may have the
// palace open.
func Repair(ctx context.Context, path string, o Options, s Sources) (Repaired, error) {
	losses, err := Examine(ctx, path, s)
	if err != nil || len(losses) == 0 {
		return Repaired{}, err
	}
	if err := known(losses); err != nil {
		return Repaired{}, fmt.Errorf("repair palace: %w", err)
	}
	kept, err := repair(ctx, newPalace(path, o), losses)
	if err != nil {
		return Repaired{}, fmt.Errorf("repair palace: %w", explain(err))
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
		"put a backup back with: bot restore --backup FILE", ErrDamaged, Numbers(numbers))
}

func repair(ctx context.Context, p *Palace, losses []Loss) (kept string, err error) {
	now := p.now()
	if kept, err = keepAside(ctx, p.path, now); err != nil {
		return "", err
	}
	db, err := engine(p.path, writing, 1)
	if err != nil {
		return "", err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	// An index may hold what the damaged rows said before.
	if _, err := tx.ExecContext(ctx, "REINDEX goals"); err != nil {
		return "", err
	}
	m, err := readMeta(ctx, tx)
	if err != nil {
		return "", err
	}
	m.revision++
	for _, l := range losses {
		if _, err := tx.ExecContext(ctx, "DELETE FROM goals WHERE number = $1", l.Number); err != nil {
			return "", err
		}
	}
	key := "repair/" + now.UTC().Format(time.RFC3339Nano)
	for i, l := range losses {
		if err := l.save(ctx, tx, m.revision, now, key, i); err != nil {
			return "", fmt.Errorf("put #%d back: %w", l.Number, err)
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE meta SET revision = $1", m.revision); err != nil {
		return "", err
	}
	if _, err := p.readState(ctx, tx, m); err != nil { // before it is for good
		return "", err
	}
	return kept, tx.Commit()
}

// save puts one row back and notes it in the history.
func (l Loss) save(ctx context.Context, tx *sql.Tx, revision int64, now time.Time, key string, seq int) error {
	var after any = l.row.body // as before: what went wrong between was no change
	if l.Deleted {
		after = nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO goals (number, id, body, deleted, sum) VALUES ($1, $2, $3, $4, $5)",
		l.row.number, l.row.id, l.row.body, l.row.deleted, l.row.sum)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO events (key, seq, revision, name, member, at, number, before, after)
		VALUES ($1, $2, $3, 'repair', 0, $4, $5, $6, $7)`, key, seq, revision, nanos(now), l.row.number, l.row.body, after)
	return err
}

// keepAside copies a database that nobody has open, as it is.
func keepAside(ctx context.Context, path string, now time.Time) (string, error) {
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
