package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/health"
)

// breaks does to a data folder what a section of docs/runbooks.md is about. Where
// there is none its commands are run on a sound one.
var breaks = map[string]func(sm string) error{
	"malformed": func(sm string) error { return os.WriteFile(filepath.Join(sm, "goals.json"), []byte("[{"), 0o600) },
	"unreadable": func(sm string) error {
		return aside(sm, func(path string) error { return os.Mkdir(path, 0o700) })
	},
	"too-large": func(sm string) error { return os.Truncate(filepath.Join(sm, "goals.json"), 200<<20) },
	"missing":   func(sm string) error { return aside(sm, func(string) error { return nil }) },
	"differs": func(sm string) error {
		path := filepath.Join(sm, "goals.json")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "mother", "father")), 0o600)
	},
	"duplicate-ids": func(sm string) error {
		path := filepath.Join(sm, "goals.json")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		goal := strings.Trim(strings.TrimSpace(string(text)), "[]")
		return os.WriteFile(path, []byte("["+goal+","+goal+"]"), 0o600)
	},
	"leftovers": func(sm string) error {
		path := filepath.Join(sm, ".goals.json.tmp.12.0123456789abcdef")
		long := time.Now().Add(-time.Hour)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		return os.Chtimes(path, long, long)
	},
	"quarantine": func(sm string) (err error) {
		for n := range 25 {
			if err == nil {
				err = os.WriteFile(filepath.Join(sm, fmt.Sprintf("goals.json.corrupt-202601%02dT120000.000Z", n+1)), []byte("["), 0o600)
			}
		}
		return err
	},
	"palace-damaged": func(sm string) error {
		return alterDatabase(filepath.Join(sm, "palace.db"), "UPDATE goals SET body = replace(body, 'mother', 'moth r')")
	},
}

func aside(sm string, then func(path string) error) error {
	path := filepath.Join(sm, "goals.json")
	if err := os.Rename(path, filepath.Join(filepath.Dir(sm), "was.json")); err != nil {
		return err
	}
	return then(path)
}

// TestRunbooks runs every command of docs/runbooks.md on a data folder that is
// broken like its section says. After it all is OK, and the goals are there.
func TestRunbooks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of a Unix shell")
	}
	page, err := os.ReadFile("../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		title, text, _ := strings.Cut(section, "\n")
		blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
		if blocks == nil {
			continue
		}
		done++
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			for _, program := range []string{"curl", "litestream"} {
				if _, err := exec.LookPath(program); err != nil && strings.Contains(text, "\n"+program+" ") {
					t.Skip(program, " is not here")
				}
			}
			root, web := aFolder(t)
			env := append(os.Environ(), formEnv(web, root)...)
			env = append(env, "DATA="+root, "AWAY="+t.TempDir(), "TMPDIR="+t.TempDir())
			sh := func(script string) (string, error) {
				c := exec.Command("sh", "-c", script)
				c.Dir, c.Env = t.TempDir(), env
				out, err := c.CombinedOutput()
				return string(out), err
			}
			if f := breaks[title]; f != nil {
				if err := f(filepath.Join(root, "sm")); err != nil {
					t.Fatal(err)
				}
				if out, err := sh("bot check"); err == nil && !strings.Contains(out, "warning:") {
					t.Fatalf("nothing is wrong before:\n%s", out)
				}
			}
			for _, b := range blocks {
				// A check that finds something exits with 1; nothing else may.
				script := "set -e\n" + regexp.MustCompile(`(?m)^(.*bot check)$`).ReplaceAllString(b[1], "$1 || [ $$? -eq 1 ]")
				if out, err := sh(script); err != nil {
					t.Errorf("%v:\n%s\n%s", err, script, out)
				} else {
					t.Logf("%s\n%s", b[1], out)
				}
				if out, err := sh("bot check"); err != nil || strings.Contains(out, "warning:") || !strings.Contains(out, "goals.json is OK and holds 2 goals.") {
					t.Errorf("after it: %v\n%s", err, out)
				}
			}
			if strings.Contains(text, "$AWAY") {
				if out, err := sh(`for f in "$TMPDIR"/tmp.*; do DATA_ROOT=$f bot check; done`); err != nil || strings.Count(out, "holds 2 goals.") != 1 {
					t.Errorf("what was restored: %v\n%s", err, out)
				}
			}
		})
	}
	if done < 15 {
		t.Errorf("only %d sections have commands", done)
	}
}

// aFolder is a data folder with two goals and a backup, whose bot has stopped.
func aFolder(t *testing.T) (root, web string) {
	t.Helper()
	server, web := formServer(t)
	root = t.TempDir()
	path := filepath.Join(root, "sm", "backups")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var bot sync.WaitGroup
	bot.Go(func() { run(ctx, health.DefaultLimits(), nil, formEnv(web, root), io.Discard, io.Discard) })
	for i, text := range []string{"/addgoal call mother", "/addgoal write the report"} {
		server.Say(server.Private(owner), owner, text)
		waitFor(t, server, func() bool { return answered(server) > i })
	}
	stop()
	bot.Wait()
	// The bot's own backup may be of a time before the last goal.
	if err := errors.Join(os.RemoveAll(path), os.MkdirAll(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if code := run(t.Context(), health.DefaultLimits(), []string{"backup", filepath.Join(path, "palace-20260101T120000.000Z.db")}, formEnv(web, root), io.Discard, &text); code != exitOK {
		t.Fatal(text.String())
	}
	return root, web
}
