package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"goalbot/bot/config"
	"goalbot/message"
	"goalbot/palace"
)

// This file moves the palace between an SQLite file and a PostgreSQL server.

// toFile is what stands for the SQLite file in the place of a URL.
const toFile = "sqlite"

// moveTarget is where to move to, as the flags say. What stands in a command can be
// seen by everybody on the machine, so a password in it is warned of.
func moveTarget(o options, stderr io.Writer) (to string, err error) {
	switch {
	case o.to != "" && o.toFile != "":
		return "", errors.New("give --to or --to-file, and not both")
	case o.toFile != "":
		to, warning, err := config.ReadDatabaseURL(o.toFile)
		if err != nil {
			return "", fmt.Errorf("--to-file %w", err)
		}
		if warning != "" {
			fmt.Fprintln(stderr, warning)
		}
		return to, nil
	case config.HasPassword(o.to):
		fmt.Fprintln(stderr, "The URL in --to has a password in it, which everybody on this machine can see while the command runs. Put the URL into a file that only you can read, and name that with --to-file.")
	}
	return o.to, nil
}

// runMove moves the palace to another place, and says what is left to do. to may hold
// a password.
func runMove(ctx context.Context, c config.Config, to string, out io.Writer) error {
	target := palace.Place{File: c.PalaceFile()}
	if to != toFile {
		target.URL = to
		if !config.IsDatabaseURL(to) {
			return errors.New("say where to: --to, or a file with --to-file, with the URL of an empty PostgreSQL database, such as postgres://bot@db.example.org/goals?sslmode=verify-full, or --to sqlite for the file in DATA_ROOT")
		}
	}
	if status, err := place(c).Status(ctx); err == nil && status == palace.Fresh { // the lock would make its folder
		return nowhere(c, "so there is nothing to move")
	}
	unlock, err := lock(filepath.Dir(c.PalaceFile()))
	if err != nil {
		return err
	}
	defer unlock()
	moved, err := place(c).Move(ctx, target, palace.Options{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Moved to %v: %s, and with the history and all else %s. By their counts and checksums they are the same there.\n",
		target, message.Count(moved.Goals, "goal", "goals"), message.Count(moved.Rows, "row", "rows"))
	if moved.Kept != "" {
		fmt.Fprintf(out, "The old database is kept as %s\n", moved.Kept)
	} else {
		fmt.Fprintf(out, "The old database, %v, is marked, so that no bot starts on it; its tables may be dropped.\n", place(c))
	}
	if target.URL == "" {
		fmt.Fprintln(out, "Before you start the bot, remove PALACE_URL from its settings.")
	} else {
		fmt.Fprintln(out, "Before you start the bot, set PALACE_URL to the URL of the new database.")
	}
	return nil
}
