package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/health"
	"goalbot/telegramtest"
)

// The demo needs no token, breaks and mends its own file only, leaves nothing
// behind, and tells nobody outside of what is broken in it.
func TestDemo(t *testing.T) {
	var told atomic.Int32
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
	defer outside.Close()
	temp, home := t.TempDir(), t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out, stdout := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		environ := []string{"HOME=" + home, "USERPROFILE=" + home, "HEALTH_CRON=@every 1s",
			"HEALTHCHECK_PING_URL=" + outside.URL + "/ping", "ALERT_WEBHOOK_URL=" + outside.URL + "/hook"}
		exit <- run(ctx, health.DefaultLimits(), []string{"demo"}, environ, stdout, io.Discard)
		stdout.Close()
	}()

	address := ""
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C"); {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "http://127.0.0.1:") {
			address = line
		}
	}
	if address == "" {
		t.Fatal("the demo prints no address")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	defer browser.CloseIdleConnections()
	key := ""
	address, key, _ = strings.Cut(address, "?")
	if len(key) < 22 {
		t.Errorf("the link has no key: %s?%s", address, key)
	}
	for link, want := range map[string]int{
		address: http.StatusForbidden, address + "?" + key + "x": http.StatusForbidden, address + "?" + key: http.StatusOK,
		// The token that is in the source opens nothing.
		address + "bot" + telegramtest.DefaultToken + "/getMe": http.StatusUnauthorized,
	} {
		client := http.DefaultClient
		if want == http.StatusOK {
			client = browser
		}
		page, err := client.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		page.Body.Close()
		if page.StatusCode != want {
			t.Errorf("%s answers %s", link, page.Status)
		}
	}

	events, err := browser.Get(address + "demo/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	chat := bufio.NewScanner(events.Body)
	chat.Buffer(nil, 1<<20)
	post := func(path, body, want string) {
		t.Helper()
		answer, err := browser.Post(address+"demo/"+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if said, _ := io.ReadAll(answer.Body); !strings.Contains(string(said), want) {
			t.Fatalf("%s answers %s: %s", path, answer.Status, said)
		}
	}
	hear := func(words string) {
		t.Helper()
		for chat.Scan() {
			if strings.Contains(chat.Text(), words) {
				return
			}
		}
		t.Fatalf("the bot never says %q: %v", words, chat.Err())
	}
	for _, accident := range []string{"corrupt", "delete"} {
		post(accident, `{}`, "there is no goals.json; add a goal")
	}
	post("say", `{"text": "/addgoal call mother"}`, "{")
	hear("Added")
	post("corrupt", `{}`, "was cut off")
	hear("🚨")
	post("say", `{"text": "/restore"}`, "{")
	hear("✅ goals.json is OK again")

	stop()
	if code := <-exit; code != exitOK {
		t.Errorf("it ends with %d", code)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	if n := told.Load(); n != 0 {
		t.Errorf("the outside was told %d times", n)
	}
}

// Where no bot can run the demo names no page: not beside a bot that runs on
// the same data, and not with a palace that cannot be read.
func TestDemoNamesNoPageWithoutABot(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, sm string)
		want    string
	}{
		"another bot": {func(t *testing.T, sm string) {
			unlock, err := lock(sm)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(unlock)
		}, "a bot runs on"},
		"an unreadable palace": {func(t *testing.T, sm string) {
			if err := os.MkdirAll(sm, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(sm, "palace.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "palace.db"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			c.prepare(t, filepath.Join(root, "sm"))
			var out, errs strings.Builder
			if exit := run(t.Context(), health.DefaultLimits(), []string{"demo"}, []string{"DATA_ROOT=" + root}, &out, &errs); exit != 1 {
				t.Errorf("exit %d", exit)
			}
			if out.Len() > 0 || !strings.Contains(errs.String(), c.want) {
				t.Errorf("said %q and %q", &out, &errs)
			}
		})
	}
}

// The demo may run on the real list, beside which others may put what they like:
// the accident cuts off no file that a link leads to. Red with os.WriteFile.
func TestAnAccidentHarmsNoOtherFile(t *testing.T) {
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "goals.json"), filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plant := range map[string]func(from, to string) error{"a symbolic link": os.Symlink, "hard links": os.Link} {
		if err := plant(victim, path); err != nil {
			t.Skip("links cannot be made here: ", err)
		}
		if _, err := corrupt(path); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("corrupt of %s = %v", name, err)
		}
		if data, err := os.ReadFile(victim); err != nil || string(data) != "precious" {
			t.Errorf("what it leads to holds %q, %v", data, err)
		}
		os.Remove(path)
	}
	if said, err := corrupt(victim); err != nil || said != "goals.json was cut off after 5 of its 8 bytes." {
		t.Errorf("corrupt = %q, %v", said, err)
	}
}
