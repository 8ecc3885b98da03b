package palace

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"goalbot/goals"
)

// This file finds what is damaged in a database: its structure, its schema, or
// any of its rows.

// LostRow is a row that does not match its checksum, of another table than
// goals: a repair does without it. Or it is something of which nothing is lost,
// as an index, that a repair rebuilds.
type LostRow struct {
	What      string // in words
	table     *table // nil where nothing is lost
	at        any    // where the row is, as the engine says
	structure bool   // that of the file
}

// Lost reports whether anything is lost by a repair.
func (r LostRow) Lost() bool { return r.table != nil }

// describe says what a damaged row is about, as far as it can be believed.
func (tb *table) describe(values []any) string {
	switch tb {
	case &changeTable:
		return fmt.Sprintf("the history of the change %.60q", values[1])
	case &eventTable:
		return fmt.Sprintf("a part of the history of #%v", values[2])
	case &keyTable:
		return fmt.Sprintf("the key %.60q", values[0])
	case &messageTable:
		return fmt.Sprintf("a message that waits for chat %v", values[1])
	case &deadLetterTable:
		return fmt.Sprintf("a message that chat %v never got", values[1])
	}
	return fmt.Sprintf("the record %.60q %.60q", values[0], values[1])
}

// smallTables are verified row by row at the start. If a damaged row of them were not
// noticed, a command could be carried out again, or a message sent again.
var smallTables = []*table{&changeTable, &keyTable, &messageTable, &deadLetterTable, &recordTable}

// lostRows reads all tables but goals, or the small ones only, and returns what is
// damaged there.
func lostRows(ctx context.Context, q querier, e engine, m meta, whole bool) ([]LostRow, error) {
	var lost []LostRow
	var events, bytes int64
	tables := smallTables
	if whole {
		tables = append([]*table{&eventTable}, tables...)
	}
	for _, tb := range tables {
		err := tb.eachRow(ctx, q, e.allRows(*tb), func(at any, values []any, matches bool) error {
			if tb == &eventTable {
				events++
				bytes += length(values[3]) + length(values[4])
			}
			if !matches || tb == &deadLetterTable && values[3] == any(damagedReason) {
				lost = append(lost, LostRow{What: tb.describe(values), table: tb, at: at})
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	if whole && (events != m.eventRows || bytes != m.eventBytes) {
		lost = append(lost, LostRow{What: fmt.Sprintf("the size of the history: it has %d events, and should have %d", events, m.eventRows)})
	}
	return lost, nil
}

func length(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(len(v))
	case []byte:
		return int64(len(v))
	}
	return 0
}

// verify reports what is damaged in a database, its rows included.
func verify(ctx context.Context, q querier, e engine) error {
	path := e.place()
	err := e.structure(ctx, q, true)
	if schemaErr := misread(path, e.schemaIntact(ctx, q)); schemaErr != nil { // by what it says the rows are read
		return combined(path, err, schemaErr)
	}
	rows, rowsErr := verifyRows(ctx, q, e, true)
	if len(rows) > 0 {
		rowsErr = combined(path, rowsErr, &DamageError{Path: path, Rows: rows})
	}
	return combined(path, err, rowsErr)
}

// verifyRows returns what is damaged in all tables but goals, or in the small ones only;
// what is damaged in meta and, where it reads the whole palace, in goals is an error.
func verifyRows(ctx context.Context, q querier, e engine, whole bool) ([]LostRow, error) {
	path := e.place()
	m, err := readMeta(ctx, q)
	if err != nil {
		return nil, misread(path, err)
	}
	if whole {
		err = eachGoal(ctx, q, m, path, func(row, *goals.Goal) {})
	}
	rows, rowsErr := lostRows(ctx, q, e, m, whole)
	return rows, combined(path, misread(path, err), misread(path, rowsErr))
}

// combined makes one error of what several checks found.
func combined(path string, errs ...error) error {
	found := &DamageError{Path: path}
	var failed error
	for _, err := range errs {
		if damage, ok := errors.AsType[*DamageError](err); ok {
			found.add(damage)
		} else {
			failed = errors.Join(failed, err)
		}
	}
	switch {
	case found.empty():
		return failed
	case failed == nil && found.structure:
		found.Rows = append(found.Rows, LostRow{What: "the structure of the file: " + found.What, structure: true})
		found.What, found.structure = "", false
		return found
	case failed == nil || found.What != "": // that is why nothing can be read
		return found
	}
	return errors.Join(found, failed)
}

// readAll loads the list and verifies, at the start, all that a change depends on.
// Damage to the list, to the row of meta or to the structure is an error; other damaged
// rows are reported, and never used. It leaves to [Palace.Check] what takes
// long and cannot lead to a wrong answer or change before that: the history, of which
// every row is verified when it is read, and the indexes of large tables.
func (p *Palace) readAll(ctx context.Context) error {
	var structure, inRows error
	var rows []LostRow
	var checks sync.WaitGroup
	checks.Go(func() { structure = p.engine.structure(ctx, p.readers, false) })
	checks.Go(func() {
		inRows = inSnapshot(ctx, p.readers, p.path, func(q querier) (err error) {
			rows, err = verifyRows(ctx, q, p.engine, false)
			return err
		})
	})
	err := p.load(ctx)
	checks.Wait()
	if err := combined(p.path, structure, err, inRows); err != nil {
		return err
	}
	for _, r := range rows {
		p.notice(r.What)
	}
	return nil
}

// notice reports something damaged that was met, once.
func (p *Palace) notice(what string) {
	if _, known := p.noticed.LoadOrStore(what, true); known {
		return
	}
	p.log.Error("something in the bot's database does not match its checksum and is not used; "+cureRepair, "what", what)
	wake(p.suspect)
}

// Suspect receives when something damaged was met that was not known before:
// then it is time for a [Palace.Check].
func (p *Palace) Suspect() <-chan struct{} { return p.suspect }

// Doubtful reports whether anything damaged was met since the palace was
// opened. What seems not to be there may be what was damaged.
func (p *Palace) Doubtful() bool {
	doubtful := false
	p.noticed.Range(func(any, any) bool { doubtful = true; return false })
	return doubtful
}
