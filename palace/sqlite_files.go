package palace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"goalbot/securefile"
)

// This file has to do with the palace's files: temporary ones, those beside the
// database, and how files and names survive a power cut.

// Temporary files are named like this, with something between, and whatever
// SQLite puts behind the name of a database.
const (
	tempPrefix   = ".palace-"
	markerPrefix = ".palace.id-"
	tempSuffix   = ".tmp"
)

// sweep removes the temporary files that a program which was killed has left in
// a directory. Nobody else may be making any there: whoever does has the lock.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		ours := strings.HasPrefix(name, tempPrefix) || strings.HasPrefix(name, markerPrefix)
		if ours && strings.Contains(name, tempSuffix) && e.Type().IsRegular() {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	return err
}

// sidecars are the names behind that of a database which SQLite opens too: the
// log, its index, and the journal of a database that is not in WAL mode yet.
var sidecars = []string{"-wal", "-shm", "-journal"}

// checkSidecars reports that SQLite would open or write something else than files of
// this database's own. A log may have a second name: see [breakLinks]. Its index
// has none, and is made anew where there is none.
func checkSidecars(path string) error {
	for _, part := range sidecars {
		check := securefile.Check
		if part == "-shm" {
			check = securefile.CheckSole
		}
		if err := check(path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w; nothing was changed: move it away", err)
		}
	}
	return nil
}

// breakLinks replaces a database and its log, which nobody has open, by copies if the
// files have other names as well. SQLite writes in place, and would change whatever
// those names stand for: what an interrupted restore was about to keep, or a copy that
// somebody made with links.
func breakLinks(path string) error {
	for _, part := range []string{"", "-wal"} {
		err := securefile.CheckSole(path + part)
		if _, linked := errors.AsType[*securefile.LinksError](err); !linked {
			continue
		}
		if err := replaceByCopy(path + part); err != nil {
			return err
		}
	}
	return nil
}

func replaceByCopy(path string) error {
	from, err := securefile.Open(path)
	if err != nil {
		return err
	}
	to, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*"+tempSuffix)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	defer os.Remove(to.Name())
	_, err = io.Copy(to, from)
	// Windows renames nothing that is open, and nothing over it.
	if err = errors.Join(err, to.Sync(), to.Close(), from.Close()); err != nil {
		return err
	}
	if err := os.Rename(to.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// movedFile returns the newest database that was at path before the goals moved to a
// server, "" if there is none.
func movedFile(path string) (newest string) {
	entries, _ := os.ReadDir(filepath.Dir(path)) // in the order of the names
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)+".moved-") {
			newest = filepath.Join(filepath.Dir(path), e.Name())
		}
	}
	return newest
}

// syncFile makes what a file holds last.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs only what may be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes the names in a directory last.
func syncDir(path string) error {
	if runtime.GOOS == "windows" { // cannot, and need not
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// identify tells a file from others that may take its name.
func identify(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil {
		os.SameFile(info, info) // Windows looks up which file it is only now, and by its name
	}
	return info, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// size is 0 for a file that is not there.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
