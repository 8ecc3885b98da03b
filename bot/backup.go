package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"goalbot/bot/config"
)

// runBackup writes a copy of the palace to a file, for another machine to keep.
func runBackup(ctx context.Context, c config.Config, path string, out io.Writer) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	truth, err := place(c).OpenReadOnly(ctx)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nowhere(c, "so there is nothing to back up")
	case err != nil:
		return refusal(ctx, c, err)
	}
	defer truth.Close()
	if err := truth.BackupTo(ctx, path); err != nil {
		if errors.Is(err, os.ErrExist) {
			err = fmt.Errorf("%w; give another name", err)
		}
		return err
	}
	fmt.Fprintf(out, "The database is backed up to %s. To put it back, stop the bot and run: bot restore --backup FILE\n", path)
	return nil
}
