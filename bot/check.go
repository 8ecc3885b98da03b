package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/health"
	"goalbot/palace"
)

// errNotSound ends `bot check` with exit code 1; all has been said by then.
var errNotSound = errors.New("goals.json is not sound")

// verdict is the outcome of one offline check.
type verdict struct {
	Sound    bool             `json:"sound"`
	Path     string           `json:"path"`
	Goals    int              `json:"goals"`
	Palace   bool             `json:"palace"` // whether there was one to compare with
	Findings []health.Finding `json:"findings"`
	Warnings []string         `json:"warnings"`

	missing bool
}

// runCheck checks goals.json once. It writes nothing, so it may run beside the bot.
func runCheck(ctx context.Context, c Config, asJSON bool, out io.Writer) error {
	v := check(ctx, c)
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
	if !v.Sound {
		return errNotSound
	}
	return nil
}

func check(ctx context.Context, c Config) verdict {
	file := cache.New(c.DataRoot)
	v := verdict{Path: file.Path(), Findings: []health.Finding{}, Warnings: []string{}}
	truth, err := readPalace(ctx, c)
	switch {
	case errors.Is(err, errNoPalace):
	case err != nil:
		v.Findings = append(v.Findings, health.Finding{Cause: health.Internal, Detail: "The palace cannot be read: " + err.Error()})
	default:
		v.Palace = true
	}
	theirs, err := file.Load()
	if err == nil && v.Palace && differs(theirs, truth) {
		// The bot may be between its commit and the file; a moment later it is not.
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
		if again, perr := readPalace(ctx, c); perr == nil {
			truth = again
		}
		theirs, err = file.Load()
	}
	switch {
	case err != nil:
		v.Findings = append(v.Findings, health.Diagnose(err)...)
	case theirs == nil && truth.Len() > 0:
		v.Findings = append(v.Findings, health.Diagnose(&cache.MissingError{Path: file.Path()})...)
	case v.Palace && differs(theirs, truth):
		v.Warnings = append(v.Warnings, "goals.json differs from the palace; the bot takes in what is new there at its next check")
	}
	v.Goals, v.missing = len(theirs), theirs == nil && err == nil
	v.Warnings = append(v.Warnings, oddities(theirs)...)
	v.Sound = len(v.Findings) == 0
	return v
}

// oddities are what a file may hold and should not.
func oddities(list []*goals.Goal) (warnings []string) {
	seen := map[string]int{}
	for _, g := range list {
		seen[g.ID]++
		if seen[g.ID] == 2 {
			warnings = append(warnings, fmt.Sprintf("goals.json holds the id %q more than once", goals.OneLine(g.ID)))
		}
	}
	return warnings
}

func differs(file []*goals.Goal, truth goals.List) bool {
	return !bytes.Equal(goaljson.Append(nil, file), goaljson.Append(nil, truth.All()))
}

func (v verdict) print(out io.Writer) {
	for _, f := range v.Findings {
		fmt.Fprintf(out, "%s. %s\n", f.Headline(), f.Detail)
		if f.Excerpt != "" {
			fmt.Fprintln(out, f.Excerpt)
		}
	}
	switch {
	case !v.Sound:
		fmt.Fprintf(out, "The file is %s.\n", v.Path)
		if v.Palace {
			fmt.Fprintln(out, "To write it anew from the palace: bot restore")
		}
	case !v.Palace && v.missing:
		fmt.Fprintf(out, "There is neither %s nor a palace yet; nothing is wrong.\n", v.Path)
	case v.Palace:
		fmt.Fprintf(out, "goals.json is sound and holds %d goals.\n", v.Goals)
	default:
		fmt.Fprintf(out, "goals.json is sound and holds %d goals. There is no palace to compare it with.\n", v.Goals)
	}
	for _, w := range v.Warnings {
		fmt.Fprintf(out, "warning: %s\n", w)
	}
}

var errNoPalace = errors.New("there is no palace yet")

// readPalace reads the list from the palace and changes nothing.
func readPalace(ctx context.Context, c Config) (goals.List, error) {
	standing, err := palace.State(ctx, c.PalaceFile())
	if err == nil && standing == palace.Fresh {
		err = errNoPalace
	}
	if err != nil {
		return goals.List{}, err
	}
	p, err := palace.OpenReadOnly(ctx, c.PalaceFile())
	if err != nil {
		return goals.List{}, err
	}
	defer p.Close()
	return p.List(), nil
}

// runRestore writes goals.json anew from the palace. What stands there now is
// kept if it does not load or says something else.
func runRestore(ctx context.Context, c Config, out io.Writer) error {
	truth, err := readPalace(ctx, c)
	if errors.Is(err, errNoPalace) {
		return fmt.Errorf("there is no palace at %s to restore goals.json from; is DATA_ROOT right?", c.PalaceFile())
	}
	if err != nil {
		return err
	}
	file := cache.New(c.DataRoot)
	theirs, err := file.Load()
	if err == nil && theirs != nil && !differs(theirs, truth) {
		fmt.Fprintf(out, "%s is sound and says what the palace says; nothing to do.\n", file.Path())
		return nil
	}
	if err != nil || theirs != nil {
		kept, err := file.Quarantine(time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "The file that stood there is kept as %s\n", kept)
	}
	if err := file.Save(truth.All()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is written anew from the palace: %d goals.\n", file.Path(), truth.Len())
	return nil
}
