package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/health"
	"goalbot/telegramtest"
)

// listens is a service manager that hears what programs say of themselves.
func listens(t *testing.T) (socket string, hear func() string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such sockets")
	}
	socket = filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return socket, func() string {
		t.Helper()
		var text [100]byte
		_ = c.SetReadDeadline(time.Now().Add(patience))
		n, err := c.Read(text[:])
		if err != nil {
			t.Fatal("the program says nothing:", err)
		}
		return string(text[:n])
	}
}

// The unit in deploy waits for READY=1, and restarts a program that goes silent.
func TestTheServiceManagerHearsOfStartLifeAndEnd(t *testing.T) {
	socket, hear := listens(t)
	server := telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"})
	web := httptest.NewServer(server)
	defer web.Close()
	defer server.Close()
	defer web.CloseClientConnections()
	server.Fail("getMe", -1, telegramtest.ServerErrorHTML(502)) // the start does not wait for Telegram

	ctx, stop := context.WithCancel(t.Context())
	var bot sync.WaitGroup
	bot.Go(func() {
		run(ctx, health.DefaultLimits(), nil, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "TELEGRAM_API_URL=" + web.URL,
			"ALLOWED_USER_IDS=1001", "DATA_ROOT=" + t.TempDir(), "NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=30000"}, io.Discard, io.Discard)
	})
	defer bot.Wait()
	defer stop()
	heard := map[string]int{}
	for heard["READY=1"] == 0 || heard["WATCHDOG=1"] < 3 {
		heard[hear()]++
	}
	stop()
	for heard["STOPPING=1"] == 0 {
		heard[hear()]++
	}
	if len(heard) != 3 || heard["READY=1"] != 1 {
		t.Errorf("heard: %v", heard)
	}
}

func TestAProgramThatHangsGivesNoSignsOfLife(t *testing.T) {
	socket, hear := listens(t)
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer stop()
	var lines bytes.Buffer
	s := supervisorOf([]string{"NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=3000"})
	looks := 0
	hangs := func() bool { // from the third look to the seventh
		switch looks++; looks {
		case 3:
			_ = s.notify("hangs")
		case 8:
			_ = s.notify("goes on")
		}
		return looks >= 3 && looks < 8
	}
	s.hangs.Store(&hangs)
	watching.Go(func() { s.watch(ctx, slog.New(slog.NewTextHandler(&lines, nil))) })
	for _, want := range []string{"WATCHDOG=1", "WATCHDOG=1", "hangs", "goes on", "WATCHDOG=1"} {
		if got := hear(); got != want {
			t.Fatalf("heard %s, want %s", got, want)
		}
	}
	stop()
	watching.Wait()
	if n := strings.Count(lines.String(), "the poll loop hangs"); n != 1 {
		t.Errorf("the log says %d times that it hangs:\n%s", n, &lines)
	}
}

func TestAWatchdogOfAnotherProgramIsNotFed(t *testing.T) {
	for pid, want := range map[string]time.Duration{"1": 0, strconv.Itoa(os.Getpid()): 3 * time.Second} {
		if s := supervisorOf([]string{"NOTIFY_SOCKET=/run/x", "WATCHDOG_USEC=3000000", "WATCHDOG_PID=" + pid}); s.watchdog != want {
			t.Errorf("process %s: %v", pid, s.watchdog)
		}
	}
	if err := new(supervisor).notify("READY=1"); err != nil {
		t.Error(err)
	}
	new(supervisor).watch(t.Context(), slog.Default()) // nobody asks for it
}
