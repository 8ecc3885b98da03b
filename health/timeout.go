package health

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// semaphore lets one in at a time.
type semaphore chan struct{}

func newSemaphore() semaphore { return make(semaphore, 1) }

func (s semaphore) acquire(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s semaphore) release() { <-s }

// errNoAnswer reports a call of [withTimeout] that did not return in time, or that was
// not made because an earlier one has not returned. A call that timed out may still
// take effect later.
var errNoAnswer = fmt.Errorf("there is no answer: %w", os.ErrDeadlineExceeded)

// returnTime is how long f of [withTimeout] may take to return after its context has
// ended.
const returnTime = time.Second

// withTimeout runs f, which may block forever on a hung disk, and returns errNoAnswer
// after most. Calls that share a semaphore run one at a time: if an earlier f has not
// returned, withTimeout fails at once. A nil semaphore allows any number. A panic in f
// is returned as an error.
func withTimeout[T any](ctx context.Context, one semaphore, most time.Duration, f func(context.Context) (T, error)) (result T, err error) {
	if one != nil {
		select {
		case one <- struct{}{}:
		default:
			return result, errNoAnswer
		}
	}
	type outcome struct {
		result T
		err    error
	}
	returned := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				o.err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
			if one != nil {
				one.release()
			}
			returned <- o
		}()
		o.result, o.err = f(ctx)
	}()
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	ended := ctx.Done()
	for {
		select {
		case o := <-returned:
			return o.result, o.err
		case <-ended:
			ended = nil
			timeout.Reset(returnTime)
		case <-timeout.C:
			return result, errNoAnswer
		}
	}
}
