package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/bot/config"
	"goalbot/handlers"
	"goalbot/health"
	"goalbot/palace"
	"goalbot/telegramtest"
)

// A program that was told to stop while it was still starting ended with 1,
// which a supervisor takes for a crash.
func TestToldToStopWhileStarting(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stderr bytes.Buffer
	code := run(ctx, health.DefaultLimits(), nil, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "DATA_ROOT=" + t.TempDir()}, &stderr, &stderr)
	if code != exitOK {
		t.Errorf("exit code %d:\n%s", code, stderr.String())
	}
}

// A user name of megabytes, as only a server makes it that is none of Telegram's,
// crashed the picture of the link; one with ESC in it reached the terminal. Broken
// on purpose: without usernames the first panics.
func TestAnOddUserNameIsNotPrinted(t *testing.T) {
	truth, err := palace.Open(t.Context(), filepath.Join(t.TempDir(), "palace.db"), palace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer truth.Close()
	log := slog.New(slog.DiscardHandler)
	members, err := access.Load(t.Context(), truth, access.Config{}, log)
	if err != nil {
		t.Fatal(err)
	}
	answers := handlers.New(truth, nil, nil, members, newSettings(config.Config{Location: time.UTC}, log), log)
	for _, name := range []string{strings.Repeat("a", 9<<20), "\x1b]0;owned\x07", "\u009b2J", "a b", ""} {
		var out bytes.Buffer
		invite(t.Context(), answers, name, &out, log)
		if got := out.String(); len(got) > 1000 || strings.ContainsAny(got, "\x1b\x07\u009b") || !regexp.MustCompile(`\n  /start [A-Za-z0-9_-]{22}\n`).MatchString(got) {
			t.Errorf("%d bytes: %q", len(got), got[:min(len(got), 300)])
		}
	}
	var out bytes.Buffer
	if invite(t.Context(), answers, "goals_test_bot", &out, log); !strings.Contains(out.String(), "https://t.me/goals_test_bot?start=") || !strings.Contains(out.String(), "█") {
		t.Errorf("the usual name: %s", out.String())
	}
}

// What others have written is shown and not obeyed: the excerpt of a goals.json,
// a file name.
func TestNothingReachesATerminalAsItIs(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "sm"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "sm", "goals.json"), []byte("[{\"id\": \"\u009b2J\u202e\x1b[2J\", 5]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"check", "--json"}, {"restore", "--backup", "\x1b[2J\u009b"}, nil} {
		var out bytes.Buffer
		run(t.Context(), health.DefaultLimits(), args, []string{"DATA_ROOT=" + root, "TELEGRAM_BOT_TOKEN=" + testToken}, &out, &out)
		if strings.ContainsAny(out.String(), "\x1b\u009b\u202e") || out.Len() == 0 {
			t.Errorf("%q prints %q", args, out.String())
		}
	}
}

// The bot was killed by SIGPIPE when whoever read its log had ended. Broken on
// purpose: without signal.Ignore it ends.
func TestTheBotOutlivesTheReaderOfItsLog(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGPIPE on Windows")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	phone := telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"})
	web := httptest.NewServer(phone)
	defer web.Close()
	defer web.CloseClientConnections()
	defer phone.Close()
	defer phone.CheckUnexpected(t)
	phone.Meet(owner)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	bot := exec.Command(program)
	bot.Args[0] = "bot" // see TestMain
	bot.Dir, bot.Stdout, bot.Stderr = t.TempDir(), writer, writer
	bot.Env = append(os.Environ(), "TELEGRAM_BOT_TOKEN="+testToken, "TELEGRAM_API_URL="+web.URL, "ALLOWED_USER_IDS=1001", "DATA_ROOT="+t.TempDir(), "LOG_LEVEL=debug")
	if err := bot.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	defer bot.Process.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	phone.Say(phone.Private(owner), owner, "/addgoal call mother")
	answered := func() bool {
		m, ok := phone.Last(phone.Private(owner).ID)
		return ok && strings.HasPrefix(m.Text, "Added")
	}
	if err := phone.Wait(ctx, answered); err != nil {
		t.Error("the bot does not answer")
	}
	_ = bot.Process.Signal(syscall.SIGTERM)
	if err := bot.Wait(); err != nil {
		t.Errorf("it ended with: %v", err)
	}
}
