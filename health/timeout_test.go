package health

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A disk that hangs must not collect a goroutine per try, and must not keep
// anybody waiting, whether the time is over or the context. Broken on purpose:
// a semaphore that is waited for, one that is released at the timeout, and no
// look at the context.
func TestWithTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk hang
		one := newSemaphore()
		var began atomic.Int32
		call := func(ctx context.Context, s semaphore) (took time.Duration, err error) {
			from := time.Now()
			got, err := withTimeout(ctx, s, time.Minute, func(context.Context) (string, error) {
				began.Add(1)
				disk.wait()
				return "read", nil
			})
			if err == nil && got != "read" {
				t.Errorf("returned %q", got)
			}
			return time.Since(from), err
		}
		expect := func(what string, ctx context.Context, s semaphore, want error, took time.Duration, calls int32) {
			t.Helper()
			began.Store(0)
			if d, err := call(ctx, s); !errors.Is(err, want) || d != took || began.Load() != calls {
				t.Errorf("%s: %v after %v, and f was called %d times; want %v after %v, and %d", what, err, d, began.Load(), want, took, calls)
			}
		}
		ctx, end := context.WithCancel(t.Context())
		expect("it works", ctx, one, nil, 0, 1)
		disk.begin()
		expect("it hangs", ctx, one, errNoAnswer, time.Minute, 1)
		expect("it still does", ctx, one, errNoAnswer, 0, 0)
		expect("without a semaphore", ctx, nil, errNoAnswer, time.Minute, 1)
		end()
		expect("the program ends", ctx, nil, errNoAnswer, returnTime, 1)
		disk.end()
		synctest.Wait()
		expect("it works again", t.Context(), one, nil, 0, 1)
	})
}
