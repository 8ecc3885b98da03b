package palace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"goalbot/securefile"
)

// This file tells whether a database is the one that belongs where it is. SQLite
// opens a missing or emptied file as a valid empty database, and goals.json would
// be rewritten from it. So the name of the store is kept in the database and in
// the file palace.id beside it.

// Status is what is found where a palace should be.
type Status int

const (
	// Fresh means that there has never been a palace, or that making one was
	// cut short. Open makes one: with nothing in it.
	Fresh Status = iota
	// Existing means that there is a database to be opened.
	Existing
	// Lost means that there was a palace and its database is gone or empty.
	Lost
)

func (s Status) String() string {
	return [...]string{"fresh", "existing", "lost"}[s]
}

// StatusOf says what is at path, and creates nothing. A caller that must not start
// with an empty palace, as beside a goals.json with goals, asks before [Open].
func StatusOf(ctx context.Context, path string) (Status, error) {
	f, err := inspect(ctx, path)
	return f.status, err
}

// facts are what can be known of a palace without changing it.
type facts struct {
	status   Status
	marker   string // what palace.id says, "" without one
	store    string // what the database says
	revision int64
	version  int // of the schema
}

// inspect finds out what is at path. A palace that must not be opened is an error.
func inspect(ctx context.Context, path string) (facts, error) {
	var f facts
	var err error
	if f.marker, err = readMarker(path); err != nil {
		return f, err
	}
	if err := checkSidecars(path); err != nil {
		return f, err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return f, fmt.Errorf("look for database: %w", err)
	case err == nil && !info.Mode().IsRegular():
		return f, foreign(path, "is not a file")
	case err != nil || info.Size() == 0:
		// A log without its database is what is left of one.
		if f.marker != "" || size(path+"-wal") > 0 {
			f.status = Lost
		}
		return f, nil
	case f.marker == "" && exists(path+"-journal"):
		return f, nil // the very first write was cut short
	}
	f.status = Existing

	db, err := openUntouched(ctx, path)
	if err != nil {
		return f, err
	}
	defer db.Close()
	application, version, tables, err := header(ctx, db)
	if err != nil {
		return f, misread(path, fmt.Errorf("inspect database: %w", err))
	}
	switch f.version = version; {
	case application == 0 && version == 0 && !tables && f.marker == "":
		f.status = Fresh // made, but nothing was put in yet
		return f, nil
	case application == 0 && version == 0 && !tables:
		f.status = Lost
		return f, nil
	case application != applicationID || version == 0:
		return f, foreign(path, "is the database of another program")
	}
	// Every version, older or newer, can answer this.
	if err := db.QueryRowContext(ctx, "SELECT store, revision FROM meta").Scan(&f.store, &f.revision); err != nil {
		return f, misread(path, fmt.Errorf("read store name: %w", err))
	}
	if f.marker != "" && f.marker != f.store {
		return f, another(path, path)
	}
	return f, nil
}

// markerPath is palace.id for palace.db.
func markerPath(path string) string { return strings.TrimSuffix(path, ".db") + ".id" }

// maxMarker is far more than the name of a store has, with white space around it.
const maxMarker = 4 << 10

func readMarker(path string) (string, error) {
	text, err := securefile.Read(markerPath(path), maxMarker)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if _, odd := errors.AsType[*securefile.KindError](err); odd {
		return "", fmt.Errorf("%w: %w; move it away, and put the palace.id of this database there, or none if %s is the right one", ErrIdentity, err, path)
	}
	if err != nil {
		return "", fmt.Errorf("read database.id: %w", err)
	}
	marker := strings.TrimSpace(string(text))
	if marker == "" {
		return "", fmt.Errorf("%w: %s is empty; write the name of the store into it, or remove it if %s is the right one",
			ErrIdentity, markerPath(path), path)
	}
	return marker, nil
}

func writeMarker(path, store string) error {
	final := markerPath(path)
	temp, err := os.CreateTemp(filepath.Dir(final), markerPrefix+"*"+tempSuffix)
	if err != nil {
		return fmt.Errorf("write database.id: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(store + "\n")
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), final)
	}
	if err == nil {
		err = syncDir(filepath.Dir(final))
	}
	if err != nil {
		return fmt.Errorf("write database.id: %w", err)
	}
	return nil
}
