//go:build linux

package hard

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"goalbot/cache"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/telegramtest"
)

const token = "123456789:AAHardSuitesTokenThatNobodyMayEverSee"

var people = []telegramtest.User{
	{ID: 1001, FirstName: "Ann"}, {ID: 1002, FirstName: "Bea"}, {ID: 1003, FirstName: "Cid"}, {ID: 1004, FirstName: "Dan"},
}

// world is one bot's surroundings: Telegram, the data, and what was seen.
type world struct {
	program  string
	root     string       // DATA_ROOT
	others   []string     // the DATA_ROOT of other machines with bots
	place    palace.Place // where the truth is
	telegram *telegramtest.Server
	web      *httptest.Server
	plan     *plan
	settings []string // more of them, as NAME=value
	only     []int64  // the chats that may be written to; empty means those of people
	logs     *os.File // what the program says, over all its lives

	mu   sync.Mutex
	said []telegramtest.Message // said[i] carried command i

	polls atomic.Int64

	heardMu  sync.Mutex // never held together with mu, for Telegram holds its own lock around hear
	heard    []int      // how often command i was answered
	odd      []string   // what the bot said that answers none
	failing  bool       // the disk fails, so that it may be unknown what became of a command
	away     bool       // the server of the palace is, so that a command may have to wait
	alerted  bool       // the bot said so to those whom it alerts
	wrong    []error    // what was not true at the moment it was said
	lastSeen int        // how many commands were applied when the dead were looked at last
}

// newWorld makes a world. What is in root stays.
func newWorld(program, root string, p *plan) (*world, error) {
	w := &world{program: program, root: root, place: palace.Place{File: filepath.Join(root, "sm", "palace.db")}, plan: p}
	if p != nil {
		w.heard = make([]int, len(p.commands))
	}
	logs, err := os.CreateTemp("", "goals-hard-*.log")
	if err != nil {
		return nil, err
	}
	w.logs = logs
	w.telegram = telegramtest.New(telegramtest.Config{Token: token, Username: "goals_test_bot", Hold: -1})
	w.web = httptest.NewServer(w.telegram)
	for _, u := range people {
		w.telegram.Meet(u)
	}
	w.telegram.FailIf(w.hear, -1, telegramtest.Fault{})
	return w, nil
}

func (w *world) close() {
	w.telegram.Close()
	w.web.CloseClientConnections()
	w.web.Close()
	w.logs.Close()
	os.Remove(w.logs.Name())
}

// logged is the end of what the program has logged.
func (w *world) logged() string {
	text, _ := os.ReadFile(w.logs.Name())
	if len(text) > 4000 {
		text = text[len(text)-4000:]
	}
	return string(text)
}

// hear listens to what the bot says, at the moment Telegram gets it. It spoils
// nothing, so it never matches.
func (w *world) hear(c telegramtest.Call) bool {
	method := strings.ToLower(c.Method)
	if method == "getupdates" {
		w.polls.Add(1)
	}
	switch method {
	case "getme", "getupdates":
		return false
	}
	if strings.HasPrefix(method, "setmy") || strings.HasPrefix(method, "getmy") || method == "deletemycommands" {
		return false
	}
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	if chat, _ := strconv.ParseInt(c.Params["chat_id"], 10, 64); !w.mayHear(chat) {
		w.wrong = append(w.wrong, fmt.Errorf("the bot called %s for chat %d", c.Method, chat))
	}
	if method != "sendmessage" && method != "editmessagetext" {
		return false
	}
	for _, text := range apart(c.Params["text"]) {
		w.take(text)
	}
	return false
}

// take notes one answer. heardMu is held.
func (w *world) take(text string) {
	if w.plan == nil {
		w.odd = append(w.odd, text)
		return
	}
	i, ok := w.plan.answers(text)
	if !ok && (w.failing && tellsOfFailing(text) || w.tellsOfAway(text)) {
		return
	}
	if !ok {
		w.odd = append(w.odd, text)
		return
	}
	w.heard[i]++
	// Whoever is told of a change finds it in the file.
	if n, err := w.file(); err != nil {
		w.wrong = append(w.wrong, fmt.Errorf("when command %d was answered: %w", i, err))
	} else if n <= i {
		w.wrong = append(w.wrong, fmt.Errorf("command %d was answered when goals.json was at %d", i, n))
	}
}

// tellsOfFailing reports whether a text says nothing that could be false, or is an alert
// that is true, while a disk fails.
func tellsOfFailing(text string) bool {
	return text == handlers.NotKnown().Text || strings.HasPrefix(text, "🚨 The bot's database cannot be written") ||
		strings.HasPrefix(text, "✅ The bot's database can be written again")
}

// tellsOfAway reports whether a text is true while the server of the palace is away, or
// says that this is over. heardMu is held.
func (w *world) tellsOfAway(text string) bool {
	if strings.HasPrefix(text, "🚨 The bot's database could not be checked") {
		w.alerted = w.alerted || w.away
		return w.away || w.alerted && strings.Contains(text, "\n✅ Resolved")
	}
	return w.away && text == handlers.Unreachable().Text || w.alerted && strings.HasPrefix(text, "✅ The bot's database can be checked again")
}

func (w *world) mayHear(chat int64) bool {
	if len(w.only) > 0 {
		return slices.Contains(w.only, chat)
	}
	return slices.ContainsFunc(people, func(u telegramtest.User) bool { return u.ID == chat })
}

// file returns how many commands goals.json has, the most it may: that of the machine
// where it has most.
func (w *world) file() (most int, err error) {
	for _, root := range append([]string{w.root}, w.others...) {
		list, err := cache.New(root).Load()
		if err != nil {
			return 0, err
		}
		n, ok := w.plan.latest[plain(list)]
		if !ok {
			return 0, fmt.Errorf("goals.json says what no command could have made of it: %d goals", len(list))
		}
		most = max(most, n)
	}
	return most, nil
}

// say says the next commands of the plan.
func (w *world) say(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		if len(w.said) == len(w.plan.commands) {
			return
		}
		c := w.plan.commands[len(w.said)]
		from := people[c.member]
		w.said = append(w.said, w.telegram.Say(w.telegram.Private(from), from, c.text))
	}
}

func (w *world) spoken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.said)
}

// key is the one under which the program keeps a command.
func key(m telegramtest.Message) string {
	return fmt.Sprintf("tg/%d/%d", m.Update, m.Date.Unix())
}

// until waits for something that Telegram can see. It fails when the program ends.
func (w *world) until(l *life, most time.Duration, what string, done func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	gone := false
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-l.ended:
			cancel()
		case <-stop:
		}
	}()
	err := w.telegram.Wait(ctx, func() bool { gone = !l.running(); return gone || done() })
	switch {
	case gone || !l.running():
		return fmt.Errorf("the program ended (%w) before %s\n%s", l.err, what, w.logged())
	case err != nil:
		return fmt.Errorf("waited %v in vain until %s\n%s", most, what, w.logged())
	}
	return nil
}

// polling waits until a program that was started asks for updates.
func (w *world) polling(l *life) error {
	return w.until(l, time.Minute, "it polls", func() bool { return w.polls.Load() > l.polls })
}

// quiet waits until all that was said is confirmed and answered.
func (w *world) quiet(l *life) error {
	said := w.spoken()
	err := w.until(l, time.Minute, "everything is confirmed and answered", func() bool {
		if w.telegram.Pending() > 0 {
			return false
		}
		w.heardMu.Lock()
		defer w.heardMu.Unlock()
		return !slices.Contains(w.heard[:said], 0)
	})
	if err != nil {
		w.heardMu.Lock()
		defer w.heardMu.Unlock()
		missing := 0
		for i, n := range w.heard[:said] {
			if n == 0 {
				if missing == 0 {
					err = fmt.Errorf("command %d %q has no answer: %w", i, w.plan.commands[i].text, err)
				}
				missing++
			}
		}
		return fmt.Errorf("%d of %d commands have no answer, %d updates wait: %w", missing, said, w.telegram.Pending(), err)
	}
	return nil
}

// commands are the texts of some.
func (w *world) commands(from, to int) (texts []string) {
	for _, c := range w.plan.commands[max(from, 0):to] {
		texts = append(texts, fmt.Sprintf("%s: %s", people[c.member].FirstName, c.text))
	}
	return texts
}

func (w *world) strays() []string {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	return slices.Clone(w.odd)
}

// settle is the end of a suite: all that was said is done and answered, and
// the program stops as it should.
func (w *world) settle(l *life) error {
	if err := w.quiet(l); err != nil {
		return err
	}
	if err := w.whole(); err != nil {
		return err
	}
	a := w.acknowledged()
	applied, err := w.dead(a)
	if err != nil {
		return err
	}
	if said := w.spoken(); applied != said || len(a.confirmed) != said || len(a.answered) != said {
		return fmt.Errorf("of %d commands %d are applied, %d confirmed, %d answered", said, applied, len(a.confirmed), len(a.answered))
	}
	return w.honest()
}
