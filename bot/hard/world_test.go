//go:build linux

package hard

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/handlers"
	"goalbot/palace"
	"goalbot/store"
	"goalbot/telegramtest"
)

var hard = flag.Bool("hard", false, "run the suites that take minutes, need root, or both")

// named skips a suite that is not part of the ordinary run.
func named(t *testing.T) {
	t.Helper()
	if !*hard {
		t.Skipf("takes long or needs root; run it with: go test ./bot/hard -hard -v -timeout 60m -run '^%s$'", t.Name())
	}
}

// needs skips a suite whose tools are not there.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount file systems")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, which is not installed", tool)
		}
	}
}

// built builds the program, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "goals-hard-")
	if err != nil {
		return "", err
	}
	leftovers = append(leftovers, dir)
	return build(dir)
})

// build builds the program.
func build(dir string, flags ...string) (string, error) {
	path := filepath.Join(dir, "bot")
	cmd := exec.Command("go", append(append([]string{"build", "-buildvcs=false", "-o", path}, flags...), "./bot")...)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

var leftovers []string

func TestMain(m *testing.M) {
	if dir, store, ok := strings.Cut(os.Getenv(sessionsVariable), string(os.PathListSeparator)); ok {
		if err := sessions(dir, store, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "the stand-in for the session manager:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, dir := range leftovers {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

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
	if !ok && w.failing && (text == handlers.NotKnown().Text || strings.HasPrefix(text, "🚨 The bot's database cannot be written") || strings.HasPrefix(text, "✅ The bot's database can be written again")) {
		return // the one says nothing that could be false, and an alert is true
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

// life is one run of the program.
type life struct {
	cmd   *exec.Cmd
	polls int64  // how many there had been before
	lock  string // the file that it locks
	ended chan struct{}
	err   error
}

// start starts the program, behind the command of wrap if there is one.
func (w *world) start(wrap ...string) (*life, error) {
	return w.startAt(w.root, w.web.URL, w.settings, wrap...)
}

// startAt starts the program with that DATA_ROOT, which finds Telegram there.
func (w *world) startAt(root, api string, settings []string, wrap ...string) (*life, error) {
	args := append(slices.Clone(wrap), w.program)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/" // no .env is there
	var ids []string
	for _, u := range people {
		ids = append(ids, strconv.FormatInt(u.ID, 10))
	}
	cmd.Env = append([]string{
		"HOME=" + root, "PATH=" + os.Getenv("PATH"), "TELEGRAM_BOT_TOKEN=" + token, "TELEGRAM_API_URL=" + api,
		"ALLOWED_USER_IDS=" + strings.Join(ids, ","), "DATA_ROOT=" + root, "TIMEZONE=UTC",
	}, settings...)
	cmd.Stdout, cmd.Stderr = w.logs, w.logs
	// A group of its own, so that what wraps the program dies with it; and it dies with the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	polls := w.polls.Load()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &life{cmd: cmd, polls: polls, lock: filepath.Join(root, "sm", "bot.lock"), ended: make(chan struct{})}
	go func() {
		l.err = cmd.Wait()
		close(l.ended)
	}()
	return l, nil
}

// kill ends the program in the middle of whatever it does.
func (l *life) kill() {
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
	<-l.ended
	// Behind strace the program itself ends a moment later, and with it its lock.
	lock, err := os.Open(l.lock)
	if err != nil {
		return
	}
	defer lock.Close()
	for range 1000 {
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// stop asks the program to stop.
func (l *life) stop() error {
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-l.ended:
		return l.err
	case <-time.After(20 * time.Second):
		l.kill()
		return errors.New("the program did not stop when it was told to")
	}
}

func (l *life) running() bool {
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
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

// acks are what the world has been promised at one moment.
type acks struct{ confirmed, answered []int }

// acknowledged says which commands were confirmed to Telegram, and which answered.
func (w *world) acknowledged() acks {
	w.mu.Lock()
	said := slices.Clone(w.said)
	w.mu.Unlock()
	var a acks
	for i, m := range said {
		if w.telegram.IsConfirmed(m.Update) {
			a.confirmed = append(a.confirmed, i)
		}
	}
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	for i, n := range w.heard {
		if n > 0 {
			a.answered = append(a.answered, i)
		}
	}
	return a
}

// dead looks at what a program has left that is not there any more, and returns how
// many commands have been applied.
func (w *world) dead(a acks) (applied int, err error) {
	if applied, err = w.ledger(a); err != nil {
		return 0, err
	}
	copied, err := cache.New(w.root).Load()
	if err != nil {
		return 0, err
	}
	sum := plain(copied)
	if !slices.ContainsFunc(w.plan.after[:applied+1], func(o outcome) bool { return o.plain == sum }) {
		return 0, fmt.Errorf("goals.json says what the list never was in its first %d commands", applied)
	}
	return applied, nil
}

// ledger returns how many commands have been applied: those, each once, in the order
// in which they were said, and nothing else.
func (w *world) ledger(a acks) (applied int, err error) {
	ctx := context.Background()
	status, err := w.place.Status(ctx)
	if err != nil {
		return 0, err
	}
	var list []*goals.Goal
	if status == palace.Existing {
		truth, err := w.place.OpenReadOnly(ctx)
		if err != nil {
			return 0, err
		}
		defer truth.Close()
		err = truth.View(ctx, func(tx store.Tx) (err error) {
			applied, err = w.applied(tx)
			list = tx.List().All()
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if len(list) != w.plan.after[applied].goals || numbered(list) != w.plan.after[applied].numbered {
		return 0, fmt.Errorf("after %d commands, the last %q, the palace should hold %d goals and holds %d, or they say something else\n%s\nfor no command the bot said %q",
			applied, w.commands(applied-5, applied), w.plan.after[applied].goals, len(list), w.logged(), w.strays())
	}
	for what, which := range map[string][]int{"confirmed": a.confirmed, "answered": a.answered} {
		if n := len(which); n > 0 && which[n-1] >= applied {
			return 0, fmt.Errorf("command %d was %s, and only %d are applied", which[n-1], what, applied)
		}
	}
	return applied, nil
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

// applied counts the commands that the palace knows, and reports those that it
// has twice, out of order, or with a gap.
func (w *world) applied(tx store.Tx) (int, error) {
	n, over := w.lastSeen, false
	w.mu.Lock()
	said := slices.Clone(w.said)
	w.mu.Unlock()
	for i := w.lastSeen; i < len(said); i++ {
		events, err := tx.Change(key(said[i]))
		switch {
		case err != nil:
			return 0, err
		case len(events) > 1:
			return 0, fmt.Errorf("command %d is in the palace %d times", i, len(events))
		case len(events) == 0:
			over = true
		case over:
			return 0, fmt.Errorf("command %d is applied, one before it is not", i)
		default:
			n = i + 1
		}
	}
	w.lastSeen = n
	return n, nil
}

// whole checks a program that runs and has nothing to do: the file is the
// palace's projection to the byte, and nothing is left over.
func (w *world) whole() error { return w.wholeAt(w.root) }

func (w *world) wholeAt(root string) error {
	ctx := context.Background()
	truth, err := w.place.OpenReadOnly(ctx)
	if err != nil {
		return err
	}
	defer truth.Close()
	if err := truth.Check(ctx); err != nil {
		return err
	}
	data, err := os.ReadFile(cache.New(root).Path())
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && truth.List().Len() == 0) {
		return err
	}
	if err == nil && !bytes.Equal(data, goaljson.Append(nil, truth.List().All())) {
		return errors.New("goals.json is not what the palace says")
	}
	return swept(root, 0)
}

// swept checks that no temporary file is left but those of one process.
func swept(root string, pid int) error {
	entries, err := os.ReadDir(filepath.Join(root, "sm"))
	if err != nil {
		return err
	}
	own := fmt.Sprintf(".goals.json.tmp.%d.", pid)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(e.Name(), own) {
			return fmt.Errorf("%s is left over", e.Name())
		}
	}
	return nil
}

// honest reports what the bot said that was not so, or that nobody had asked for.
func (w *world) honest() error {
	if silent := w.telegram.Unexpected(); len(silent) > 0 {
		return fmt.Errorf("the bot did what Telegram passes over in silence: %s", silent[0])
	}
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	if len(w.odd) > 0 {
		return fmt.Errorf("the bot said %d times what answers no command, as: %s", len(w.odd), w.odd[0])
	}
	return errors.Join(w.wrong[:min(len(w.wrong), 3)]...)
}

// twice counts the answers that came more than once.
func (w *world) twice() (n int) {
	w.heardMu.Lock()
	defer w.heardMu.Unlock()
	for _, times := range w.heard {
		n += max(0, times-1)
	}
	return n
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
