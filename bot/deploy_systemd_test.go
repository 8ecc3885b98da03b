package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// systemdAnalyze runs that program, or skips the test where there is none.
func systemdAnalyze(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if strings.Contains(string(out), "unrecognized option") {
		t.Skip("systemd-analyze is too old")
	}
	return string(out), err
}

// aUnit is the unit that is shipped, with a program and a manual that are here.
func aUnit(t *testing.T) (path string) {
	t.Helper()
	text, err := os.ReadFile("../deploy/goals-bot.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(string(text), "")
	unit = strings.Replace(unit, "ExecStart=/usr/bin/goals-bot\n", "ExecStart=/bin/sh\n", 1)
	path = filepath.Join(t.TempDir(), "goals-bot.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheUnitIsOneThatSystemdTakes(t *testing.T) {
	out, err := systemdAnalyze(t, "verify", "--man=no", aUnit(t))
	if err != nil || strings.Contains(out, "goals-bot") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTheUnitIsHardened(t *testing.T) {
	out, err := systemdAnalyze(t, "security", "--no-pager", "--offline=true", "--threshold=20", aUnit(t))
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
