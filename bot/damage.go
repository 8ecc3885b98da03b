package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"goalbot/alert"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/palace"
)

// This file says what is wrong with a palace and what to do about it, and puts
// it right.

// backupsDir is where backups go; the palace's own, before a migration, too.
func (c Config) backupsDir() string { return filepath.Join(filepath.Dir(c.PalaceFile()), "backups") }

// damagedGoal is a goal whose row in the palace cannot be trusted.
type damagedGoal struct {
	Number     int64  `json:"number"`
	InFile     bool   `json:"in_goals_json"`
	Repairable bool   `json:"repairable"`        // by `bot repair`
	From       string `json:"from,omitempty"`    // who knows what it was
	Exactly    bool   `json:"exactly,omitempty"` // and the checksum proves it
}

// examine looks at a palace that this process does not have open.
func (c Config) examine(ctx context.Context, s palace.Sources) (palace.Losses, error) {
	return palace.Examine(ctx, c.PalaceFile(), s)
}

// damage turns an error of the palace into a finding that says what to do.
// examine looks at the palace's damaged rows.
func damage(ctx context.Context, c Config, err error, examine func(context.Context, palace.Sources) (palace.Losses, error)) (alert.Finding, []damagedGoal) {
	f := alert.Finding{Cause: alert.PalaceDamaged}
	rows, ok := errors.AsType[*palace.DamageError](err)
	if !ok || rows.What != "" {
		f.Detail = sentence(err)
		if newest := newestBackup(ctx, c); newest != "" {
			f.Detail += "\nThe newest backup is " + newest
		}
		return f, nil
	}
	losses, err := examine(ctx, sources(ctx, c))
	if err != nil {
		f.Detail = sentence(rows)
		return f, nil
	}
	var damaged []damagedGoal
	var all, inFile, elsewhere, unknown []int64
	for _, l := range losses.Goals {
		all = append(all, l.Number)
		damaged = append(damaged, damagedGoal{l.Number, l.InFile, l.Goal != nil, l.From, l.Exact})
		switch {
		case l.Goal == nil:
			unknown = append(unknown, l.Number)
		case l.InFile:
			inFile = append(inFile, l.Number)
		default:
			elsewhere = append(elsewhere, l.Number)
		}
	}
	var lines []string
	say := func(what string, numbers []int64) {
		if len(numbers) > 0 {
			lines = append(lines, what+palace.Numbers(numbers)+".")
		}
	}
	say("What is kept of these goals does not match its checksums: ", all)
	say("goals.json still has: ", inFile)
	say("Not in goals.json, but known from the palace's history or a backup: ", elsewhere)
	say("Known for certain to nobody: ", unknown)
	if len(losses.Rows) > 0 {
		lines = append(lines, "Damaged beside the goals: "+palace.LostRows(losses.Rows)+".")
	}
	if unknown == nil {
		lines = append(lines, "To put that right, with the bot stopped: bot repair")
	} else {
		lines = append(lines, "To put a backup in the palace's place, with the bot stopped: bot restore --backup "+orFile(newestBackup(ctx, c)))
	}
	f.Detail = strings.Join(lines, "\n")
	return f, damaged
}

// sentence makes one of an error.
func sentence(err error) string {
	text := err.Error()
	for _, prefix := range []string{"open palace: ", "check palace: ", "write palace: ", "save: ", palace.ErrDamaged.Error() + ": "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func orFile(path string) string {
	if path == "" {
		return "FILE"
	}
	return path
}

func newestBackup(ctx context.Context, c Config) string {
	backups, err := palace.Backups(ctx, c.PalaceFile(), c.backupsDir())
	if err != nil || len(backups) == 0 {
		return ""
	}
	return backups[len(backups)-1]
}

// sources are where damaged goals are looked for.
func sources(ctx context.Context, c Config) (s palace.Sources) {
	s.File, _ = cache.New(c.DataRoot).Load() // one that does not load knows nothing
	s.Backups, _ = palace.Backups(ctx, c.PalaceFile(), c.backupsDir())
	return s
}

// refusal says why the bot does not start, and what to do, where the palace is
// damaged; other errors stay as they are.
func refusal(ctx context.Context, c Config, err error) error {
	if !errors.Is(err, palace.ErrDamaged) {
		return err
	}
	f, _ := damage(ctx, c, err, c.examine)
	return fmt.Errorf("the palace is damaged, and the bot does not start on it; nothing was changed.\n%s", f.Detail)
}

// runRepair puts damaged goals of the palace right, and drops what else is
// damaged.
func runRepair(ctx context.Context, c Config, out io.Writer) error {
	if standing, err := palace.State(ctx, c.PalaceFile()); err == nil && standing == palace.Fresh { // the lock would make its folder
		return fmt.Errorf("there is no palace at %s to repair; is DATA_ROOT right?", c.PalaceFile())
	}
	unlock, err := lock(filepath.Dir(c.PalaceFile()))
	if err != nil {
		return err
	}
	defer unlock()
	done, err := palace.Repair(ctx, c.PalaceFile(), palace.Options{}, sources(ctx, c))
	if err != nil {
		if newest := newestBackup(ctx, c); newest != "" {
			err = fmt.Errorf("%w\nThe newest backup is %s", err, newest)
		}
		return err
	}
	if done.None() {
		fmt.Fprintln(out, "All that is in the palace matches its checksums; nothing to do.")
		return nil
	}
	fmt.Fprintf(out, "The palace as it was is kept as %s\n", done.Kept)
	for _, l := range done.Goals {
		fmt.Fprintln(out, repairedLine(l))
	}
	for _, r := range done.Rows {
		if r.Lost() {
			fmt.Fprintln(out, "Lost: "+r.What)
		} else {
			fmt.Fprintln(out, "Made anew: "+r.What)
		}
	}
	if n := len(done.Goals); n > 0 {
		fmt.Fprintf(out, "%s put right. goals.json follows when the bot starts.\n", counted(n, "goal is", "goals are"))
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
	return text + "as " + l.From + " has it, the newest that is known; what was changed since is lost"
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// runRestoreBackup puts a backup in the place of the palace and writes
// goals.json anew from it. What stood in either place is kept.
func runRestoreBackup(ctx context.Context, c Config, backup string, out io.Writer) error {
	if _, err := os.Stat(backup); err != nil {
		return unusable(ctx, c, backup, err)
	}
	unlock, err := lock(filepath.Dir(c.PalaceFile()))
	if err != nil {
		return err
	}
	defer unlock()
	replaced, err := palace.Restore(ctx, backup, c.PalaceFile(), palace.Options{})
	if err != nil {
		return unusable(ctx, c, backup, err)
	}
	from := backup
	if at, ok := palace.BackupTime(backup); ok {
		from += " (" + at.Format("2006-01-02 15:04 UTC") + ")"
	}
	fmt.Fprintf(out, "The palace is put back from %s\n", from)
	if replaced != "" {
		fmt.Fprintf(out, "The one that stood there is kept as %s\n", replaced)
	}
	truth, err := palace.Open(ctx, c.PalaceFile(), palace.Options{}) // an older one is brought up to date
	if err != nil {
		return err
	}
	list := truth.List()
	if err := truth.Close(); err != nil {
		return err
	}
	kept, err := follow(cache.New(c.DataRoot), list)
	if err != nil {
		return fmt.Errorf("%w\nThe palace is restored and goals.json is not; once that is mended: bot restore", err)
	}
	if kept != "" {
		fmt.Fprintf(out, "goals.json said something else; it is kept as %s\n"+
			"To have back what only it knows, copy it to %s before the bot starts: the newest of each goal wins.\n", kept, c.GoalsFile())
	}
	fmt.Fprintf(out, "%s is written anew: %s.\n", c.GoalsFile(), counted(list.Len(), "goal", "goals"))
	return nil
}

// unusable refuses a backup and names the others.
func unusable(ctx context.Context, c Config, backup string, err error) error {
	if errors.Is(err, palace.ErrDamaged) { // whose text is about a palace in its place
		err = fmt.Errorf("%s is damaged, or it is no palace", backup)
	}
	text := "\nNothing was changed."
	if backups, _ := palace.Backups(ctx, c.PalaceFile(), c.backupsDir()); len(backups) > 0 {
		text += " These are the backups, the newest last:\n  " + strings.Join(backups, "\n  ")
	}
	return fmt.Errorf("this cannot be put in the palace's place: %w.%s", err, text)
}
