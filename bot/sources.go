package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"goalbot/agenda"
	"goalbot/alert"
	"goalbot/bot/telegram"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/goals"
	"goalbot/health"
	"goalbot/message"
	"goalbot/palace"
)

// This file looks at what goals.json depends on: its directory and disk, the
// way to Telegram and back.

// surroundings looks at the directory that goals.json is in. It writes nothing.
func surroundings(file *cache.File, l limits, clock *clock.Clock) health.Source {
	dir := file.Dir()
	return func(context.Context) (found []alert.Finding, unsure []alert.Cause) {
		if err := mayWrite(dir); err != nil && !os.IsNotExist(err) {
			found = append(found, alert.Finding{Cause: alert.Unwritable, Detail: "The directory does not let the bot write into it. The system says: " + err.Error() + "."})
		}
		free, ok := l.room(dir)
		switch {
		case !ok:
			unsure = append(unsure, alert.DiskLow)
		case free < l.roomWarn:
			f := alert.Finding{Cause: alert.DiskLow, Detail: fmt.Sprintf("%d MiB are left.", free>>20)}
			if free < l.roomStop {
				f.Detail += fmt.Sprintf(" That is less than %d MiB, so I take no changes now.", l.roomStop>>20)
				f.Degree = "no changes"
			}
			found = append(found, f)
		}
		n, err := leftovers(dir, func(at time.Time) bool { return clock.Since(at) > l.left })
		if err != nil {
			unsure = append(unsure, alert.Leftovers)
		}
		if n > 0 {
			found = append(found, alert.Finding{Cause: alert.Leftovers, Detail: fmt.Sprintf("%d of them, from writes that were cut off.", n)})
		}
		files, bytes, err := file.Kept()
		if err != nil {
			unsure = append(unsure, alert.Quarantine)
		}
		if files >= l.kept || bytes >= l.keptBytes {
			found = append(found, alert.Finding{Cause: alert.Quarantine, Detail: fmt.Sprintf("%s, with %d MB.", counted(files, "file", "files"), bytes/1e6)})
		}
		return found, unsure
	}
}

// leftovers counts the temporary files of goals.json that are old.
func leftovers(dir string, old func(written time.Time) bool) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".goals.json.tmp.") || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && old(info.ModTime()) {
			n++
		}
	}
	return n, err
}

// pollStalled finds that Telegram has not answered a poll for long: because it does
// not, or because what came last cannot be saved, and nothing is asked for
// until that is done.
func pollStalled(started time.Time, after time.Duration, poller func() (polled, busy time.Time), zone func() *time.Location) health.Source {
	return func(context.Context) ([]alert.Finding, []alert.Cause) {
		last, busy := poller()
		if last.IsZero() {
			last = started
		}
		age := time.Since(last)
		if age <= after {
			return nil, nil
		}
		if !busy.IsZero() {
			return []alert.Finding{{Cause: alert.PollStalled, Detail: "I have been trying to save a command since " + busy.In(zone()).Format("15:04:05") + "; until that works I fetch no more."}}, nil
		}
		return []alert.Finding{{Cause: alert.PollStalled, Detail: "Telegram has not answered for " + agenda.InWords(age) + "."}}, nil
	}
}

// tokenConflict finds that another program polls with our token.
func tokenConflict(after time.Duration, of func() telegram.Conflict) health.Source {
	return func(context.Context) ([]alert.Finding, []alert.Cause) {
		r := of()
		if r.Last.Sub(r.First) < after || time.Since(r.Last) > after {
			return nil, nil
		}
		return []alert.Finding{{Cause: alert.TokenConflict, Detail: "It has done so for " + agenda.InWords(r.Last.Sub(r.First)) + "."}}, nil
	}
}

// failing finds that the palace did not take the last change.
func failing(truth *palace.Palace, refused *refused) health.Source {
	return func(context.Context) (found []alert.Finding, unsure []alert.Cause) {
		switch err := truth.Failing(); {
		case err == nil:
		case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
			found = append(found, alert.Finding{Cause: alert.PalaceDamaged, Detail: sentence(err)})
		default:
			found = append(found, refused.unwritten(err))
		}
		return found, nil
	}
}

// stuck finds that messages wait for long.
func outboxStuck(depth func(context.Context) (palace.Depth, error), after time.Duration, clock *clock.Clock, log *slog.Logger) health.Source {
	return func(ctx context.Context) ([]alert.Finding, []alert.Cause) {
		d, err := depth(ctx)
		if err != nil {
			if ctx.Err() == nil { // else the program ends
				log.Error("the outbox could not be looked at", "err", err)
			}
			return nil, []alert.Cause{alert.OutboxStuck}
		}
		if d.Messages == 0 {
			return nil, nil
		}
		age := clock.Since(d.Oldest)
		if age < after {
			return nil, nil
		}
		return []alert.Finding{{Cause: alert.OutboxStuck, Detail: fmt.Sprintf("%s, the oldest for %s.", counted(d.Messages, "is waiting", "are waiting"), agenda.InWords(age))}}, nil
	}
}

// depth says how many messages wait in the outbox and how many were put aside.
func depth(truth *palace.Palace) func(context.Context) (waiting, parked int, err error) {
	return func(ctx context.Context) (int, int, error) {
		d, err := truth.Depth(ctx)
		return d.Messages, d.Parked, err
	}
}

// roomy is a store that takes no change to the list while the disk is so full
// that it might be lost. All else goes on: looking, and what is said of it.
type roomy struct {
	goals.Store
	dir    string
	limits limits
}

// Update implements goals.Store.
func (r roomy) Update(ctx context.Context, o goals.Origin, f func(goals.Tx) error) error {
	free, ok := r.limits.room(r.dir)
	if !ok || free >= r.limits.roomStop {
		return r.Store.Update(ctx, o, f)
	}
	return r.Store.Update(ctx, o, func(tx goals.Tx) error {
		before := tx.List().Clone()
		held := &heldTx{Tx: tx}
		if err := f(held); err != nil {
			return held.release(err)
		}
		if len(goals.Diff(before, *tx.List())) == 0 {
			return held.release(nil)
		}
		words := new(message.Text).Addf("Not saved: only %d MiB are left on the disk, and I take no changes below %d. Nothing was changed. Make some room, then send it again.", free>>20, r.limits.roomStop>>20)
		body, err := words.Message().Fit().Encode()
		if err != nil {
			return err
		}
		told := map[int64]bool{}
		for _, m := range held.messages {
			if told[m.Chat] {
				continue
			}
			told[m.Chat] = true
			if err := tx.Send(goals.Message{Chat: m.Chat, Body: body}); err != nil && !errors.Is(err, goals.ErrOutboxFull) {
				return err
			}
		}
		return goals.Refusal("the disk is too full for changes")
	})
}

// Together implements goals.Store.
func (r roomy) Together(ctx context.Context, f func(goals.Store) error) error {
	return r.Store.Together(ctx, func(s goals.Store) error { return f(roomy{s, r.dir, r.limits}) })
}

// heldTx holds messages back until it is known whether they are true.
type heldTx struct {
	goals.Tx
	messages []goals.Message
}

// Send implements goals.Tx.
func (t *heldTx) Send(m goals.Message) error {
	t.messages = append(t.messages, m)
	return nil
}

// release sends what was held back, as far as there is room for it, and passes
// an error on.
func (t *heldTx) release(err error) error {
	for _, m := range t.messages {
		if serr := t.Tx.Send(m); serr != nil && !errors.Is(serr, goals.ErrOutboxFull) {
			return serr
		}
	}
	return err
}
