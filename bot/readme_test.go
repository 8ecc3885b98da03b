package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/bot/config"
	"goalbot/handlers"
	"goalbot/health"
	"goalbot/telegramtest"
)

var update = flag.Bool("update", false, "write the tables and pages that are made from the code anew")

// TestTables holds the tables of commands and settings against the code.
func TestTables(t *testing.T) {
	for _, page := range []struct{ path, mark, table string }{
		{"../docs/use.md", "<!-- commands -->", commandsTable()},
		{"../docs/settings.md", "<!-- settings -->", config.Table()},
	} {
		data, err := os.ReadFile(page.path)
		if err != nil {
			t.Fatal(err)
		}
		before, after, found := strings.Cut(string(data), page.mark+"\n\n")
		if !found {
			t.Fatalf("%s has no %s", page.path, page.mark)
		}
		for strings.HasPrefix(after, "|") {
			_, after, _ = strings.Cut(after, "\n")
		}
		// Without an empty line the text that follows becomes a row of the table.
		want := before + page.mark + "\n\n" + page.table
		if after = strings.TrimLeft(after, "\n"); after != "" {
			want += "\n" + after
		}
		switch {
		case want == string(data):
		case !*update:
			t.Errorf("%s does not say what the code says; go test ./bot -run TestTables -update writes its table anew", page.path)
		default:
			if err := os.WriteFile(page.path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func commandsTable() string {
	var table strings.Builder
	table.WriteString("| command | does |\n|---|---|\n")
	for _, c := range handlers.Commands() {
		usage := strings.ReplaceAll(strings.TrimSpace("/"+c.Name+" "+c.Usage), "|", `\|`)
		fmt.Fprintf(&table, "| `%s` | %s |\n", usage, c.Short)
	}
	return table.String()
}

// TestReadmeChat has the chat of the README with the real program.
func TestReadmeChat(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chat, _ := strings.Cut(string(data), "```text\nyou: ")
	chat, _, found := strings.Cut(chat, "\n```")
	if !found {
		t.Fatal("README.md shows no chat")
	}
	server := telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"})
	web := httptest.NewServer(server)
	defer web.Close()
	defer server.Close()
	defer server.CheckUnexpected(t)
	defer web.CloseClientConnections()
	me := server.Meet(owner)

	ctx, stop := context.WithCancel(t.Context())
	var bot sync.WaitGroup
	bot.Go(func() {
		run(ctx, health.DefaultLimits(), nil, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "TELEGRAM_API_URL=" + web.URL,
			"ALLOWED_USER_IDS=1001", "DATA_ROOT=" + t.TempDir()}, io.Discard, io.Discard)
	})
	defer bot.Wait()
	defer stop()

	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	heard := 0
	for _, turn := range strings.Split(strings.ReplaceAll(chat, "\n     ", "\n"), "\nyou: ") {
		said, answer, _ := strings.Cut(turn, "\nbot: ")
		server.Say(me, owner, said)
		heard++
		if err := server.Wait(wait, func() bool { return answered(server) >= heard }); err != nil {
			t.Fatalf("%s: no answer", said)
		}
		last, _ := server.Last(me.ID)
		if got := last.Text; got != answer {
			t.Errorf("you: %s\nbot: %s\nthe README says: %s", said, got, answer)
		}
	}
}

// answered counts the messages that Telegram has taken.
func answered(server *telegramtest.Server) (n int) {
	for _, c := range server.CallsTo("sendMessage") {
		if c.Done {
			n++
		}
	}
	return n
}
