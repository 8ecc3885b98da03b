package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"goalbot/telegramtest"
)

// The program is killed at random instants after it starts, while reminders come due one
// after the other and Telegram takes nothing. When it does, each has come once. Broken on
// purpose: the message is queued a while after the commit that notes it, or before it.
func TestRemindersOutliveKills(t *testing.T) {
	const lives = 10 // as many as one message names, should all come together
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
	chat := phone.Private(owner)
	dir, root := t.TempDir(), t.TempDir()
	start := func() (kill func()) {
		t.Helper()
		bot := exec.Command(program)
		bot.Args[0] = "moved" // see TestMain
		bot.Dir = dir
		bot.Env = append(os.Environ(), "TELEGRAM_BOT_TOKEN="+testToken, "TELEGRAM_API_URL="+web.URL, "ALLOWED_USER_IDS=1001", "DATA_ROOT="+root, "TIMEZONE=UTC")
		if err := bot.Start(); err != nil {
			t.Fatal(err)
		}
		return func() {
			_ = bot.Process.Kill()
			_ = bot.Wait()
		}
	}
	wait := func(what string, is func() bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := phone.Wait(ctx, is); err != nil {
			t.Fatal("the bot does not ", what)
		}
	}
	said := func(pattern string) int {
		found := 0
		for _, m := range phone.Messages(chat.ID) {
			if m.FromBot {
				found += len(regexp.MustCompile(pattern).FindAllString(m.Text, -1))
			}
		}
		return found
	}

	kill := start()
	for n := 1; n <= lives; n++ {
		phone.Say(chat, owner, fmt.Sprintf("/addgoal goal %d", n))
		phone.Say(chat, owner, fmt.Sprintf("/remind %d in %d hours", n, n))
	}
	wait("take the reminders", func() bool { return said(`I'll remind you`) == lives })
	kill()
	phone.Fail("sendMessage", -1, telegramtest.ServerErrorHTML(502))
	for n := 1; n <= lives; n++ {
		ahead := time.Duration(n)*time.Hour + time.Minute
		if err := os.WriteFile(filepath.Join(dir, "clock"), []byte(ahead.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		kill := start()
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond) // at whatever it does then
		kill()
	}
	phone.Heal("sendMessage")
	kill = start()
	defer kill()
	reminders := func(n string) int { return said(`(⏰|\n)[ ]*⬜ #` + n + ` goal`) }
	wait("send the reminders", func() bool { return reminders(`\d+`) >= lives })
	phone.Say(chat, owner, "/goal 1")
	wait("answer", func() bool { return said(`^⬜ #1 goal 1\nto do`) == 1 })
	var all []string
	for n := 1; n <= lives; n++ {
		if times := reminders(fmt.Sprint(n)); times != 1 {
			all = append(all, fmt.Sprintf("#%d came %d times", n, times))
		}
	}
	if len(all) > 0 {
		t.Error(strings.Join(all, ", "))
	}
}
