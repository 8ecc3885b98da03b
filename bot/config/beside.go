package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// This file finds out where trusty-mpm keeps its goals. The file is
// <root>/sm/goals.json for it too, but the program as it is shipped passes
// ~/.trusty-mpm/sm as the root, so that its file is ~/.trusty-mpm/sm/sm/goals.json.

// besideOthers takes the folder below the default one where trusty-mpm keeps its
// goals there, unless the bot has a database in the default one already.
func (c *Config) besideOthers() {
	outer := *c
	inner := outer
	inner.DataRoot = filepath.Join(outer.DataRoot, "sm")
	// The bot's own database counts as well: where only goals.json was lost, the
	// next start must find it again.
	theirs := exists(inner.GoalsFile())
	// palace.id stays where the database was lost, which must not look like none.
	fresh := absent(outer.PalaceFile()) && absent(filepath.Join(filepath.Dir(outer.PalaceFile()), "palace.id"))
	switch {
	case !c.Given("DATA_ROOT") && fresh && (theirs || exists(inner.PalaceFile())):
		c.DataRoot = inner.DataRoot
		c.FolderNote = fmt.Sprintf("DATA_ROOT is not set, so the data folder is %s, where trusty-mpm keeps its goals", c.DataRoot)
	case theirs:
		c.FolderWarning = fmt.Sprintf("trusty-mpm keeps its goals in %s, and the bot keeps its own in %s, so neither sees the other's. "+
			"To share one list: send /export to the bot, stop it, set DATA_ROOT=%s, start it again, and send it the exported file with /import",
			inner.GoalsFile(), outer.GoalsFile(), inner.DataRoot)
	}
}

// exists reports whether there is certainly something at a path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// absent reports whether there is certainly nothing at a path.
func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
