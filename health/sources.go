package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"goalbot/agenda"
	"goalbot/alert"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/message"
	"goalbot/palace"
)

// This file looks at what goals.json depends on: its directory and disk, the
// way to Telegram and back.

// Surroundings looks at the directory that goals.json is in. It writes nothing.
func Surroundings(file *cache.File, l Limits, clock *clock.Clock) Source {
	dir := file.Dir()
	return func(context.Context) (found []alert.Finding, unsure []alert.Cause) {
		if err := mayWrite(dir); err != nil && !os.IsNotExist(err) {
			found = append(found, alert.Finding{Cause: alert.Unwritable, Detail: "The bot is not allowed to write to the directory. The system says: " + err.Error() + "."})
		}
		free, ok := l.Room(dir)
		switch {
		case !ok:
			unsure = append(unsure, alert.DiskLow)
		case free < l.RoomWarn:
			f := alert.Finding{Cause: alert.DiskLow, Detail: fmt.Sprintf("%d MiB left.", free>>20)}
			if free < l.RoomStop {
				f.Detail += fmt.Sprintf(" That is less than %d MiB, so I am not accepting changes.", l.RoomStop>>20)
				f.Degree = "no changes"
			}
			found = append(found, f)
		}
		n, err := file.Leftovers(clock.Since, l.Leftover)
		if err != nil {
			unsure = append(unsure, alert.Leftovers)
		}
		if n > 0 {
			found = append(found, alert.Finding{Cause: alert.Leftovers, Detail: message.Count(n, "file", "files") + ", from interrupted writes."})
		}
		files, bytes, err := file.Kept()
		if err != nil {
			unsure = append(unsure, alert.Quarantine)
		}
		if files >= l.Kept || bytes >= l.KeptBytes {
			found = append(found, alert.Finding{Cause: alert.Quarantine, Detail: fmt.Sprintf("%s, with %d MB.", message.Count(files, "file", "files"), bytes/1e6)})
		}
		return found, unsure
	}
}

// Polling is how the poll loop is doing.
type Polling interface {
	Polled() time.Time // when Telegram last answered a poll; zero for never
	Busy() time.Time   // since when the loop has been handling what came; zero where it is not
	// Conflict is the last time through which another program polled with the
	// same token; zero times for never.
	Conflict() (first, last time.Time)
}

// PollStalled finds that Telegram has not answered a poll for long: because it does
// not, or because what came last cannot be saved, and nothing is asked for
// until that is done.
func PollStalled(started time.Time, after time.Duration, polling Polling, s Settings) Source {
	return func(context.Context) ([]alert.Finding, []alert.Cause) {
		last := polling.Polled()
		if last.IsZero() {
			last = started
		}
		age := time.Since(last)
		if age <= after {
			return nil, nil
		}
		detail := "Telegram has not answered for " + agenda.InWords(age) + "."
		if busy := polling.Busy(); !busy.IsZero() {
			detail = "I have been trying to save a command since " + busy.In(s.Values().Zone).Format("15:04:05") + "; I fetch no more until that works."
		}
		return []alert.Finding{{Cause: alert.PollStalled, Detail: detail}}, nil
	}
}

// TokenConflict finds that another program polls with our token.
func TokenConflict(after time.Duration, polling Polling) Source {
	return func(context.Context) ([]alert.Finding, []alert.Cause) {
		first, last := polling.Conflict()
		if last.Sub(first) < after || time.Since(last) > after {
			return nil, nil
		}
		return []alert.Finding{{Cause: alert.TokenConflict, Detail: "It has been doing so for " + agenda.InWords(last.Sub(first)) + "."}}, nil
	}
}

// Failing finds that the palace did not take the last change.
func Failing(truth interface{ Failing() error }, refused *Refused) Source {
	return func(context.Context) (found []alert.Finding, unsure []alert.Cause) {
		switch err := truth.Failing(); {
		case err == nil:
		case errors.Is(err, palace.ErrDamaged), errors.Is(err, palace.ErrIdentity):
			found = append(found, alert.Finding{Cause: alert.PalaceDamaged, Detail: Sentence(err)})
		default:
			found = append(found, refused.unwritten(err))
		}
		return found, nil
	}
}

// OutboxStuck finds that messages wait for long.
func OutboxStuck(truth Store, after time.Duration, clock *clock.Clock, log *slog.Logger) Source {
	return func(ctx context.Context) ([]alert.Finding, []alert.Cause) {
		d, err := truth.Depth(ctx)
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
		return []alert.Finding{{Cause: alert.OutboxStuck, Detail: fmt.Sprintf("%s, the oldest for %s.", message.Count(d.Messages, "is waiting", "are waiting"), agenda.InWords(age))}}, nil
	}
}
