package main

import (
	"bytes"
	"strings"
	"testing"

	"goalbot/health"
)

// --backup=FILE, -h and a command's --help were not understood.
func TestArguments(t *testing.T) {
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string // each begins with this
	}{
		{"help", exitOK, "bot keeps your goals", ""},
		{"--help", exitOK, "bot keeps your goals", ""},
		{"-h", exitOK, "bot keeps your goals", ""},
		{"help --help", exitOK, "bot keeps your goals", ""},
		{"run -h", exitOK, "Usage: bot [--profile]\n\n", ""},
		{"demo --help", exitOK, "Usage: bot demo\n\n", ""},
		{"check -h", exitOK, "Usage: bot check [--json]\n\n", ""},
		{"restore --help", exitOK, "Usage: bot restore [--backup FILE]\n\n", ""},
		{"restore --backup x --help", exitOK, "Usage: bot restore", ""},
		{"help restore", exitOK, "Usage: bot restore [--backup FILE]\n\n", ""},
		{"repair -help", exitOK, "Usage: bot repair\n\n", ""},
		{"version --help", exitOK, "Usage: bot version\n\n", ""},
		{"version", exitOK, "bot ", ""},
		{"--version", exitOK, "bot ", ""},

		{"frobnicate", exitMisused, "", "Unknown command: frobnicate\n\nbot keeps"},
		{"help frobnicate", exitMisused, "", "Unknown command: frobnicate\n\nbot keeps"},
		{aToken, exitMisused, "", "Unknown command\n\nbot keeps"},
		{"--json", exitMisused, "", "bot: flag provided but not defined: -json\n\nUsage: bot [--profile]\n"},
		{"run now", exitMisused, "", "bot: unexpected argument: now\n\nUsage: bot [--profile]\n"},
		{"check --yaml", exitMisused, "", "bot check: flag provided but not defined: -yaml\n\nUsage: bot check"},
		{"check --json=perhaps", exitMisused, "", "bot check: invalid boolean value"},
		{"restore palace.db", exitMisused, "", "bot restore: unexpected argument\n\nUsage: bot restore"},
		{"restore --backup", exitMisused, "", "bot restore: flag needs an argument: -backup\n\nUsage"},
		{"restore --backup=", exitMisused, "", `bot restore: invalid value "" for flag -backup: give the path of a backup`},
		{"version 2", exitMisused, "", "bot version: unexpected argument\n\nUsage: bot version"},

		{"restore --backup=no/such", exitFailed, "", "bot: "},
		{"restore -backup no/such", exitFailed, "", "bot: "},
		{"check --json", exitOK, "{", ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), health.DefaultLimits(), strings.Fields(c.args), []string{"DATA_ROOT=" + t.TempDir()}, &stdout, &stderr)
		begins := func(got, want string) bool { return strings.HasPrefix(got, want) && (want != "") == (got != "") }
		if code != c.code || !begins(stdout.String(), c.stdout) || !begins(stderr.String(), c.stderr) {
			t.Errorf("bot %s: exit code %d\n%s%s", c.args, code, stdout.String(), stderr.String())
		}
	}
}
