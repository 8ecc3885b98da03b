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

// errNoAnswer reports a call of [withTimeout] that did not return in time. What
// it does may be done all the same, later.
var errNoAnswer = fmt.Errorf("there is no answer: %w", os.ErrDeadlineExceeded)

// returnTime is how long f of [withTimeout] may take to return when its context
// has ended.
const returnTime = time.Second

// withTimeout runs f, which may hang in a way that no context ends, as a read from
// a dead disk does, and waits at most that long for it. Where f of an earlier call
// with the same semaphore has not returned, it fails at once; a nil semaphore
// allows any number. A panic of f is an error.
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
