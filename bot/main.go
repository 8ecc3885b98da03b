// Command bot keeps a person's goals: one chats with it on Telegram, and it
// keeps goals.json whole. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"goalbot/health"
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
	signal.Ignore(syscall.SIGPIPE) // who reads the log may end; the bot goes on without
	command, _ := commandOf(os.Args[1:])
	ctx, stop := untilSignal(command)
	defer stop()
	return run(ctx, l, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, l health.Limits, args, environ []string, stdout, stderr io.Writer) int {
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
	config, err := LoadConfig(environ, ".env")
	if command == "run" {
		err = errors.Join(err, config.NeedToken())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitMisused
	}
	for _, w := range config.Warnings {
		fmt.Fprintln(stderr, "warning:", w)
	}
	err = row.do(ctx, program{options, config, l, stdout, stderr})
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
		if errors.Is(err, store.ErrFull) || errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w\nThe disk that holds %s is full. Make some room there, then try again", err, config.DataRoot)
		}
		fmt.Fprintln(stderr, "bot:", clipped(err.Error(), maskSecrets(nil, config).hide))
		return exitFailed
	}
	return exitOK
}

// version is what the Go toolchain stamped into the program.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value
		}
	}
	return text + " " + info.GoVersion
}
