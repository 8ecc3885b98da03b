package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"goalbot/bot/config"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/palace"
)

// This file says what is wrong with a palace and what to do about it, and puts
// it right.

// refusal says why the bot does not start, and what to do, where the palace is
// damaged or that of a newer program; other errors stay as they are.
func refusal(ctx context.Context, c config.Config, err error) error {
	if errors.Is(err, palace.ErrNewer) {
		err = fmt.Errorf("%w. Nothing was changed.\nThis program is version %s. Start the newer one again", err, version())
		if backup := storage(c).NewestBackup(ctx); backup != "" {
			err = fmt.Errorf("%w, or go back to the newest backup that this one can read, without what was changed since then: bot restore --backup %s", err, backup)
		}
		return err
	}
	if !errors.Is(err, palace.ErrDamaged) {
		return err
	}
	f, _ := storage(c).Damage(ctx, err, storage(c).Examine)
	return fmt.Errorf("the bot's database is damaged, so the bot does not start; nothing was changed.\n%s", f.Detail)
}

// nowhere says that there is no palace, and what does not work without.
func nowhere(c config.Config, so string) error {
	if c.PalaceURL != "" {
		return fmt.Errorf("%s holds no database of the bot, %s; is PALACE_URL right?", place(c), so)
	}
	return fmt.Errorf("the bot's database is not at %s, %s; is DATA_ROOT right?", place(c), so)
}

// runRepair puts damaged goals of the palace right, and drops what else is
// damaged.
func runRepair(ctx context.Context, c config.Config, out io.Writer) error {
	if status, err := place(c).Status(ctx); err == nil && status == palace.Fresh { // the lock would make its folder
		return nowhere(c, "so there is nothing to repair")
	}
	unlock, err := lock(filepath.Dir(c.PalaceFile()))
	if err != nil {
		return err
	}
	defer unlock()
	done, err := place(c).Repair(ctx, palace.Options{}, storage(c).Sources(ctx))
	if err != nil {
		if newest := storage(c).NewestBackup(ctx); newest != "" {
			err = fmt.Errorf("%w\nThe newest backup is %s", err, newest)
		}
		return err
	}
	if done.None() {
		fmt.Fprintln(out, "Everything in the bot's database matches its checksums; nothing to do.")
		return nil
	}
	fmt.Fprintf(out, "The database as it was is kept as %s\n", done.Kept)
	for _, l := range done.Goals {
		fmt.Fprintln(out, repairedLine(l))
	}
	for _, r := range done.Rows {
		if r.Lost() {
			fmt.Fprintln(out, "Lost: "+r.What)
		} else {
			fmt.Fprintln(out, "Rebuilt: "+r.What)
		}
	}
	if n := len(done.Goals); n > 0 {
		fmt.Fprintf(out, "%s repaired. goals.json is updated when the bot starts.\n", message.Count(n, "goal is", "goals are"))
	}
	return nil
}

func repairedLine(l palace.Loss) string {
	text := fmt.Sprintf("#%d %s: ", l.Goal.Number, goals.OneLine(l.Goal.Description))
	if l.Deleted {
		text = fmt.Sprintf("#%d, which was deleted: ", l.Goal.Number)
	}
	if l.Exact {
		return text + "exactly as it was, from " + l.From
	}
	return text + "as " + l.From + " has it, the newest version known; later changes are lost"
}

// runRestoreBackup puts a backup in the place of the palace and writes
// goals.json anew from it. What stood in either place is kept.
func runRestoreBackup(ctx context.Context, c config.Config, backup string, out io.Writer) error {
	if _, err := os.Stat(backup); err != nil {
		return unusable(ctx, c, backup, err)
	}
	unlock, err := lock(filepath.Dir(c.PalaceFile()))
	if err != nil {
		return err
	}
	defer unlock()
	replaced, err := place(c).Restore(ctx, backup, palace.Options{})
	if err != nil {
		return unusable(ctx, c, backup, err)
	}
	from := backup
	if at, ok := palace.BackupTime(backup); ok {
		from += " (" + at.Format("2006-01-02 15:04 UTC") + ")"
	}
	fmt.Fprintf(out, "The database has been restored from %s\n", from)
	if replaced != "" {
		fmt.Fprintf(out, "The previous database is kept as %s\n", replaced)
	}
	truth, err := place(c).Open(ctx, palace.Options{}) // an older one is brought up to date
	if err != nil {
		return err
	}
	list := truth.List()
	if err := truth.Close(); err != nil {
		return err
	}
	kept, err := follow(cache.New(c.DataRoot), list)
	if err != nil {
		return fmt.Errorf("%w\nThe database is restored, but goals.json is not. Once that is fixed: bot restore", err)
	}
	if kept != "" {
		fmt.Fprintf(out, "goals.json was different; it is kept as %s\n"+
			"To get back what only that file has, copy it to %s before the bot starts. The newest version of each goal wins.\n", kept, c.GoalsFile())
	}
	fmt.Fprintf(out, "%s has been rebuilt: %s.\n", c.GoalsFile(), message.Count(list.Len(), "goal", "goals"))
	return nil
}

// unusable refuses a backup and names the others.
func unusable(ctx context.Context, c config.Config, backup string, err error) error {
	if errors.Is(err, palace.ErrDamaged) { // whose text is about a palace in its place
		err = fmt.Errorf("%s is damaged or not a database of this bot", backup)
	}
	text := "\nNothing was changed."
	if backups, _ := place(c).Backups(ctx, storage(c).Backups); len(backups) > 0 {
		text += " The backups are, newest last:\n  " + strings.Join(backups, "\n  ")
	}
	return fmt.Errorf("cannot restore this backup: %w.%s", err, text)
}
