// Command bot keeps a person's goals: one chats with it on Telegram, and it
// keeps goals.json whole. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"goalbot/goals"
)

// What the program ends with.
const (
	exitOK      = 0
	exitFailed  = 1 // and for check: goals.json is not sound
	exitMisused = 2 // wrong use or settings
)

func main() { os.Exit(execute(standard())) }

// execute runs the program until it ends or is told to, and returns the exit code.
func execute(l limits) int {
	signal.Ignore(syscall.SIGPIPE) // who reads the log may end; the bot goes on without
	ctx, stop := untilTold(commandOf(os.Args[1:]))
	defer stop()
	return run(ctx, l, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

const usage = `bot keeps your goals: chat with it on Telegram.

  bot            run it (needs TELEGRAM_BOT_TOKEN)
  bot demo       try it in a browser, without Telegram and without a token
  bot check      check goals.json and the palace once; exit 0 sound, 1 not sound,
                 128 and the signal where one ended it (--json for machines)
  bot restore    write goals.json anew from the palace; one that does not load is kept
  bot restore --backup FILE
                 put a backup in the palace's place first; what stood there is kept
  bot repair     put damaged goals of the palace right, from goals.json, its history or a backup
  bot version    say which version this is
  bot help       say this

Settings come from the environment or from .env; .env.example lists them all.
`

func commandOf(args []string) string {
	if len(args) == 0 {
		return "run"
	}
	return args[0]
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, l limits, args, environ []string, stdout, stderr io.Writer) int {
	stdout, stderr = plain{stdout}, plain{stderr} // much of it was written by others
	command := commandOf(args)
	if len(args) > 0 {
		args = args[1:]
	}
	asJSON := false
	if command == "check" && len(args) == 1 && args[0] == "--json" {
		asJSON, args = true, nil
	}
	backup := ""
	if command == "restore" && len(args) == 2 && args[0] == "--backup" && args[1] != "" {
		backup, args = args[1], nil
	}
	commands := map[string]func(context.Context, Config) error{
		"run":     func(ctx context.Context, c Config) error { return runBot(ctx, c, l, stdout, stderr) },
		"demo":    func(ctx context.Context, c Config) error { return runDemo(ctx, c, l, stdout, stderr) },
		"check":   func(ctx context.Context, c Config) error { return runCheck(ctx, c, l, asJSON, stdout) },
		"restore": func(ctx context.Context, c Config) error { return runRestore(ctx, c, backup, stdout) },
		"repair":  func(ctx context.Context, c Config) error { return runRepair(ctx, c, stdout) },
	}
	do, known := commands[command]
	switch {
	case command == "help" || command == "-h" || command == "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	case command == "version" || command == "--version":
		fmt.Fprintln(stdout, "bot", version())
		return exitOK
	case !known || len(args) > 0:
		fmt.Fprintf(stderr, "This is not how bot is used.\n\n%s", usage)
		return exitMisused
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
	err = do(ctx, config)
	end, ended := errors.AsType[told](context.Cause(ctx))
	switch {
	case errors.Is(err, errNotSound): // has been said
		return exitFailed
	case errors.Is(err, context.Canceled) && serves(command):
		return exitOK // told to stop before it had begun
	case err != nil && ended && !serves(command):
		fmt.Fprintln(stderr, "bot:", end)
		return end.code()
	case err != nil:
		if errors.Is(err, goals.ErrFull) || errors.Is(err, syscall.ENOSPC) {
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
