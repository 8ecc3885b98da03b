package main

import (
	"fmt"
	"os"
	"path/filepath"

	"goalbot/bot/config"
	"goalbot/health"
)

// This file says what is wrong with where the data is, and what to do about it.

// remoteWarning warns of a file system on which an SQLite database can be damaged;
// empty where there is nothing to warn of.
func remoteWarning(c config.Config, l health.Limits) string {
	if c.PalaceURL != "" {
		return ""
	}
	dir := nearest(filepath.Dir(c.PalaceFile()))
	kind := l.Remote(dir)
	if kind == "" {
		return ""
	}
	return fmt.Sprintf("%s is on %s, where the bot's database can be damaged: its log needs a local disk. "+
		"Stop the bot, move the data folder to a local disk and set DATA_ROOT, or keep the database in PostgreSQL with PALACE_URL", dir, kind)
}

// nearest is path or, where that is not there, the nearest folder above that is.
func nearest(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// ownerCure says which file of the data folder belongs to somebody else, and how to
// change that; empty where none does.
func ownerCure(c config.Config) string {
	sm := filepath.Dir(c.PalaceFile())
	paths := []string{nearest(c.DataRoot), nearest(sm)}
	entries, _ := os.ReadDir(sm) // without the right to read it, its owner is what is wrong
	for _, e := range entries {
		paths = append(paths, filepath.Join(sm, e.Name()))
	}
	for _, path := range paths {
		uid, ok := ownerOf(path)
		if !ok || uid == os.Geteuid() {
			continue
		}
		return fmt.Sprintf("%s belongs to user %d, and the bot runs as user %d. To change that, run as root: chown -R %[3]d:%[4]d %[5]s",
			path, uid, os.Geteuid(), os.Getegid(), nearest(c.DataRoot))
	}
	return ""
}
