package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"goalbot/bot/config"
)

// TestManual holds the manual page and the completions that are shipped against the
// tables of subcommands and settings.
func TestManual(t *testing.T) {
	for path, want := range map[string]string{
		"../deploy/goals-bot.1":                manual(),
		"../deploy/completions/goals-bot.bash": bashCompletion(),
		"../deploy/completions/_goals-bot":     zshCompletion(),
		"../deploy/completions/goals-bot.fish": fishCompletion(),
	} {
		got, err := os.ReadFile(path)
		if err == nil && string(got) == want {
			continue
		}
		if !*update {
			t.Errorf("%s does not say what the code says; go test ./bot -run TestManual -update writes it anew", path)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// roff escapes text for a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", "").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// typed is a subcommand as it is typed, with its flags.
func typed(s subcommand) string {
	line := "goals-bot"
	if s.name != "run" {
		line += " " + s.name
	}
	s.flagSet(new(options)).VisitAll(func(f *flag.Flag) {
		value, _ := flag.UnquoteUsage(f)
		line += " [" + strings.TrimSpace("--"+f.Name+" "+value) + "]"
	})
	if s.file {
		line += " FILE"
	}
	return line
}

func manual() string {
	var b strings.Builder
	b.WriteString(`.\" Made by go test ./bot -run TestManual -update.
.TH GOALS\-BOT 1
.SH NAME
goals\-bot \- Telegram bot that keeps your goals
.SH SYNOPSIS
.B goals\-bot
[\fIcommand\fR] [\fIoptions\fR]
.SH DESCRIPTION
goals\-bot keeps a person's goals: one chats with it on Telegram, and it keeps
goals.json whole for other programs. Without a command it runs until it is told to
stop. Its messages call it
.BR bot .
.SH COMMANDS
`)
	for _, s := range subcommands() {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s.\n", roff(typed(s)), roff(strings.ToUpper(s.about[:1])+s.about[1:]))
	}
	b.WriteString(".SH ENVIRONMENT\nSettings come from the environment, or from a file .env in the working directory.\n")
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (.*) \\| (.*) \\|$").FindAllStringSubmatch(config.Table(), -1) {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s. Default: %s.\n", roff(row[1]), roff(strings.ReplaceAll(row[3], `\|`, "|")), roff(row[2]))
	}
	b.WriteString(`.SH FILES
.TP
.I /etc/goals\-bot/.env
Settings of the service.
.TP
.I /etc/goals\-bot/telegram\-bot\-token
The token of the service.
.TP
.I /var/lib/goals\-bot
Data of the service.
.SH EXIT STATUS
0 if all is well, 1 if not, 2 for wrong use or settings, 128 and the number of the
signal that ended a command before it was done.
.SH SEE ALSO
/usr/share/doc/goals\-bot
`)
	return b.String()
}

// words are the subcommands, and the flags of each.
func words() (names []string, flags map[string][]string) {
	flags = map[string][]string{}
	for _, s := range subcommands() {
		names = append(names, s.name)
		s.flagSet(new(options)).VisitAll(func(f *flag.Flag) { flags[s.name] = append(flags[s.name], "--"+f.Name) })
	}
	return names, flags
}

func bashCompletion() string {
	names, flags := words()
	var b strings.Builder
	b.WriteString("# Made by go test ./bot -run TestManual -update.\n_goals_bot() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  if [[ $COMP_CWORD -eq 1 ]]; then\n")
	fmt.Fprintf(&b, "    COMPREPLY=($(compgen -W '%s' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n", strings.Join(names, " "))
	for _, name := range names {
		if flags[name] != nil {
			fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n", name, strings.Join(flags[name], " "))
		}
	}
	fmt.Fprintf(&b, "    help) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n  esac\n}\ncomplete -o default -F _goals_bot goals-bot\n", strings.Join(names, " "))
	return b.String()
}

func zshCompletion() string {
	quoted := func(text string) string { return strings.NewReplacer("'", `'\''`, ":", `\:`).Replace(text) }
	var b strings.Builder
	b.WriteString("#compdef goals-bot\n# Made by go test ./bot -run TestManual -update.\nlocal -a commands=(\n")
	for _, s := range subcommands() {
		fmt.Fprintf(&b, "  '%s:%s'\n", s.name, quoted(s.about))
	}
	b.WriteString(")\nif (( CURRENT == 2 )); then\n  _describe command commands\n  return\nfi\ncase $words[2] in\n")
	names, flags := words()
	for _, name := range names {
		if flags[name] != nil {
			fmt.Fprintf(&b, "  %s) compadd -- %s; _files ;;\n", name, strings.Join(flags[name], " "))
		}
	}
	b.WriteString("  *) _files ;;\nesac\n")
	return b.String()
}

func fishCompletion() string {
	quoted := func(text string) string { return strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) }
	var b strings.Builder
	b.WriteString("# Made by go test ./bot -run TestManual -update.\n")
	for _, s := range subcommands() {
		fmt.Fprintf(&b, "complete -c goals-bot -n __fish_use_subcommand -f -a %s -d '%s'\n", s.name, quoted(s.about))
		s.flagSet(new(options)).VisitAll(func(f *flag.Flag) {
			value, usage := flag.UnquoteUsage(f)
			takes := ""
			if value != "" {
				takes = " -r"
			}
			fmt.Fprintf(&b, "complete -c goals-bot -n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'\n", s.name, f.Name, takes, quoted(usage))
		})
	}
	return b.String()
}

// The page is one that man shows, and bash completes.
func TestTheManualAndTheCompletionsCanBeUsed(t *testing.T) {
	if mandoc, err := exec.LookPath("mandoc"); err == nil {
		if out, err := exec.Command(mandoc, "-T", "lint", "-W", "error", "../deploy/goals-bot.1").CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not here")
	}
	complete := func(words ...string) string {
		script := `. ../deploy/completions/goals-bot.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _goals_bot; echo "${COMPREPLY[@]}"`
		out, err := exec.Command(bash, append([]string{"-c", script, "bash"}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got := complete("goals-bot", "re"); got != "restore repair" {
		t.Errorf("re is completed by %q", got)
	}
	if got := complete("goals-bot", "restore", "--"); got != "--backup" {
		t.Errorf("restore -- is completed by %q", got)
	}
}
