package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals/goaljson"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/settings"
	"goalbot/store"
)

// lives is a world in which the program dies and comes back.
type lives struct {
	*world
	deaths []moment // at which it is to die, one for each life
	now    *program
	death  *death
	died   int
}

// begin starts the next life, on what the last one has left.
func (l *lives) begin(dir string) {
	l.t.Helper()
	check := func(err error) {
		l.t.Helper()
		if err != nil {
			l.t.Fatal(err)
		}
	}
	d := &death{from: dir, to: memory(l.t), came: map[string]int{}}
	if len(l.deaths) > 0 {
		d.at, l.deaths = l.deaths[0], l.deaths[1:]
	}
	l.death = d
	l.client = NewClient("http://telegram.test", canary)
	road := l.client.http.Transport.(*http.Transport)
	road.Proxy, road.DialContext = nil, l.pipe.dial
	l.client.http.Transport = mortalRoad{road, d}

	ctx := context.Background()
	quiet := slog.New(slog.DiscardHandler)
	truth, err := palace.Open(ctx, dir+"/palace.db", palace.Options{Log: quiet})
	check(err)
	members, err := access.Load(ctx, truth, access.Config{Owners: []int64{ann.ID, bob.ID}}, quiet)
	check(err)
	settings := settings.New(settings.Defaults{Values: settings.Values{Zone: time.UTC}}, quiet)
	mirror := cache.NewMirror(mortalPalace{truth, d}, cache.New(dir), handlers.NewNotices(members, settings), quiet, time.Now)
	if err := mirror.Start(ctx); err != nil && !errors.Is(err, errDead) {
		l.t.Error(err)
	}
	h := handlers.New(mortalStore{mirror, d, "the file"}, doctor{mirror: mirror}, l.client, members, settings, quiet)
	sender, stopSender := l.senderWith(mortalOutbox{settled{truth, mirror, h}, d}, leaving(h))
	sender.Hold(FirstPoll)
	client := l.client
	_, stopPoller := l.pollerWith(h, sender)
	l.now = &program{truth: truth, mirror: mirror, stop: func() {
		if err := stopPoller(); err != nil {
			l.t.Error(err)
		}
		stopSender()
		client.Close()
		if err := truth.Close(); err != nil {
			l.t.Error(err)
		}
	}}
}

// quiet lets the program run until nothing is left to do, through deaths.
func (l *lives) quiet() {
	l.t.Helper()
	for range 100 {
		pass(5 * time.Second)
		if l.death.happened() {
			l.died++
			l.now.stop()
			if l.death.err != nil {
				l.t.Fatal(l.death.err)
			}
			l.begin(l.death.to)
			continue
		}
		d, err := l.now.truth.Depth(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		if d.Messages == 0 && l.Pending() == 0 {
			return
		}
	}
	l.t.Fatal("it does not come to rest")
}

// ledger is what has become of all that was asked.
type ledger struct {
	effects []string         // in their order
	goals   []string         // as they are now
	answers map[int64]counts // by chat
}

type counts struct {
	texts []string // in the order in which they were said first
	n     map[string]int
}

func (c *counts) add(text string) {
	if c.n == nil {
		c.n = map[string]int{}
	}
	if c.n[text]++; c.n[text] == 1 {
		c.texts = append(c.texts, text)
	}
}

// varies is what one run says otherwise than another: ids and times.
var varies = regexp.MustCompile(`g-[0-9a-f]{16}|g-[0-9a-f]{8}|\d{4}-\d\d-\d\d \d\d:\d\d`)

func (l *lives) ledger() (a ledger) {
	l.t.Helper()
	err := l.now.truth.View(l.t.Context(), func(tx store.Tx) error {
		changes, err := tx.Changes(0, 1000)
		for _, c := range slices.Backward(changes) {
			events, changeErr := tx.Change(c.Key)
			for _, e := range events {
				a.effects = append(a.effects, fmt.Sprintf("%s #%d by %d, taken back: %v", e.Name, e.Edit.Number, e.By, e.Undone))
			}
			err = errors.Join(err, changeErr)
		}
		for _, g := range tx.List().All() {
			a.goals = append(a.goals, fmt.Sprintf("#%d %s, %s %q", g.Number, g.Description, g.Status, g.Notes))
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	a.answers = map[int64]counts{}
	for _, call := range l.Calls() {
		if call.Method != "sendMessage" && call.Method != "editMessageText" || call.Status != http.StatusOK {
			continue
		}
		var chat int64
		fmt.Sscan(call.Params["chat_id"], &chat)
		said := a.answers[chat]
		text := varies.ReplaceAllString(call.Params["text"], "…")
		if _, many, together := strings.Cut(text, "commands were waiting. Here are the results, in order:\n\n"); together {
			many, _, _ = strings.Cut(many, "\n\nThe buttons belong")
			for line := range strings.Lines(many) {
				said.add(strings.TrimSpace(line))
			}
		} else {
			said.add(text)
		}
		a.answers[chat] = said
	}
	return a
}

// sound checks that nothing is left to be done and that file and palace agree.
func (l *lives) sound() {
	l.t.Helper()
	list := l.now.truth.List()
	if text, err := os.ReadFile(l.now.mirror.Path()); err != nil || string(text) != string(goaljson.Append(nil, list.All())) {
		l.t.Errorf("goals.json says %s, %v", text, err)
	}
	if files, err := filepath.Glob(filepath.Join(l.death.from, "sm", "*")); err != nil || len(files) != 1 {
		l.t.Errorf("beside goals.json there are %q", files)
	}
	dead, err := l.now.truth.DeadLetters(l.t.Context())
	if err != nil || len(dead) > 0 {
		l.t.Errorf("%d messages are dead letters, %v", len(dead), err)
	}
}

// like checks that it is the ledger of a program that never died, but for
// answers that were said again, once for each death at most.
func (l *lives) like(want ledger) {
	l.t.Helper()
	got := l.ledger()
	if !slices.Equal(got.effects, want.effects) {
		l.t.Errorf("took effect:\n%s\nwant\n%s", strings.Join(got.effects, "\n"), strings.Join(want.effects, "\n"))
	}
	if !slices.Equal(got.goals, want.goals) {
		l.t.Errorf("the goals are %q, want %q", got.goals, want.goals)
	}
	for chat, all := range want.answers {
		said := got.answers[chat]
		if !slices.Equal(said.texts, all.texts) {
			l.t.Errorf("%d was told:\n%s\nwant\n%s", chat, strings.Join(said.texts, "\n"), strings.Join(all.texts, "\n"))
		}
		for text, n := range all.n {
			if said.n[text] < n || said.n[text] > n+l.died {
				l.t.Errorf("%d was told %d times: %q", chat, said.n[text], text)
			}
		}
	}
}

// memory is a directory in memory where there is one: these tests are about
// steps, and need not wait for the sync of a disk.
func memory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "goals-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
