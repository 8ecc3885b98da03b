package palace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"goalbot/store"
)

// Errors to branch on. The text of the error that wraps one says what to do.
var (
	// ErrIdentity reports that the database is missing, empty, or not the one
	// that belongs here, though palace.id says that there was one.
	ErrIdentity = errors.New("the bot's database is not the one that belongs here")
	// ErrDamaged reports a database, or rows in it, that cannot be trusted.
	// Where it is known which goals, it is a [*DamageError].
	ErrDamaged = errors.New("the bot's database is damaged")
	// ErrNewer reports a database that was written by a newer program.
	ErrNewer = errors.New("the bot's database was written by a newer version of this program")
	// ErrLed reports that another bot writes to the database: only the leader does.
	ErrLed = errors.New("another bot leads")
	// ErrUnopened reports a database whose file the system does not let this program open.
	ErrUnopened = errors.New("the bot's database cannot be opened")
	// ErrReadOnly reports a change where only reading is allowed.
	ErrReadOnly = errors.New("only reading is allowed here")
)

// DamageError says what is wrong with a palace. It is [ErrDamaged].
type DamageError struct {
	Path    string
	Numbers []int64   // the goals whose rows cannot be trusted
	Rows    []LostRow // what else a repair can put right
	What    string    // what it cannot

	structure bool // What is about the structure of the file
}

func (e *DamageError) Error() string {
	cure := cureRepair
	var found []string
	if len(e.Numbers) > 0 {
		found = append(found, "rows that do not match their checksums: "+Numbers(e.Numbers))
	}
	if len(e.Rows) > 0 {
		found = append(found, LostRows(e.Rows))
	}
	if e.What != "" {
		found, cure = append(found, e.What), cureRestore
	}
	if e.Path != "" {
		found[0] = e.Path + ": " + found[0]
	}
	return fmt.Sprintf("%v: %s; %s", ErrDamaged, strings.Join(found, "; "), cure)
}

func (e *DamageError) empty() bool { return e.Numbers == nil && e.Rows == nil && e.What == "" }

// add takes over what another error found.
func (e *DamageError) add(o *DamageError) {
	e.Numbers, e.Rows = append(e.Numbers, o.Numbers...), append(e.Rows, o.Rows...)
	if e.What == "" || e.structure && o.What != "" && !o.structure { // the structure may be all that is wrong
		e.What, e.structure = o.What, o.structure
	}
}

// LostRows names what was lost: the first five, and how many more there are.
func LostRows(rows []LostRow) string {
	return few(5, rows, func(r LostRow) string { return r.What })
}

// Numbers names goals: the first ten, and how many more there are.
func Numbers(numbers []int64) string {
	return few(10, numbers, func(n int64) string { return fmt.Sprintf("#%d", n) })
}

func few[T any](most int, all []T, name func(T) string) string {
	var names []string
	for _, one := range all[:min(len(all), most)] {
		names = append(names, name(one))
	}
	if more := len(all) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// Is makes a DamageError an [ErrDamaged].
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

// What to do about damage: to rows, and to all else.
const (
	cureRepair  = "stop the bot and put them right with: bot repair"
	cureRestore = "stop the bot and restore a backup with: bot restore --backup FILE"
)

func damaged(path string, err error) error {
	return fmt.Errorf("%w: %s is not readable as the bot's database (%w); %s", ErrDamaged, path, err, cureRestore)
}

// explain gives an error of a driver the kind that callers branch on.
func explain(err error) error {
	if errors.Is(err, ErrDamaged) || errors.Is(err, store.ErrFull) {
		return err
	}
	return explainServer(explainFile(err))
}

// saysDamage reports whether only damage explains an error of reading.
func saysDamage(err error) bool {
	if damage, ok := serverSaysDamage(err); ok {
		return damage
	}
	return fileSaysDamage(err)
}

// withCure explains an error of the driver and, where that is damage, says what to do.
func withCure(path string, err error) error {
	explained := explain(err)
	if errors.Is(explained, ErrDamaged) && !errors.Is(err, ErrDamaged) {
		return damaged(path, err)
	}
	return explained
}

// misread explains an error of reading a database that is a palace by its header. A value of another type than was ever written, or a row
// or table that is not there, is damage: as after a file was copied over the
// database beside a log that is not its own.
func misread(path string, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrDamaged),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return err
	case saysDamage(err):
		return damaged(path, err)
	}
	return explain(err)
}

// lost refuses a palace whose database is gone, and says how to go on.
func lost(path, what string) error {
	server := ""
	if moved := movedFile(path); moved != "" {
		server = fmt.Sprintf("if the goals have moved to a PostgreSQL database, as the name of %s says, set PALACE_URL to it; else ", moved)
	}
	return fmt.Errorf("%w: %s %s, but %s says that a database was made here; nothing was changed: "+
		"%srestore a backup with: bot restore --backup FILE; or, to start over from goals.json, remove %s",
		ErrIdentity, path, what, markerPath(path), server, markerPath(path))
}

// vanished reports that the file is not there any more which was opened.
func vanished(path string) error {
	return fmt.Errorf("%w: %s was removed or replaced while the bot ran; nothing can be saved any more: "+
		"stop the bot and restore a backup with: bot restore --backup FILE; or, to start over from goals.json, remove %s and %s",
		ErrIdentity, path, markerPath(path), path)
}

// replaced reports that a database has become another one while it was open.
func replaced(path string) error {
	return fmt.Errorf("%w: %s was replaced by another database of this bot while the bot ran; nothing can be saved any more: stop the bot, and put the right one back", ErrIdentity, path)
}

// noMarker reports that palace.id was removed while the bot ran.
func noMarker(path string) error {
	return fmt.Errorf("%w: %s is missing; it is written anew when the bot starts", ErrIdentity, markerPath(path))
}

// another refuses a palace that is not the one palace.id names.
func another(found, path string) error {
	return fmt.Errorf("%w: %s is a database of this bot, but not the one that %s names; nothing was changed: "+
		"restore a backup of the right one with: bot restore --backup FILE; or, if this one is right, remove %s",
		ErrIdentity, found, markerPath(path), markerPath(path))
}

func foreign(path, what string) error {
	return fmt.Errorf("%w: %s %s; nothing was changed: move it away or set another DATA_ROOT", ErrIdentity, path, what)
}
