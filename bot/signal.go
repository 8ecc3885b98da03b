package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// This file ends the program at a signal.

// stopWithin is how long after a signal the program ends at the latest.
// Whatever has not been finished by then comes again or waits in the outbox.
const stopWithin = 4800 * time.Millisecond

// signaled is why a context has ended: somebody has told the program to end.
type signaled struct{ by os.Signal }

func (t signaled) Error() string { return "ended by a signal before it was done: " + t.by.String() }

// Is makes it a [context.Canceled].
func (t signaled) Is(target error) bool { return target == context.Canceled }

// code is what a command exits with that was not done: 128 and the number of the
// signal, as a shell says of a program that a signal has ended.
func (t signaled) code() int {
	if s, ok := t.by.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return exitFailed
}

// serves reports whether a command goes on until it is told to end, which is
// then no failure.
func serves(command string) bool { return command == "run" || command == "demo" }

// untilSignal returns a context that ends with SIGINT or SIGTERM. A second one
// ends the program at once; the first one does some time later, whatever hangs.
func untilSignal(command string) (ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		select {
		case <-ctx.Done():
		case s := <-signals:
			signal.Stop(signals)
			cancel(signaled{s})
			time.AfterFunc(stopWithin, func() {
				if serves(command) {
					os.Exit(exitOK)
				}
				os.Exit(signaled{s}.code())
			})
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
