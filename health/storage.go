package health

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"goalbot/alert"
	"goalbot/cache"
	"goalbot/palace"
)

// Storage says where the list is kept.
type Storage struct {
	Root    string // the folder that holds sm/goals.json
	Palace  palace.Place
	Backups string // the folder for its backups, also those made before a migration
}

// DamagedGoal is a goal whose row in the palace cannot be trusted.
type DamagedGoal struct {
	Number     int64  `json:"number"`
	InFile     bool   `json:"in_goals_json"`
	Repairable bool   `json:"repairable"`        // by `bot repair`
	From       string `json:"from,omitempty"`    // who knows what it was
	Exactly    bool   `json:"exactly,omitempty"` // and the checksum proves it
}

// Examine looks for damaged rows in a palace that this process does not have open.
func (s Storage) Examine(ctx context.Context, from palace.Sources) (palace.Losses, error) {
	return s.Palace.Examine(ctx, from)
}

// Damage turns an error of the palace into a finding that says what to do.
// examine looks for damaged rows; see [Storage.Examine].
func (s Storage) Damage(ctx context.Context, err error, examine func(context.Context, palace.Sources) (palace.Losses, error)) (alert.Finding, []DamagedGoal) {
	f := alert.Finding{Cause: alert.PalaceDamaged}
	rows, ok := errors.AsType[*palace.DamageError](err)
	if !ok || rows.What != "" {
		f.Detail = Sentence(err) + s.lastResort(ctx, err)
		return f, nil
	}
	losses, err := examine(ctx, s.Sources(ctx))
	if err != nil {
		f.Detail = Sentence(rows)
		return f, nil
	}
	var damaged []DamagedGoal
	var all, inFile, elsewhere, unknown []int64
	for _, l := range losses.Goals {
		all = append(all, l.Number)
		damaged = append(damaged, DamagedGoal{l.Number, l.InFile, l.Goal != nil, l.From, l.Exact})
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
	say("These goals do not match their checksums: ", all)
	say("goals.json still has: ", inFile)
	say("Not in goals.json, but found in the database's history or a backup: ", elsewhere)
	say("Cannot be recovered with certainty: ", unknown)
	if len(losses.Rows) > 0 {
		lines = append(lines, "Also damaged: "+palace.LostRows(losses.Rows)+".")
	}
	if unknown == nil {
		lines = append(lines, "To fix this, stop the bot and run: bot repair")
	} else {
		lines = append(lines, "To put a backup in its place, stop the bot and run: bot restore --backup "+orFile(s.NewestBackup(ctx)))
	}
	f.Detail = strings.Join(lines, "\n")
	return f, damaged
}

// Sentence makes a sentence of an error of the palace, without the full stop.
func Sentence(err error) string {
	text := err.Error()
	for _, prefix := range []string{"open database: ", "check database: ", "write database: ", "save: ", palace.ErrDamaged.Error() + ": "} {
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

// lastResort says which backup is the newest or, where there is none, how to do
// without; err says what is wrong with the palace.
func (s Storage) lastResort(ctx context.Context, err error) string {
	backups, berr := s.Palace.Backups(ctx, s.Backups)
	switch {
	case berr != nil:
		return ""
	case len(backups) > 0:
		return "\nThe newest backup is " + backups[len(backups)-1]
	case errors.Is(err, palace.ErrIdentity): // which says how to begin anew
		return "\nThere is no backup in " + s.Backups
	}
	text := "\nThere is no backup in " + s.Backups + "\nTo start over from goals.json, stop the bot and "
	dir := filepath.Dir(s.Palace.File)
	if s.Palace.URL != "" {
		return text + "name an empty database in PALACE_URL, and move palace.id out of " + dir
	}
	return text + "move palace.* out of " + dir
}

// NewestBackup returns the file of the newest backup, empty without one.
func (s Storage) NewestBackup(ctx context.Context) string {
	backups, err := s.Palace.Backups(ctx, s.Backups)
	if err != nil || len(backups) == 0 {
		return ""
	}
	return backups[len(backups)-1]
}

// Sources are where the content of damaged goals is looked for.
func (s Storage) Sources(ctx context.Context) (from palace.Sources) {
	from.File, _ = cache.New(s.Root).Load() // one that does not load knows nothing
	from.Backups, _ = s.Palace.Backups(ctx, s.Backups)
	return from
}
