package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"goalbot/health"
	"goalbot/telegramtest"
)

// The folder testdata/forms holds a palace of every form that the database ever had,
// each made by a program of that time in the conversation of TestMakeAForm.

var formBy = flag.String("form-by", "", "a program that makes the palace for TestMakeAForm to keep")

// told is what all those programs were told.
var told = []string{
	"/addgoal call mother", "/addgoal write the report", "/addgoal a goal of no use", "/addgoal naïve 🎯", "/addgoal the last one",
	"/note 2 three pages", "/block 2 waiting for figures", "/done 1", "/delete 3", "tap", "/rename 4 naïve, no more 🎯", "/done 5", "/undo",
}

// TestMakeAForm keeps the palace that a program makes, by its version:
//
//	go test ./bot -run TestMakeAForm -form-by "$PWD/an-older-bot"
func TestMakeAForm(t *testing.T) {
	if *formBy == "" {
		t.Skip("it makes a file for TestEveryFormOfThePalaceIsBroughtUpToDate; see there")
	}
	server, web := formServer(t)
	root := t.TempDir()
	c := exec.Command(*formBy)
	c.Dir, c.Stderr = root, os.Stderr
	c.Env = formEnv(web, root)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for _, text := range told {
		if text == "tap" { // the button that deletes
			last, _ := server.Last(owner.ID)
			if _, err := server.Tap(server.Private(owner), owner, last.ID, last.Buttons[0][0].Text); err != nil {
				t.Fatal(err)
			}
			deleted := func() bool {
				last, _ := server.Last(owner.ID)
				return regexp.MustCompile(`^(Deleted|🗑)`).MatchString(last.Text)
			}
			waitFor(t, server, deleted)
			continue
		}
		before := answered(server)
		server.Say(server.Private(owner), owner, text)
		waitFor(t, server, func() bool { return answered(server) > before })
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "sm", "palace.db")
	n := formOf(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if _, err := z.Write(data); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fmt.Sprintf("testdata/forms/%d.db.gz", n), packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("form %d has %d bytes", n, packed.Len())
}

// TestEveryFormOfThePalaceIsBroughtUpToDate starts the program on each of them:
// nothing is missing, the last change can be taken back, and a backup of the
// older form was made first. A new form needs a palace of its own; see TestMakeAForm.
func TestEveryFormOfThePalaceIsBroughtUpToDate(t *testing.T) {
	forms, err := filepath.Glob("testdata/forms/*.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	newest := 0
	for _, form := range forms {
		root := t.TempDir()
		path := unpackForm(t, form, root)
		n := formOf(t, path)
		newest = max(newest, n)
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			server, web := formServer(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var bot sync.WaitGroup
			var log strings.Builder
			bot.Go(func() { run(ctx, health.DefaultLimits(), nil, formEnv(web, root), io.Discard, &log) })
			defer bot.Wait()
			defer stop()
			ask := func(text, want string) {
				t.Helper()
				before := answered(server)
				server.Say(server.Private(owner), owner, text)
				waitFor(t, server, func() bool { return answered(server) > before })
				last, _ := server.Last(owner.ID)
				if !regexp.MustCompile(want).MatchString(last.Text) {
					t.Errorf("%s: the bot says:\n%s\nexpected:\n%s", text, last.Text, want)
				}
			}
			ask("/goals all", `(?s)^All goals · 4\n.*#1 call mother.*#2 write the report.*#4 naïve, no more 🎯.*#5 the last one`)
			ask("/goal 2", `(?s)three pages.*waiting for figures`)
			ask("/history 1", `(?s)done|finish|Done`)
			ask("/undo", `(?s)^↩️ Undone.*#4 naïve 🎯`)
			ask("/addgoal one more", `#6 one more`)
			stop()
			bot.Wait()

			var out strings.Builder
			if code := run(t.Context(), health.DefaultLimits(), []string{"check"}, formEnv(web, root), &out, &out); code != exitOK {
				t.Errorf("bot check: %d\n%s", code, &out)
			}
			backups, _ := filepath.Glob(filepath.Join(root, "sm", "backups", "palace-*.db"))
			older := 0
			for _, b := range backups {
				if formOf(t, b) == n {
					older++
				}
			}
			if now := formOf(t, path); older == 0 || now == n && len(backups) > 1 || strings.Contains(log.String(), "brought up to date") != (now > n) {
				t.Errorf("form %d became %d, with the backups %v\n%s", n, now, backups, &log)
			}
		})
	}
	root := t.TempDir()
	_, web := formServer(t)
	run(t.Context(), health.DefaultLimits(), nil, append(formEnv(web, root), "HTTP_ADDR=nowhere.invalid:1"), io.Discard, io.Discard)
	if now := formOf(t, filepath.Join(root, "sm", "palace.db")); now != newest || len(forms) != newest {
		t.Errorf("the program makes form %d, and testdata/forms holds %v; the comment of TestMakeAForm says how to add one", now, forms)
	}
}

func formServer(t *testing.T) (*telegramtest.Server, string) {
	server := telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"})
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		server.Close()
		web.CloseClientConnections()
		web.Close()
	})
	server.Meet(owner)
	return server, web.URL
}

func formEnv(web, root string) []string {
	return []string{"TELEGRAM_BOT_TOKEN=" + testToken, "TELEGRAM_API_URL=" + web, "ALLOWED_USER_IDS=1001", "DATA_ROOT=" + root, "TIMEZONE=UTC"}
}

func waitFor(t *testing.T, server *telegramtest.Server, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := server.Wait(ctx, f); err != nil {
		t.Fatal("the bot does not answer")
	}
}

func unpackForm(t *testing.T, form, root string) (path string) {
	t.Helper()
	f, err := os.Open(form)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(root, "sm", "palace.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// formOf is the version of a palace that nobody has open.
func formOf(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
