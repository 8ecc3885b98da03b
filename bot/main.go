// Command bot keeps a person's goals: one chats with it on Telegram, and it
// keeps goals.json whole. See README.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"goalbot/bot/config"
	"goalbot/health"
	"goalbot/palace"
	"goalbot/store"
)

// What the program ends with.
const (
	exitOK      = 0
	exitFailed  = 1 // and for check: goals.json is not OK
	exitMisused = 2 // wrong use or settings
)

func main() { os.Exit(execute(health.DefaultLimits())) }

// execute runs the program until it ends or is told to, and returns the exit code.
func execute(l health.Limits) int {
	limitHeap()
	signal.Ignore(syscall.SIGPIPE) // who reads the log may end; the bot goes on without
	command, _ := commandOf(os.Args[1:])
	ctx, stop := untilSignal(command)
	defer stop()
	return run(ctx, l, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, l health.Limits, args, environ []string, stdout, stderr io.Writer) int {
	ctx, hide := watchProgress(ctx, stderr)
	defer hide()
	stdout, stderr = plain{stdout}, plain{stderr} // much of it was written by others
	command, args := commandOf(args)
	row, known := findSubcommand(command)
	if !known {
		fmt.Fprintf(stderr, "Unknown command%s\n\n%s", repeated(command), usage())
		return exitMisused
	}
	options, err := row.parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, row.help())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n\n%s", row.line(), err, row.help())
		return exitMisused
	case command == "version":
		fmt.Fprintln(stdout, "bot", version())
		return exitOK
	}
	c, err := config.Load(environ, ".env")
	if command == "run" {
		err = errors.Join(err, c.NeedToken())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitMisused
	}
	for _, w := range c.Warnings {
		fmt.Fprintln(stderr, "warning:", w)
	}
	err = row.do(ctx, program{options, c, l, supervisorOf(environ), stdout, stderr})
	hide()
	end, ended := errors.AsType[signaled](context.Cause(ctx))
	switch {
	case errors.Is(err, errNotOK): // has been said
		return exitFailed
	case errors.Is(err, context.Canceled) && serves(command):
		return exitOK // told to stop before it had begun
	case err != nil && ended && !serves(command):
		fmt.Fprintln(stderr, "bot:", end)
		return end.code()
	case err != nil:
		if (errors.Is(err, store.ErrFull) || errors.Is(err, syscall.ENOSPC)) && !errors.Is(err, store.ErrServerFull) { // which says it
			err = fmt.Errorf("%w\nThe disk that holds %s is full. Make some room there, then try again", err, c.DataRoot)
		}
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, palace.ErrUnopened) {
			if cure := ownerCure(c); cure != "" {
				err = fmt.Errorf("%w\n%s", err, cure)
			}
		}
		fmt.Fprintln(stderr, "bot:", clipped(err.Error(), maskSecrets(nil, c, options.to).hide))
		return exitFailed
	}
	return exitOK
}

// release is the tag that a release was built from; the linker sets it.
var release string

// version is the release, or what the Go toolchain stamped into the program.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := cmp.Or(release, info.Main.Version)
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value
		}
	}
	return text + " " + info.GoVersion
}

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
