//go:build linux

package hard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/palace"
	"goalbot/store"
	"goalbot/telegramtest"
)

// TestStrangers lets people who are not allowed do all that they can think of.
// Nothing changes, nobody but the owner is answered, the disk does not fill up,
// and the owner is answered meanwhile.
func TestStrangers(t *testing.T) {
	n := 5_000
	if *hard {
		n = 50_000
	}
	for _, paired := range []bool{true, false} {
		name := map[bool]string{true: "the owner is known", false: "nobody is the owner yet"}[paired]
		t.Run(name, func(t *testing.T) {
			if !paired {
				n /= 5 // the same, with a code to guess
			}
			report, err := strangers(program(t), n, paired, rand.Uint64())
			t.Log(report)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func strangers(program string, n int, paired bool, seed uint64) (report string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("seed %d: %w", seed, err)
		}
	}()
	root, err := os.MkdirTemp("", "goals-strangers-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	const commands = 20 // a burst that Telegram takes
	w, err := newWorld(program, root, newPlan(seed, 1, commands))
	if err != nil {
		return "", err
	}
	defer w.close()
	owner := people[0]
	w.settings = []string{fmt.Sprint("ALLOWED_USER_IDS=", owner.ID)}
	if !paired {
		w.settings = []string{"ALLOWED_USER_IDS="}
	}
	w.only = []int64{owner.ID}
	l, err := w.start()
	if err != nil {
		return "", err
	}
	defer l.kill()
	if err := w.polling(l); err != nil {
		return "", err
	}
	began := time.Now()
	crowd := newCrowd(w.telegram, owner, seed)
	if !paired {
		link, err := w.link()
		if err != nil {
			return "", err
		}
		// They guess before the owner does.
		if err := crowd.rush(w, l, n/2); err != nil {
			return "", err
		}
		w.telegram.Say(w.telegram.Private(owner), owner, "/start "+link)
		if err := w.until(l, time.Minute, "the owner is greeted", func() bool {
			w.heardMu.Lock()
			defer w.heardMu.Unlock()
			return slices.ContainsFunc(w.odd, func(text string) bool { return strings.HasPrefix(text, "You are the owner now") })
		}); err != nil {
			return "", err
		}
		w.heardMu.Lock()
		w.odd = w.odd[1:]
		w.heardMu.Unlock()
		if err := w.honest(); err != nil { // somebody else may have been greeted
			return "", err
		}
		n -= n / 2
	}
	w.say(commands / 2)
	if err := w.quiet(l); err != nil {
		return "", err
	}
	before := used(root)
	var slowest time.Duration
	for range commands / 2 {
		if err := crowd.rush(w, l, n/(commands/2)); err != nil {
			return "", err
		}
		asked := time.Now()
		w.say(1)
		said := w.spoken()
		if err := w.until(l, time.Minute, "the owner is answered", func() bool {
			w.heardMu.Lock()
			defer w.heardMu.Unlock()
			return w.heard[said-1] > 0
		}); err != nil {
			return "", err
		}
		slowest = max(slowest, time.Since(asked))
	}
	took := time.Since(began)
	if err := errors.Join(w.honest(), w.settle(l)); err != nil {
		return "", err
	}
	grown := used(root) - before
	report = fmt.Sprintf("seed %d: %d updates of strangers in %v; the owner waited %v at most; the data grew by %d KiB, the log to %d KiB",
		seed, crowd.acts, took.Round(time.Millisecond), slowest.Round(time.Millisecond), grown>>10, w.logSize()>>10)
	if grown > 1<<20 {
		return report, fmt.Errorf("the data grew by %d bytes", grown)
	}
	if i := slices.IndexFunc(crowd.taps, (*telegramtest.Tap).Answered); i >= 0 {
		return report, fmt.Errorf("a stranger's tap was answered")
	}
	if err := l.stop(); err != nil {
		return report, err
	}
	truth, err := palace.OpenReadOnly(context.Background(), filepath.Join(root, "sm", "palace.db"))
	if err != nil {
		return report, err
	}
	defer truth.Close()
	return report, truth.View(context.Background(), func(tx store.Tx) error {
		moved, err := tx.Records(store.MovedRecord)
		if err == nil && len(moved) > 0 {
			err = fmt.Errorf("it is kept where a stranger's group went: %v", moved)
		}
		return err
	})
}

// crowd are strangers: many, and a few who never tire.
type crowd struct {
	telegram *telegramtest.Server
	owner    telegramtest.User
	random   *rand.Rand
	group    telegramtest.Chat
	acts     int
	taps     []*telegramtest.Tap
	last     telegramtest.Message
	lastBy   telegramtest.User
}

func newCrowd(s *telegramtest.Server, owner telegramtest.User, seed uint64) *crowd {
	return &crowd{telegram: s, owner: owner, random: rand.New(rand.NewPCG(seed, 2)),
		group: s.Group(-1007000, "Everybody", telegramtest.Supergroup, owner)}
}

// rush does n things, at the pace at which the bot takes them.
func (c *crowd) rush(w *world, l *life, n int) error {
	for range n {
		c.act()
		if c.acts%100 == 0 {
			if err := w.honest(); err != nil {
				return err
			}
		}
		if c.acts%500 == 0 {
			if err := w.until(l, time.Minute, "the strangers' updates are taken", func() bool { return c.telegram.Pending() < 300 }); err != nil {
				return err
			}
		}
	}
	return nil
}

var attempts = []string{
	"/start", "/help", "/goals", "/goals all", "/addgoal a stranger's goal", "/done 1", "/delete 1 yes", "/undo", "/rename 1 taken over",
	"/note 1 a stranger was here", "/abandon 1", "/restore", "/health", "/cancel", "/unknown", "hello?", "/start@goals_test_bot",
	"/addgoal@goals_test_bot something", "/done@goals_test_bot 1", "/start " + strings.Repeat("A", 22), "/start 0", "/start ../../etc/passwd",
	"\u202e/addgoal nettirw", "/addgoal " + strings.Repeat("long ", 700), "<b>/addgoal</b>", "/addgoal \x00\x01\u200b", "' OR 1=1; --",
}

var forged = []string{
	"undo", "done 1", "done 1 anyway", "delete 1 yes", "goal 1", "goals all", "restore", "health", "addgoal", "addgoal a stranger's goal",
	"mute bad 8h", "", " ", "start AAAAAAAAAAAAAAAAAAAAAA", "\x00", strings.Repeat("x", 64), `{"a":1}`, "undo tg/730000001/1",
}

var poison = []string{
	`{"message":{}}`, `{"message":null}`, `{"message":{"message_id":1,"date":1,"chat":{"id":1001,"type":"private"},"text":"/undo"}}`,
	`{"message":{"message_id":1,"date":1,"from":{"id":0},"chat":{"id":1001,"type":"private"},"text":"/undo"}}`,
	`{"message":{"message_id":1,"date":1,"from":{"id":6666},"sender_chat":{"id":1001,"type":"private"},"chat":{"id":1001,"type":"private"},"text":"/undo"}}`,
	`{"callback_query":{"id":"1","from":{"id":6666},"data":"undo"}}`, `{"callback_query":{"id":"1","data":"undo","message":{"message_id":2,"chat":{"id":1001,"type":"private"}}}}`,
	`{"channel_post":{"message_id":1,"date":1,"chat":{"id":-1001,"type":"channel"},"text":"/undo"}}`,
	`{"edited_message":{"message_id":2,"date":1,"edit_date":2,"from":{"id":6666},"chat":{"id":1001,"type":"private"},"text":"/addgoal mine now"}}`,
	`{"my_chat_member":{"from":{"id":6666},"chat":{"id":6666,"type":"private"}}}`, `{"from_the_future":{"id":1}}`, `{"message":"a string"}`,
	`{"message":{"message_id":"one","from":{"id":"1001"}}}`,
	`{"message":{"message_id":3,"date":1,"from":{"id":6666},"chat":{"id":-5001,"type":"group"},"migrate_to_chat_id":-1005001}}`,
}

func (c *crowd) act() {
	c.acts++
	s := c.telegram
	who := telegramtest.User{ID: int64(2_000_000 + c.random.IntN(40_000)), FirstName: "Stranger"}
	if c.random.IntN(4) == 0 {
		who = telegramtest.User{ID: 6666, FirstName: "Ann", Username: "ann"} // who calls himself like the owner
	}
	own := s.Meet(who)
	text := attempts[c.random.IntN(len(attempts))]
	private := s.Private(c.owner)
	switch c.random.IntN(9) {
	case 0, 1:
		c.last, c.lastBy = s.Say(own, who, text), who
	case 2:
		c.last, c.lastBy = s.Say(c.group, who, strings.Replace(text, " ", "@goals_test_bot ", 1)), who
	case 3:
		s.Say(c.group, who, text, []telegramtest.Option{telegramtest.AsAnonymousAdmin(), telegramtest.AsChannel(-1001), telegramtest.ForwardedFrom("Ann")}[c.random.IntN(3)])
	case 4: // the owner's own message with its own buttons, or any other
		data := forged[c.random.IntN(len(forged))]
		message := c.random.IntN(60)
		if shown := s.Messages(private.ID); len(shown) > 0 {
			m := shown[c.random.IntN(len(shown))]
			message = m.ID
			if len(m.Buttons) > 0 && c.random.IntN(2) == 0 {
				data = m.Buttons[0][0].Data
			}
		}
		c.taps = append(c.taps, s.TapForged(private, who, message, data))
	case 5:
		c.taps = append(c.taps, s.TapForged(own, who, c.random.IntN(100), forged[c.random.IntN(len(forged))]))
	case 6:
		if c.last.ID != 0 {
			_, _ = s.Edit(telegramtest.Chat{ID: c.last.Chat}, c.lastBy, c.last.ID, text) // refused where nothing was altered
		}
	case 7: // guesses, also of what a code may look like
		guess := make([]byte, 22)
		for i := range guess {
			guess[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[c.random.IntN(64)]
		}
		s.Say(own, who, "/start "+string(guess))
	case 8:
		s.Push([]byte(poison[c.random.IntN(len(poison))]))
	}
}

// link is the pairing code that the program printed.
func (w *world) link() (string, error) {
	text, err := os.ReadFile(w.logs.Name())
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`https://t\.me/goals_test_bot\?start=([A-Za-z0-9_-]{22})\n`).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("the program printed no link:\n%s", text)
	}
	return string(found[1]), nil
}

func (w *world) logSize() int64 {
	info, err := os.Stat(w.logs.Name())
	if err != nil {
		return 0
	}
	return info.Size()
}

// used is how many bytes the files below a folder have.
func used(root string) (n int64) {
	_ = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
