//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"goalbot/goals"
	"goalbot/palace"
	"goalbot/postgrestest"
	"goalbot/store"
)

// longPalace makes a palace with n goals in a new data folder, and returns that.
func longPalace(t *testing.T, n int) string {
	t.Helper()
	root := t.TempDir()
	truth, err := palace.Open(t.Context(), filepath.Join(root, "sm", "palace.db"), palace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer truth.Close()
	err = truth.Update(t.Context(), store.Origin{Key: "add", Name: "import", At: time.Now()}, func(tx store.Tx) error {
		for i := range n {
			if _, err := tx.List().Add(goals.Draft{Description: fmt.Sprint("goal ", i)}, fmt.Sprintf("g-%08x", i+1), time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// onTerminal runs the real program with its standard error on a terminal, until it
// ends or until says so of what it has written there, and returns all of that.
func onTerminal(t *testing.T, environ []string, until func(string) bool, args ...string) string {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skip("there is no terminal: ", err)
	}
	defer screen.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	bot := exec.CommandContext(ctx, "bot", args...)
	bot.Env, bot.Stderr, bot.Dir = environ, tty, t.TempDir()
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	var all bytes.Buffer
	for b, told := make([]byte, 4096), false; ; {
		n, err := screen.Read(b)
		all.Write(b[:n])
		if err != nil { // EIO: the program has ended
			break
		}
		if until != nil && !told && until(all.String()) {
			told = true
			_ = bot.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := bot.Wait(); err != nil {
		t.Errorf("bot %s: %v\n%s", strings.Join(args, " "), err, &all)
	}
	return all.String()
}

// Broken on purpose: no bar on a terminal, one on a pipe, and no word of the
// palace's on how far it is.
func TestLongWorkIsShownOnATerminal(t *testing.T) {
	root := longPalace(t, 3000)
	environ := append(os.Environ(), "DATA_ROOT="+root, "TERM=xterm")
	reading := regexp.MustCompile(`Reading the database.*\(\d+/3000`)
	for _, args := range [][]string{{"restore"}, {"check"}, {"repair"}} {
		said := onTerminal(t, environ, nil, args...)
		if !reading.MatchString(said) {
			t.Errorf("bot %s shows nothing: %q", args[0], said)
		}
		var stderr bytes.Buffer
		bot := exec.CommandContext(t.Context(), "bot", args...)
		bot.Env, bot.Stdout, bot.Stderr, bot.Dir = environ, io.Discard, &stderr, t.TempDir()
		if err := bot.Run(); err != nil || stderr.Len() > 0 {
			t.Errorf("on a pipe bot %s says %q, %v", args[0], &stderr, err)
		}
	}
}

// A move copies every row to a server, and shows that on a terminal.
func TestAMoveIsShownOnATerminal(t *testing.T) {
	server := postgrestest.Shared(t)
	root := longPalace(t, 3000)
	environ := append(os.Environ(), "DATA_ROOT="+root, "TERM=xterm")
	said := onTerminal(t, environ, nil, "move", "--to", server.URL(t))
	if !regexp.MustCompile(`Copying the database.*\(\d+/\d{4,}`).MatchString(said) {
		t.Errorf("it shows nothing: %q", said)
	}
}

// The first start takes in a file, and shows that on a terminal.
func TestTheFirstStartIsShownOnATerminal(t *testing.T) {
	_, web := formServer(t)
	root := longPalace(t, 3000)
	environ := append(os.Environ(), formEnv(web, root)...)
	onTerminal(t, environ, nil, "restore")
	if err := errors.Join(os.Remove(filepath.Join(root, "sm", "palace.db")), os.Remove(filepath.Join(root, "sm", "palace.id"))); err != nil {
		t.Log(err)
	}
	said := onTerminal(t, environ, func(said string) bool { return strings.Contains(said, "/3000") && strings.Contains(said, "level=INFO") }, "run")
	if !regexp.MustCompile(`Saving.*\(\d+/3000`).MatchString(said) {
		t.Errorf("it shows nothing: %q", said)
	}
}
