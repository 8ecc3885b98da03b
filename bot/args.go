package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"goalbot/bot/config"
	"goalbot/health"
)

// This file reads the command line: a subcommand, and its flags.

// subcommand is a row of the table of subcommands. Its help, and that of the
// program, is made from it.
type subcommand struct {
	name  string
	about string
	flags func(*flag.FlagSet, *options) // nil without any
	file  bool                          // whether it takes the name of a file
	do    func(context.Context, program) error
}

// options are the values of all flags.
type options struct {
	json    bool
	profile bool
	backup  string
	to      string // may hold a password
	toFile  string // the path of a file that holds to
	file    string
}

// program is what a subcommand is run with.
type program struct {
	options
	config.Config
	limits         health.Limits
	supervisor     *supervisor
	stdout, stderr io.Writer
}

// subcommands lists them in the order of the help. Without a name it is the
// first.
func subcommands() []subcommand {
	return []subcommand{
		{name: "run", about: "run it; needs TELEGRAM_BOT_TOKEN", do: func(ctx context.Context, p program) error {
			return runBot(ctx, p.Config, p.limits, time.Now, p.supervisor, p.profile, p.stdout, p.stderr)
		}, flags: func(f *flag.FlagSet, o *options) {
			f.BoolVar(&o.profile, "profile", false, "write profiles of the first 30 seconds into the data folder, for go tool pprof")
		}},
		{name: "demo", about: "try it in a browser, without Telegram and without a token", do: func(ctx context.Context, p program) error {
			return runDemo(ctx, p.Config, p.limits, p.stdout, p.stderr)
		}},
		{name: "check", about: "check goals.json and the bot's database once; exits with 0 if OK, 1 if not, 128 plus the signal if killed", do: func(ctx context.Context, p program) error {
			return runCheck(ctx, p.Config, p.limits, p.json, p.stdout)
		}, flags: func(f *flag.FlagSet, o *options) {
			f.BoolVar(&o.json, "json", false, "print the result as JSON, for machines")
		}},
		{name: "backup", about: "write a copy of the bot's database to a file, also while the bot runs", do: func(ctx context.Context, p program) error {
			return runBackup(ctx, p.Config, p.file, p.stdout)
		}, file: true},
		{name: "restore", about: "rebuild goals.json from the bot's database; a damaged file is kept", do: func(ctx context.Context, p program) error {
			return runRestore(ctx, p.Config, p.backup, p.stdout)
		}, flags: func(f *flag.FlagSet, o *options) {
			f.Func("backup", "replace the database with the backup `FILE` first; the old one is kept", func(value string) error {
				if o.backup = value; value == "" {
					return errors.New("give the path of a backup")
				}
				return nil
			})
		}},
		{name: "repair", about: "repair damaged goals in the bot's database from goals.json, its history or a backup", do: func(ctx context.Context, p program) error {
			return runRepair(ctx, p.Config, p.stdout)
		}},
		{name: "move", about: "move the bot's database into a PostgreSQL database, or back into the SQLite file; the old one is put aside", do: func(ctx context.Context, p program) error {
			to, err := moveTarget(p.options, p.stderr)
			if err != nil {
				return err
			}
			return runMove(ctx, p.Config, to, p.stdout)
		}, flags: func(f *flag.FlagSet, o *options) {
			f.StringVar(&o.to, "to", "", "the `URL` of an empty PostgreSQL database, or the word sqlite for the file in DATA_ROOT")
			f.StringVar(&o.toFile, "to-file", "", "a `FILE` that holds that URL, which may have a password in it")
		}},
		{name: "version", about: "show the version"},
		{name: "help", about: "show this, or help for one command: bot help restore"},
	}
}

func findSubcommand(name string) (subcommand, bool) {
	for _, s := range subcommands() {
		if s.name == name {
			return s, true
		}
	}
	return subcommand{}, false
}

// commandOf is the subcommand that the arguments name, and what follows it.
func commandOf(args []string) (name string, rest []string) {
	switch {
	case len(args) == 0:
		return "run", nil
	case len(args) == 2 && args[0] == "help" && !strings.HasPrefix(args[1], "-"):
		return args[1], []string{"--help"}
	case args[0] == "-h" || args[0] == "-help" || args[0] == "--help":
		return "help", args[1:]
	case args[0] == "-version" || args[0] == "--version":
		return "version", args[1:]
	case strings.HasPrefix(args[0], "-"):
		return "run", args
	}
	return args[0], args[1:]
}

// line is how it is typed.
func (s subcommand) line() string {
	if s.name == "run" {
		return "bot"
	}
	return "bot " + s.name
}

// parse reads the flags of a subcommand. The error is [flag.ErrHelp] where its
// help is asked for, and is otherwise for people.
func (s subcommand) parse(args []string) (o options, err error) {
	f := s.flagSet(&o)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if s.file {
		if o.file = f.Arg(0); o.file == "" {
			return o, errors.New("give the name of a file")
		}
		_ = f.Parse(f.Args()[1:])
	}
	switch {
	case f.NArg() > 0:
		return o, errors.New("unexpected argument" + repeated(f.Arg(0)))
	case s.name == "help":
		return o, flag.ErrHelp
	}
	return o, nil
}

// repeated says again what was typed, where it is a plain word and no secret
// that was put in the wrong place.
func repeated(word string) string {
	if !plainWord.MatchString(word) {
		return ""
	}
	return ": " + word
}

var plainWord = regexp.MustCompile(`^[a-z-]{1,20}$`)

func (s subcommand) flagSet(o *options) *flag.FlagSet {
	f := flag.NewFlagSet(s.name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // what is wrong is said once, by run
	if s.flags != nil {
		s.flags(f, o)
	}
	return f
}

// help says what a subcommand does, and which flags it has. That of "help" is
// the one of the whole program.
func (s subcommand) help() string {
	if s.name == "help" {
		return usage()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s", s.line())
	f := s.flagSet(new(options))
	f.VisitAll(func(f *flag.Flag) {
		value, _ := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, " [%s]", strings.TrimSpace("--"+f.Name+" "+value))
	})
	if s.file {
		b.WriteString(" FILE")
	}
	fmt.Fprintf(&b, "\n\n%s.\n", strings.ToUpper(s.about[:1])+s.about[1:])
	f.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "\n  %s\n        %s\n", strings.TrimSpace("--"+f.Name+" "+value), usage)
	})
	return b.String()
}

// usage is the help of the whole program.
func usage() string {
	var b strings.Builder
	b.WriteString("bot keeps your goals: chat with it on Telegram.\n\n")
	for _, s := range subcommands() {
		line := s.line()
		if s.file {
			line += " FILE"
		}
		fmt.Fprintf(&b, "  %-16s%s\n", line, s.about)
		f := s.flagSet(new(options))
		f.VisitAll(func(f *flag.Flag) {
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, "    %s\n                  %s\n", strings.TrimSpace("--"+f.Name+" "+value), usage)
		})
	}
	b.WriteString("\nbot <command> --help shows more. Settings come from the environment or from .env; .env.example lists them all.\n")
	return b.String()
}
