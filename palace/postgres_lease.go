package palace

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"goalbot/store"
)

// This file elects the leader among the bots on one server: who holds the lease. It is
// a row, which works wherever a transaction does. Only the server's clock counts.
//
// Whoever writes locks the row of meta first and looks then whether it still leads;
// whoever takes the lease locks that row as well. So all that one leader saved comes
// before all that the next one does.

const (
	leaseTime  = 6 * time.Second // how long a leader is not heard of until others may lead
	renewEvery = 2 * time.Second
	// leaseMargin is how much earlier a leader itself takes its lease for over.
	leaseMargin = time.Second
)

// lease is this process's claim to be the leader.
type lease struct {
	server *server
	holder string
	store  string                  // the name of the palace, once it is known
	copy   atomic.Pointer[ownCopy] // while it stands by; nil before it was looked at
	epoch  atomic.Int64            // 0 before it was taken
	asked  atomic.Pointer[moment]  // when the server was asked for what it has granted last
	failed atomic.Pointer[renewal] // the last one, if it failed; else nil
}

// renewal is one that failed.
type renewal struct {
	moment
	err error
}

// moment is a time by both clocks of this machine. The monotonic one may stand still
// while the machine sleeps, and the one on the wall may be set.
type moment struct{ monotonic, wall time.Time }

func momentNow() *moment {
	now := time.Now()
	return &moment{now, now.Round(0)}
}

// age is how long ago it was, by whichever clock says more.
func (m moment) age() time.Duration {
	now := momentNow()
	return max(now.monotonic.Sub(m.monotonic), now.wall.Sub(m.wall))
}

func newLease(s *server) *lease {
	host, _ := os.Hostname()
	return &lease{server: s, holder: fmt.Sprintf("%s, process %d (%s)", host, os.Getpid(), rand.Text()[:6])}
}

// LedError says who leads. It is [ErrLed], and a [store.ErrUnreachable]: it may end.
type LedError struct{ Leader }

func (e *LedError) Error() string {
	if e.Holder == "" {
		return ErrLed.Error()
	}
	return fmt.Sprintf("%v: %s, since %s", ErrLed, e.Holder, e.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Is makes it both.
func (e *LedError) Is(target error) bool { return target == ErrLed || target == store.ErrUnreachable }

// check is a statement that yields a row if this process leads, by what is committed.
func (l *lease) check() statement {
	return statement{"SELECT 1 FROM lease WHERE epoch = $1 AND holder = $2", []any{l.epoch.Load(), escape(l.holder)}}
}

// lost is the error of whoever does not lead any more.
func (l *lease) lost() error {
	l.asked.Store(nil)
	l.failed.Store(nil)
	return &LedError{}
}

// cutOff reports whether the server was found not to answer just now.
func (l *lease) cutOff() bool {
	failed := l.failed.Load()
	return failed != nil && failed.age() < leaseTime
}

// failing returns why the lease could not be renewed for as long as it lasts. It
// returns nil where it was, or where nobody tries to.
func (l *lease) failing() error {
	asked, failed := l.asked.Load(), l.failed.Load()
	if asked == nil || failed == nil || asked.age() < leaseTime {
		return nil
	}
	err := explain(failed.err)
	_, answered := errors.AsType[*stateError](err)
	if lost, ok := errors.AsType[*unreachable](err); answered || ok && lost.at != "" && !pgconn.Timeout(lost.err) { // it says what to do
		return err
	}
	return &tooSlow{addressesOf(l.server.config)}
}

// leads reports whether the lease that was granted last cannot have run out.
func (l *lease) leads() bool {
	asked := l.asked.Load()
	return asked != nil && asked.age() < leaseTime-leaseMargin
}

// granted is what stands in the row of the lease.
type granted struct {
	Leader
	until string        // as the server writes it
	left  time.Duration // until then
}

func readLease(ctx context.Context, q querier) (g granted, err error) {
	var since, left float64
	err = q.QueryRowContext(ctx, `
		SELECT holder, epoch, CASE WHEN isfinite(since) THEN extract(epoch FROM since) ELSE 0 END::float8,
			until::text, CASE WHEN isfinite(until) THEN extract(epoch FROM until - clock_timestamp()) ELSE 0 END::float8
		FROM lease`).Scan(&g.Holder, &g.Epoch, &since, &g.until, &left)
	if err != nil {
		return g, fmt.Errorf("read lease: %w", err)
	}
	g.Since, g.left = time.UnixMilli(int64(since*1000)), time.Duration(left*float64(time.Second))
	return g, nil
}

// free waits until nobody leads. Whoever renews the lease does: that is told standBy
// or, where it is nil, an error. A leader that was killed is waited for.
func (l *lease) free(ctx context.Context, q querier, standBy func(Leader)) error {
	first, err := readLease(ctx, q)
	for now := first; ; now, err = readLease(ctx, q) {
		again := renewEvery / 4
		switch {
		case err != nil && (standBy == nil || !errors.Is(explain(err), store.ErrUnreachable)):
			return err
		case err != nil: // nobody can lead meanwhile
		case now.left <= 0:
			return nil
		case now.until != first.until && standBy == nil:
			return &LedError{now.Leader}
		case now.until != first.until:
			standBy(now.Leader)
			first = now
			_ = l.beSeen(ctx, q) // a leader that is lost is noticed above
		default:
			again = min(again, now.left)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(again):
		}
	}
}

// take makes this process the leader as soon as nobody is; see free.
func (l *lease) take(ctx context.Context, standBy func(Leader)) error {
	db := dial(l.server.config, lockMeta, nil, 1)
	defer db.Close()
	for {
		if err := l.free(ctx, db, standBy); err != nil {
			return err
		}
		if err := l.takeFree(ctx, db); standBy == nil || !errors.Is(err, ErrLed) { // else another one was faster
			return err
		}
	}
}

func (l *lease) takeFree(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	asked := momentNow()
	var epoch int64
	err = tx.QueryRowContext(ctx, `
		UPDATE lease SET epoch = epoch + 1, holder = $1, since = clock_timestamp(), until = clock_timestamp() + make_interval(secs => $2)
		WHERE until < clock_timestamp() RETURNING epoch`, l.holder, leaseTime.Seconds()).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		now, err := readLease(ctx, tx)
		return cmp.Or(err, error(&LedError{now.Leader}))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("take lease: %w", err)
	}
	l.epoch.Store(epoch)
	l.asked.Store(asked)
	return nil
}

// keep is [Palace.KeepLease]. handed receives when something was handed over, and
// whenever something waits that was.
func (l *lease) keep(ctx context.Context, handed chan struct{}) error {
	db := dial(l.server.config, lockMeta, nil, 1) // its own: what is being written must not hold it up
	defer db.Close()
	var listening sync.WaitGroup
	defer listening.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listening.Go(func() { l.server.listen(ctx, handedChannel(l.store), handed) })
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		switch err := l.renew(ctx, db); {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrLed):
			return err
		case err == nil:
			l.lookForHanded(ctx, db, handed)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (l *lease) renew(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	asked := momentNow()
	// A lease that was given up stays given up: this statement may reach the server late.
	result, err := db.ExecContext(ctx, "UPDATE lease SET until = clock_timestamp() + make_interval(secs => $3) WHERE epoch = $1 AND holder = $2 AND until > '-infinity'",
		l.epoch.Load(), l.holder, leaseTime.Seconds())
	if err != nil {
		l.failed.Store(&renewal{*momentNow(), err})
		return err
	}
	l.failed.Store(nil)
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(l.lost(), err)
	}
	l.asked.Store(asked)
	return nil
}

// lookForHanded finds what waits where nothing tells of it.
func (l *lease) lookForHanded(ctx context.Context, q querier, handed chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	var waits bool
	_ = q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM records WHERE kind = $1)", string(store.HandedRecord)).Scan(&waits)
	if waits {
		wake(handed)
	}
}

// resign lets others lead at once. Without it they do when the lease has run out.
func (l *lease) resign() {
	if l.epoch.Load() == 0 {
		return
	}
	l.asked.Store(nil)
	ctx, cancel := context.WithTimeout(context.Background(), renewEvery)
	defer cancel()
	db := dial(l.server.config, lockMeta, nil, 1)
	defer db.Close()
	_, _ = db.ExecContext(ctx, "UPDATE lease SET until = '-infinity' WHERE epoch = $1 AND holder = $2", l.epoch.Load(), l.holder)
}
