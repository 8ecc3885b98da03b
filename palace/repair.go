package palace

import (
	"context"
	"database/sql"
	"fmt"
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

// Examine looks for rows that do not match their checksums, and for what can be
// put in their place. It changes nothing. Damage that cannot be repaired is an error.
func (p *Palace) Examine(ctx context.Context, s Sources) (losses Losses, err error) {
	err = p.freshSnapshot(ctx, func(q querier) error {
		losses, err = examineRows(ctx, q, p.engine, p.store, s)
		return err
	})
	if err != nil {
		return Losses{}, fmt.Errorf("examine database: %w", explain(err))
	}
	return losses, nil
}

func examineRows(ctx context.Context, q querier, e engine, store string, s Sources) (l Losses, err error) {
	err = verify(ctx, q, e)
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

// mend drops the rows that are lost and puts the goals back, in a transaction
// that nobody else writes in.
func mend(ctx context.Context, sqlTx *sql.Tx, e engine, losses Losses, now time.Time, notice func(string)) error {
	if err := e.dropRows(ctx, sqlTx, losses.Rows); err != nil {
		return err
	}
	m, err := readMeta(ctx, sqlTx)
	if err != nil {
		return err
	}
	m.revision++
	key := "repair/" + now.UTC().Format(time.RFC3339Nano)
	t := &tx{ctx: ctx, sql: sqlTx, origin: store.Origin{Key: key, Name: "repair", At: now}, now: now, writes: true, notice: notice, prepared: prepared{}}
	if err := t.putGoalsBack(losses.Goals, &m); err != nil {
		return err
	}
	err = sqlTx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(octet_length(edit) + coalesce(octet_length(goal), 0)), 0) FROM events").
		Scan(&m.eventRows, &m.eventBytes)
	if err != nil {
		return err
	}
	if err := t.exec("keep revision", saveMeta, m.row()...); err != nil {
		return err
	}
	if err := verify(ctx, sqlTx, e); err != nil { // before it is for good
		return fmt.Errorf("%w: a repair does not mend all of it (%w); %s", ErrDamaged, err, cureRestore)
	}
	return nil
}

// putGoalsBack puts rows of goals back and records that in the history.
func (t *tx) putGoalsBack(losses []Loss, m *meta) error {
	for _, l := range losses {
		if err := t.exec("drop row", "DELETE FROM goals WHERE number = $1", l.Number); err != nil {
			return err
		}
	}
	for seq, l := range losses {
		if err := t.exec("put row back", goalTable.insert, l.row.values()...); err != nil {
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
		edit, err := editOf(change)
		if err == nil {
			err = t.saveEvent(m, int64(seq), change.Number(), edit, body)
		}
		if err != nil {
			return err
		}
	}
	if len(losses) == 0 {
		return nil
	}
	return t.saveChange(m.revision, len(losses))
}
