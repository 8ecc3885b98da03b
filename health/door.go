package health

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// door leads to a place that may not answer, such as a disk that hangs: no
// deadline interrupts what waits for that. One at a time goes through.
type door chan struct{}

func newDoor() door { return make(door, 1) }

// errNoAnswer reports that somebody has gone through a door and not come back
// in time. What they do there may be done all the same, later.
var errNoAnswer = fmt.Errorf("there is no answer: %w", os.ErrDeadlineExceeded)

// returnTime is how long after the end of its context a function may take to
// heed that.
const returnTime = time.Second

// through runs f behind a door and waits for it, but not for longer than most. A
// panic of f is an error: here it would end the program.
func through[T any](ctx context.Context, d door, most time.Duration, f func(context.Context) (T, error)) (result T, err error) {
	type outcome struct {
		result T
		err    error
	}
	select {
	case d <- struct{}{}:
	default:
		return result, errNoAnswer // who went before is still there
	}
	back := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				o.err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
			<-d
			back <- o
		}()
		o.result, o.err = f(ctx)
	}()
	wait := time.NewTimer(most)
	defer wait.Stop()
	select {
	case o := <-back:
		return o.result, o.err
	case <-ctx.Done():
		wait.Reset(returnTime)
	case <-wait.C:
		return result, errNoAnswer
	}
	select {
	case o := <-back:
		return o.result, o.err
	case <-wait.C:
		return result, errNoAnswer
	}
}
