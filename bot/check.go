package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"goalbot/alert"
	"goalbot/bot/config"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/health"
	"goalbot/message"
	"goalbot/palace"
)

// errNotOK ends `bot check` with exit code 1; all has been said by then.
var errNotOK = errors.New("not OK")

// verdict is the outcome of one offline check.
type verdict struct {
	OK       bool                 `json:"sound"`
	Path     string               `json:"path"`
	Goals    int                  `json:"goals"`
	Palace   bool                 `json:"palace"` // whether there was one to compare with
	Findings []finding            `json:"findings"`
	Damaged  []health.DamagedGoal `json:"damaged,omitempty"`  // in the palace
	Rejected []rejected           `json:"rejected,omitempty"` // by Telegram, newest first
	Notes    []string             `json:"notes,omitempty"`    // on the data folder

	missing bool
}

// finding is one of a check. With warnings alone all is OK.
type finding struct {
	alert.Finding
	Warning bool `json:"warning"`
}

// rejected is a message that Telegram will never take.
type rejected struct {
	Chat   int64     `json:"chat"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// headline is the alert's, but for what a check without the bot finds otherwise.
func (f finding) headline() string {
	if f.Cause == alert.Differs && f.Warning {
		return "goals.json differs from the bot's database"
	}
	return f.Headline()
}

func (v *verdict) add(found ...alert.Finding) {
	for _, f := range found {
		v.Findings = append(v.Findings, finding{f, f.Warning()})
	}
}

// runCheck checks goals.json once. It writes nothing, so it may run beside the bot.
func runCheck(ctx context.Context, c config.Config, l health.Limits, asJSON bool, out io.Writer) error {
	v := check(ctx, c, l)
	if ctx.Err() != nil {
		return context.Cause(ctx) // it has not seen everything
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			return err
		}
	} else {
		v.print(out)
	}
	if !v.OK {
		return errNotOK
	}
	return nil
}

func check(ctx context.Context, c config.Config, l health.Limits) verdict {
	file := cache.New(c.DataRoot)
	v := verdict{Path: file.Path(), Findings: []finding{}}
	if c.FolderNote != "" {
		v.Notes = append(v.Notes, c.FolderNote+".")
	}
	if c.FolderWarning != "" {
		v.Notes = append(v.Notes, "warning: "+c.FolderWarning+".")
	}
	if w := remoteWarning(c, l); w != "" {
		v.Notes = append(v.Notes, "warning: "+w+".")
	}
	truth, err := readPalace(ctx, c, func(p *palace.Palace, ctx context.Context) error {
		if err := p.Check(ctx); err != nil {
			return err
		}
		dead, err := p.DeadLetters(ctx)
		for _, m := range dead {
			v.Rejected = append(v.Rejected, rejected{m.Chat, m.At, goals.OneLine(m.Reason)})
		}
		return err
	})
	switch {
	case errors.Is(err, errNoPalace):
	case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
		f, damaged := storage(c).Damage(ctx, err, storage(c).Examine)
		v.add(f)
		v.Damaged = damaged
	case err != nil:
		v.add(alert.Finding{Cause: alert.PalaceUnread, Detail: health.Sentence(err) + "."})
	default:
		v.Palace = true
	}
	look := func() sight {
		if again, err := readPalace(ctx, c, nil); err == nil { // else that of before
			truth = again
		}
		theirs, err := file.Load()
		return sight{theirs, err, truth}
	}
	seen, different := sight{truth: truth}, false
	if seen.theirs, seen.err = file.Load(); v.Palace {
		seen, different = settle(ctx, seen, look)
	}
	theirs, err := seen.theirs, seen.err
	switch {
	case err != nil:
		v.add(health.Diagnose(err)...)
	case theirs == nil && seen.truth.Len() > 0:
		v.add(health.Diagnose(&cache.MissingError{Path: file.Path()})...)
	case different:
		// While the bot runs this is a fault, for it has not taken it in. Here it is only not done yet.
		v.Findings = append(v.Findings, finding{alert.Finding{Cause: alert.Differs, Detail: "The bot imports the changes at its next check."}, true})
	}
	v.Goals, v.missing = len(theirs), theirs == nil && err == nil
	v.add(oddities(theirs)...)
	around, _ := health.Surroundings(file, l, clock.New())(ctx)
	v.add(around...)
	v.OK = !slices.ContainsFunc(v.Findings, func(f finding) bool { return !f.Warning })
	return v
}

// oddities are what a file may hold and should not.
func oddities(list []*goals.Goal) (found []alert.Finding) {
	seen := map[string]int{}
	for _, g := range list {
		seen[g.ID]++
		if seen[g.ID] == 2 {
			found = append(found, alert.Finding{Cause: alert.DuplicateIDs, Detail: fmt.Sprintf("The id is %q.", goals.OneLine(g.ID))})
		}
	}
	return found
}

func (v verdict) print(out io.Writer) {
	for _, f := range v.Findings {
		if f.Warning {
			continue // said below
		}
		fmt.Fprintf(out, "%s. %s\n", f.Headline(), f.Detail)
		if f.Excerpt != "" {
			fmt.Fprintln(out, f.Excerpt)
		}
	}
	switch {
	case !v.OK:
		if !slices.ContainsFunc(v.Findings, func(f finding) bool { return !f.Warning && f.OfFile() }) {
			break
		}
		fmt.Fprintf(out, "The file is %s.\n", v.Path)
		if v.Palace {
			fmt.Fprintln(out, "To rebuild it from the bot's database: bot restore")
		}
	case !v.Palace && v.missing:
		fmt.Fprintf(out, "There is neither %s nor a database yet; nothing is wrong.\n", v.Path)
	case v.Palace:
		fmt.Fprintf(out, "goals.json is OK and holds %s.\n", message.Count(v.Goals, "goal", "goals"))
	default:
		fmt.Fprintf(out, "goals.json is OK and holds %s. There is no database to compare it with.\n", message.Count(v.Goals, "goal", "goals"))
	}
	for _, f := range v.Findings {
		if f.Warning {
			fmt.Fprintf(out, "warning: %s. %s\n", f.headline(), f.Detail)
		}
	}
	for _, n := range v.Notes {
		fmt.Fprintln(out, n)
	}
	if n := len(v.Rejected); n > 0 {
		const most = 5
		fmt.Fprintf(out, "Telegram rejected %s; the newest:\n", message.Count(n, "message", "messages"))
		for _, m := range v.Rejected[:min(n, most)] {
			fmt.Fprintf(out, "  %s, to %d: %s\n", m.At.Format("2006-01-02 15:04 UTC"), m.Chat, m.Reason)
		}
	}
}

var errNoPalace = errors.New("there is no database yet")

// readPalace reads the list from the palace, if check finds nothing wrong with
// it, and changes nothing.
func readPalace(ctx context.Context, c config.Config, check func(*palace.Palace, context.Context) error) (goals.List, error) {
	status, err := place(c).Status(ctx)
	if err == nil && status == palace.Fresh {
		err = errNoPalace
	}
	if err != nil {
		return goals.List{}, err
	}
	p, err := place(c).OpenReadOnly(ctx)
	if err != nil {
		return goals.List{}, err
	}
	defer p.Close()
	if check != nil {
		if err := check(p, ctx); err != nil {
			return goals.List{}, err
		}
	}
	return p.List(), nil
}

// runRestore writes goals.json anew from the palace, in whose place a backup is
// put first if one is given. What stands there now is kept if it does not load
// or says something else.
func runRestore(ctx context.Context, c config.Config, backup string, out io.Writer) error {
	if backup != "" {
		return runRestoreBackup(ctx, c, backup, out)
	}
	_, err := readPalace(ctx, c, nil)
	switch {
	case errors.Is(err, errNoPalace):
		return nowhere(c, "so there is nothing to restore goals.json from")
	case errors.Is(err, palace.ErrDamaged):
		f, _ := storage(c).Damage(ctx, err, storage(c).Examine)
		return fmt.Errorf("the bot's database is damaged, so goals.json is not rebuilt from it.\n%s", f.Detail)
	case err != nil:
		return err
	}
	file := cache.New(c.DataRoot)
	unlock, err := lock(file.Dir())
	if err != nil {
		return fmt.Errorf("%w. In the chat, /restore does the same", err)
	}
	defer unlock()
	truth, err := readPalace(ctx, c, nil) // it may have changed until the lock was ours
	if err != nil {
		return err
	}
	if theirs, err := file.Load(); err == nil && theirs != nil && !differs(theirs, truth) {
		fmt.Fprintf(out, "%s is OK and matches the bot's database; nothing to do.\n", file.Path())
		return nil
	}
	kept, err := follow(file, truth)
	if err != nil {
		return err
	}
	if kept != "" {
		fmt.Fprintf(out, "The previous file is kept as %s\n", kept)
	}
	fmt.Fprintf(out, "%s has been rebuilt from the bot's database: %d goals.\n", file.Path(), truth.Len())
	return nil
}

// follow writes goals.json from the palace's list. What stood there is kept,
// unless it says the same.
func follow(file *cache.File, truth goals.List) (kept string, err error) {
	theirs, err := file.Load()
	if err == nil && theirs != nil && !differs(theirs, truth) {
		return "", nil
	}
	if err != nil || theirs != nil {
		if kept, err = file.Quarantine(time.Now()); err != nil {
			return "", err
		}
	}
	return kept, file.Save(truth.All())
}

// goals.json follows a commit with a delay, and a busy bot may be writing at every
// look.
const (
	lookEvery     = 250 * time.Millisecond
	stableFor     = time.Second      // a difference that lasts this long is reported
	settleTimeout = 10 * time.Second // how long a file that keeps changing is watched
)

// sight is what one look saw.
type sight struct {
	theirs []*goals.Goal // of the file; nil where there is none
	err    error         // why it does not load
	truth  goals.List
}

// differs reports whether the file can be read and says something else than the
// palace.
func (s sight) differs() bool { return s.err == nil && differs(s.theirs, s.truth) }

// settle repeats the look while a difference may come from a bot at work, and returns
// the last one. differs is false if the file keeps changing, because it then follows.
func settle(ctx context.Context, s sight, look func() sight) (last sight, differs bool) {
	began := time.Now()
	since, follows := began, false
	for s.differs() {
		now := time.Now()
		if now.Sub(since) >= stableFor {
			return s, true
		}
		if now.Sub(began) >= settleTimeout {
			return s, !follows
		}
		select {
		case <-ctx.Done():
			return s, true
		case <-time.After(lookEvery):
		}
		next := look()
		if next.err == nil {
			wrote := sumOf(next.theirs) != sumOf(s.theirs)
			follows = follows || wrote
			if wrote || sumOf(next.truth.All()) != sumOf(s.truth.All()) {
				since = time.Now()
			}
		}
		s = next
	}
	return s, false
}

func differs(file []*goals.Goal, truth goals.List) bool {
	return sumOf(file) != sumOf(truth.All())
}

// sumOf is the same for the same goals, whatever their numbers.
func sumOf(list []*goals.Goal) (sum [sha256.Size]byte) {
	h := sha256.New()
	var line []byte
	for _, g := range list {
		line = append(goaljson.AppendGoal(line[:0], g), '\n')
		h.Write(line)
	}
	return [sha256.Size]byte(h.Sum(sum[:0]))
}
