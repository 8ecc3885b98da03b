package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals/goaljson"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/settings"
	"goalbot/store"
	"goalbot/telegramtest"
)

// death ends a program at a step: at every seam between its parts, and between
// them and the world, it counts one. What is on the disk then is copied, and
// from then on nothing that the program does reaches Telegram. It is left to
// run as a ghost, on files that nobody looks at any more.
type death struct {
	from, to string // directories
	at       moment // the zero moment never comes

	mu   sync.Mutex
	came map[string]int // how often each step did
	dead bool
	err  error // of the copying
}

// moment is when a step comes for the nth time. Between things that go on
// beside one another that is the same in every run, unlike their order.
type moment struct {
	step string
	nth  int
}

var errDead = errors.New("the program is dead")

// comes counts a step and returns an error from the death on.
func (d *death) comes(step string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errDead
	}
	if d.came[step]++; d.at != (moment{step, d.came[step]}) {
		return nil
	}
	d.dead = true
	d.err = d.leave()
	return errDead
}

func (d *death) happened() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

// leave copies what a program that is killed leaves. The file comes first: it
// may be older than the palace and never newer.
func (d *death) leave() error {
	var files []string
	for _, pattern := range []string{"sm/.goals*", "sm/*", "palace.id", "palace.db", "palace.db-wal"} {
		found, err := filepath.Glob(filepath.Join(d.from, pattern))
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // a temporary file that is gone now
		}
		if err != nil {
			return err
		}
		to := filepath.Join(d.to, strings.TrimPrefix(path, d.from))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// mortalRoad is the way to Telegram.
type mortalRoad struct {
	*http.Transport
	*death
}

func (r mortalRoad) RoundTrip(req *http.Request) (*http.Response, error) {
	method := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
	if err := r.comes("before " + method); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := r.Transport.RoundTrip(req)
	if derr := r.comes("after " + method); derr != nil {
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return nil, derr
	}
	return resp, err
}

// mortalPalace stands between the mirror and the palace, and mortalStore between
// the handlers and the mirror. From the end of the one's update to that of the
// other's it is about the file; its own steps package cache tests.
type mortalPalace struct {
	*palace.Palace
	*death
}

func (p mortalPalace) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	return p.around(o.Name, func() error {
		return p.Palace.Update(ctx, o, func(tx store.Tx) error {
			err := f(tx)
			return errors.Join(err, p.comes("in an update, "+o.Name))
		})
	})
}

func (p mortalPalace) Batch(ctx context.Context, f func(store.Store) error) error {
	return p.around("many", func() error {
		return p.Palace.Batch(ctx, func(s store.Store) error {
			err := f(mortalStore{s, p.death, "one of many"})
			return errors.Join(err, p.comes("in an update, many"))
		})
	})
}

func (p mortalPalace) around(name string, do func() error) error {
	if err := p.comes("before an update, " + name); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, p.comes("after an update, "+name))
}

type mortalStore struct {
	store.Store
	*death
	name string // of the step that an update ends with
}

func (s mortalStore) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	err := s.Store.Update(ctx, o, f)
	return errors.Join(err, s.comes("after "+s.name+", "+o.Name))
}

func (s mortalStore) Batch(ctx context.Context, f func(store.Store) error) error {
	err := s.Store.Batch(ctx, f)
	return errors.Join(err, s.comes("after "+s.name+", many"))
}

// mortalOutbox stands between the sender and the outbox.
type mortalOutbox struct {
	settled
	*death
}

func (o mortalOutbox) around(what string, do func() error) error {
	if err := o.comes("before " + what); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, o.comes("after "+what))
}

func (o mortalOutbox) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	return o.around("a message is noted", func() error { return o.settled.Sent(ctx, id, f) })
}

func (o mortalOutbox) SentTogether(ctx context.Context, ids []int64) error {
	return o.around("messages are noted", func() error { return o.settled.SentTogether(ctx, ids) })
}

func (o mortalOutbox) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	return o.around("a message becomes a dead letter", func() error { return o.settled.MoveToDeadLetters(ctx, id, reason) })
}

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

// afternoon is what people do: commands that came while the program was down,
// some together and some alone, one refused, one edited, and taps.
func (l *lives) afternoon() {
	a, b := l.Private(ann), l.Private(bob)
	tap := func(who telegramtest.User, chat telegramtest.Chat, label string) {
		l.t.Helper()
		shown := l.Messages(chat.ID)
		for _, m := range slices.Backward(shown) {
			for _, row := range m.Buttons {
				for _, button := range row {
					if strings.Contains(button.Text, label) {
						if _, err := l.Tap(chat, who, m.ID, button.Text); err != nil {
							l.t.Fatal(err)
						}
						return
					}
				}
			}
		}
		l.t.Fatalf("nobody offers %q: %+v", label, shown)
	}
	l.Say(a, ann, "/addgoal alpha")
	l.Say(b, bob, "/addgoal beta")
	l.Say(a, ann, "/note 1 first")
	l.Say(a, ann, "/done 99")
	l.begin(memory(l.t))
	l.quiet()
	gamma := l.Say(a, ann, "/addgoal gamma")
	l.Say(b, bob, "/done 2")
	l.Say(a, ann, "/note 3 together")
	l.quiet()
	l.Say(a, ann, "/block 1 rain")
	l.quiet()
	if _, err := l.Edit(a, ann, gamma.ID, "/addgoal delta"); err != nil {
		l.t.Fatal(err)
	}
	l.quiet()
	tap(bob, b, "Undo")
	l.quiet()
	l.Say(a, ann, "/goal 3")
	l.quiet()
	tap(ann, a, "Done")
	l.quiet()
	l.Say(a, ann, "/undo") // the tap
	l.quiet()
	l.Say(a, ann, "/undo") // the edit
	l.quiet()
}

// backlog is more than a chat is answered one by one, and then some.
func (l *lives) backlog() {
	a, b := l.Private(ann), l.Private(bob)
	for i := range 12 {
		l.Say(a, ann, fmt.Sprintf("/addgoal goal %d", i+1))
	}
	l.Say(b, bob, "/begin 1")
	l.Say(l.Private(eve), eve, "/addgoal stolen")
	l.Say(a, ann, "/block 2 rain")
	l.begin(memory(l.t))
	l.quiet()
}

// live runs what people do in a world of its own, with deaths at these steps,
// and hands over how it ended.
func live(t *testing.T, people func(*lives), deaths []moment, end func(*lives)) {
	t.Helper()
	bubble(t, func(t *testing.T, w *world) {
		l := &lives{world: w, deaths: deaths}
		people(l)
		l.sound()
		end(l)
		l.now.stop()
		if t.Failed() {
			t.Fatalf("it died %d times of %+v", l.died, deaths)
		}
	})
}

// TestADeathAtAnyStep lets the program die at every step that it takes, and
// start again from what is on the disk. Whatever it was about: every command takes
// effect once, in order, and is answered once, or twice; goals.json says what the
// palace says, and nothing is left to do. The ordinary run takes samples of the steps.
//
// Red when updates are confirmed before they are handled, when a key is not
// asked for, when a message is forgotten before it is sent, when only the first
// of many is forgotten, and when our own older file is taken for somebody else's.
func TestADeathAtAnyStep(t *testing.T) {
	for name, tt := range map[string]struct {
		people func(*lives)
		least  int // steps that there must be
		want   []string
	}{
		"afternoon": {(*lives).afternoon, 100, []string{
			"addgoal #1 by 1001, taken back: false", "addgoal #2 by 1002, taken back: false", "note #1 by 1001, taken back: false",
			"addgoal #3 by 1001, taken back: false", "done #2 by 1002, taken back: true", "note #3 by 1001, taken back: false",
			"block #1 by 1001, taken back: false", "addgoal #3 by 1001, taken back: true", "undo #2 by 1002, taken back: false",
			"done #3 by 1001, taken back: true", "undo #3 by 1001, taken back: false", "undo #3 by 1001, taken back: false",
		}},
		"backlog": {(*lives).backlog, 40, append(slices.Collect(func(yield func(string) bool) {
			for i := 1; i <= 12 && yield(fmt.Sprintf("addgoal #%d by 1001, taken back: false", i)); i++ {
			}
		}), "begin #1 by 1002, taken back: false", "block #2 by 1001, taken back: false")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want ledger
			var moments []moment
			live(t, tt.people, nil, func(l *lives) {
				want = l.ledger()
				for step, n := range l.death.came {
					for i := range n {
						moments = append(moments, moment{step, i + 1})
					}
				}
			})
			if !slices.Equal(want.effects, tt.want) || len(moments) < tt.least {
				t.Fatalf("without a death it has %d steps, and took effect:\n%s", len(moments), strings.Join(want.effects, "\n"))
			}
			slices.SortFunc(moments, func(a, b moment) int { return cmp.Or(strings.Compare(a.step, b.step), a.nth-b.nth) })
			died, stride := 0, 7
			if *deep {
				stride = 1
			}
			for i := 0; i < len(moments); i += stride {
				live(t, tt.people, moments[i:i+1], func(l *lives) { l.like(want); died += l.died })
			}
			t.Logf("it died %d times, of %d steps", died, len(moments))
			if died < len(moments)/stride*9/10 {
				t.Errorf("it died only %d times of %d", died, len(moments))
			}
			chance := rand.New(rand.NewPCG(1, 2))
			for range 14 / stride { // and dies again and again
				var deaths []moment
				for range 3 {
					deaths = append(deaths, moments[chance.IntN(len(moments))])
				}
				live(t, tt.people, deaths, func(l *lives) { l.like(want) })
			}
		})
	}
}
