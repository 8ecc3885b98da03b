//go:build linux

package hard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/palace"
	"goalbot/store"
)

// acks are what the world has been promised at one moment.
type acks struct{ confirmed, answered []int }

// acknowledged says which commands were confirmed to Telegram, and which answered.
func (w *world) acknowledged() acks {
	w.mu.Lock()
	said := slices.Clone(w.said)
	w.mu.Unlock()
	var a acks
	for i, m := range said {
		if w.telegram.IsConfirmed(m.Update) {
			a.confirmed = append(a.confirmed, i)
		}
	}
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	for i, n := range w.heard {
		if n > 0 {
			a.answered = append(a.answered, i)
		}
	}
	return a
}

// dead looks at what a program has left that is not there any more, and returns how
// many commands have been applied.
func (w *world) dead(a acks) (applied int, err error) {
	if applied, err = w.ledger(a); err != nil {
		return 0, err
	}
	copied, err := cache.New(w.root).Load()
	if err != nil {
		return 0, err
	}
	sum := plain(copied)
	if !slices.ContainsFunc(w.plan.after[:applied+1], func(o outcome) bool { return o.plain == sum }) {
		return 0, fmt.Errorf("goals.json says what the list never was in its first %d commands", applied)
	}
	return applied, nil
}

// ledger returns how many commands have been applied: those, each once, in the order
// in which they were said, and nothing else.
func (w *world) ledger(a acks) (applied int, err error) {
	ctx := context.Background()
	status, err := w.place.Status(ctx)
	if err != nil {
		return 0, err
	}
	var list []*goals.Goal
	if status == palace.Existing {
		truth, err := w.place.OpenReadOnly(ctx)
		if err != nil {
			return 0, err
		}
		defer truth.Close()
		err = truth.View(ctx, func(tx store.Tx) (err error) {
			applied, err = w.applied(tx)
			list = tx.List().All()
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if len(list) != w.plan.after[applied].goals || numbered(list) != w.plan.after[applied].numbered {
		return 0, fmt.Errorf("after %d commands, the last %q, the palace should hold %d goals and holds %d, or they say something else\n%s\nfor no command the bot said %q",
			applied, w.commands(applied-5, applied), w.plan.after[applied].goals, len(list), w.logged(), w.strays())
	}
	for what, which := range map[string][]int{"confirmed": a.confirmed, "answered": a.answered} {
		if n := len(which); n > 0 && which[n-1] >= applied {
			return 0, fmt.Errorf("command %d was %s, and only %d are applied", which[n-1], what, applied)
		}
	}
	return applied, nil
}

// applied counts the commands that the palace knows, and reports those that it
// has twice, out of order, or with a gap.
func (w *world) applied(tx store.Tx) (int, error) {
	n, over := w.lastSeen, false
	w.mu.Lock()
	said := slices.Clone(w.said)
	w.mu.Unlock()
	for i := w.lastSeen; i < len(said); i++ {
		events, err := tx.Change(key(said[i]))
		switch {
		case err != nil:
			return 0, err
		case len(events) > 1:
			return 0, fmt.Errorf("command %d is in the palace %d times", i, len(events))
		case len(events) == 0:
			over = true
		case over:
			return 0, fmt.Errorf("command %d is applied, one before it is not", i)
		default:
			n = i + 1
		}
	}
	w.lastSeen = n
	return n, nil
}

// whole checks a program that runs and has nothing to do: the file is the
// palace's projection to the byte, and nothing is left over.
func (w *world) whole() error { return w.wholeAt(w.root) }

func (w *world) wholeAt(root string) error {
	ctx := context.Background()
	truth, err := w.place.OpenReadOnly(ctx)
	if err != nil {
		return err
	}
	defer truth.Close()
	if err := truth.Check(ctx); err != nil {
		return err
	}
	data, err := os.ReadFile(cache.New(root).Path())
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && truth.List().Len() == 0) {
		return err
	}
	if err == nil && !bytes.Equal(data, goaljson.Append(nil, truth.List().All())) {
		return errors.New("goals.json is not what the palace says")
	}
	return swept(root, 0)
}

// swept checks that no temporary file is left but those of one process.
func swept(root string, pid int) error {
	entries, err := os.ReadDir(filepath.Join(root, "sm"))
	if err != nil {
		return err
	}
	own := fmt.Sprintf(".%d.", pid)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !(strings.HasPrefix(e.Name(), ".goals.json.tmp.") && strings.Contains(e.Name(), own)) {
			return fmt.Errorf("%s is left over", e.Name())
		}
	}
	return nil
}

// honest reports what the bot said that was not so, or that nobody had asked for.
func (w *world) honest() error {
	if silent := w.telegram.Unexpected(); len(silent) > 0 {
		return fmt.Errorf("the bot did what Telegram passes over in silence: %s", silent[0])
	}
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	if len(w.odd) > 0 {
		return fmt.Errorf("the bot said %d times what answers no command, as: %s", len(w.odd), w.odd[0])
	}
	return errors.Join(w.wrong[:min(len(w.wrong), 3)]...)
}

// twice counts the answers that came more than once.
func (w *world) twice() (n int) {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	for _, times := range w.heard {
		n += max(0, times-1)
	}
	return n
}
