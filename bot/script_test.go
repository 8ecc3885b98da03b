package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"goalbot/bot/config"
	"goalbot/health"
	"goalbot/postgrestest"
	"goalbot/telegramtest"
)

// The scripts in testdata/script run the real program against the stand-in for
// Telegram, over real HTTP, and read like the chats that they check.

const testToken = "123456789:AAScriptCanaryTokenThatNobodyMayEverSee"

func TestMain(m *testing.M) {
	// Scripts wait most of the time. -parallel says otherwise.
	_ = flag.Set("test.parallel", strconv.Itoa(max(6, 2*runtime.GOMAXPROCS(0))))
	nervous := hasty()
	nervous.PollStalled = 4 * time.Second // a poll that has nothing to say takes longer
	testscript.Main(leakless{m}, map[string]func(){
		"bot":     main,
		"hasty":   func() { os.Exit(execute(hasty())) },
		"nervous": func() { os.Exit(execute(nervous)) },
		"moved":   moved,
	})
}

// patience is how long a script waits for what the program is to do. Only one
// that fails takes so long.
const patience = 2 * time.Minute

// leakless fails where a test leaves a goroutine behind.
type leakless struct{ *testing.M }

func (m leakless) Run() int {
	code := m.M.Run()
	postgrestest.StopShared()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// hasty are limits for a script that waits until something is a fault. How much
// room there is on the disk stands in the file room in the working directory,
// as soon as there is one; a FIFO there is a disk that hangs. The kind of a remote
// file system stands in the file filesystem.
func hasty() health.Limits {
	l := health.DefaultLimits()
	l.TokenConflict, l.OutboxStuck, l.Silent, l.Watch = 6*time.Second, 3*time.Second, 3*time.Second, 500*time.Millisecond
	l.Room = func(dir string) (uint64, bool) {
		data, err := os.ReadFile("room")
		if err != nil {
			return health.FreeSpace(dir)
		}
		mebibytes, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
		return mebibytes << 20, err == nil
	}
	l.Remote = func(dir string) string {
		kind, _ := os.ReadFile("filesystem")
		return strings.TrimSpace(string(kind))
	}
	return l
}

// moved is the bot with a clock of its own for people: it is ahead by what stands in the
// file clock in the working directory, as soon as there is one.
func moved() {
	ctx, stop := untilSignal("run")
	defer stop()
	c, err := config.Load(os.Environ(), "")
	if err == nil {
		err = runBot(ctx, c, health.DefaultLimits(), func() time.Time {
			data, _ := os.ReadFile("clock")
			ahead, _ := time.ParseDuration(strings.TrimSpace(string(data)))
			return time.Now().Add(ahead)
		}, new(supervisor), false, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
}

func TestScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts stop the program with SIGTERM, which no program can send on Windows")
	}
	p := scripts(nil)
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// scripts are the parameters of scripts. more adds to the environment of each.
func scripts(more func(*testscript.Env)) testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			p := newPhone(env)
			env.Values[phoneKey{}] = p
			env.Vars = append(env.Vars,
				"TELEGRAM_BOT_TOKEN="+testToken,
				"TELEGRAM_API_URL="+p.url,
				"ALLOWED_USER_IDS="+strconv.FormatInt(owner.ID, 10),
				"DATA_ROOT="+filepath.Join(env.WorkDir, "data"),
				"GOALS="+filepath.Join(env.WorkDir, "data", "sm", "goals.json"),
				"HEALTH_CRON=@every 1s",
				"OUTSIDE="+p.outside.url,
				"FREE_ADDR="+freeAddress(env),
				"TIMEZONE=UTC",
			)
			if more != nil {
				more(env)
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"say":      command((*phone).say),
			"send":     command((*phone).send),
			"picture":  command((*phone).picture),
			"save":     command((*phone).save),
			"edit":     command((*phone).edit),
			"reply":    command((*phone).reply),
			"quote":    command((*phone).quote),
			"forward":  command((*phone).forward),
			"tap":      command((*phone).tap),
			"forge":    command((*phone).forge),
			"remember": command((*phone).remember),
			"late":     command((*phone).late),
			"hear":     command((*phone).hear),
			"both":     command((*phone).both),
			"ask":      command((*phone).ask),
			"shows":    command((*phone).shows),
			"silence":  command((*phone).silence),
			"reacted":  command((*phone).reacted),
			"unsaid":   command((*phone).unsaid),
			"telegram": command((*phone).telegram),
			"received": command((*phone).received),
			"outside":  command((*phone).switchOutside),
			"posted":   command((*phone).posted),
			"chatter":  command((*phone).chatter),
			"answer":   command((*phone).answer),
			"rich":     command((*phone).rich),
			"album":    command((*phone).album),
			"media":    command((*phone).media),
			"service":  command((*phone).service),
			"topic":    command((*phone).topics),
			"storm":    storm,
			"fetch":    fetch,
			"meets":    meets,
			"checks":   checks,
			"sigterm":  sigterm,
			"profile":  askForProfiles,
			"replace":  replaceInFile,
			"twice":    twice,
			"notoken":  noToken,
			"palace":   palaceSQL,
		},
	}
}

// The people of the scripts. What they are called says what they are.
var (
	owner    = telegramtest.User{ID: 1001, FirstName: "Owner"}
	editor   = telegramtest.User{ID: 2002, FirstName: "Editor", Username: "edi_tor"}
	viewer   = telegramtest.User{ID: 2001, FirstName: "Viewer"}
	stranger = telegramtest.User{ID: 6666, FirstName: "Stranger"}

	everybody = map[string]telegramtest.User{"owner": owner, "editor": editor, "viewer": viewer, "stranger": stranger}
)

const (
	groupID = -4001
	forumID = -1004002
)

type phoneKey struct{}

// phone is a script's view of Telegram.
type phone struct {
	server *telegramtest.Server
	url    string
	group  telegramtest.Chat
	topic  int           // in the forum, once it was needed
	heard  map[int]bool  // what the bot said, by the serial of its call
	said   map[int64]int // id of what a person said last in their private chats
	turned []turned      // the lists that were tapped

	old struct { // a button that was seen
		message int
		data    string
	}

	outside *outside
}

// turned is a tap that is answered by the list in the place of a message.
type turned struct {
	chat    int64
	message int
	after   int // the serial of the last call before it
}

func newPhone(env *testscript.Env) *phone {
	p := &phone{server: telegramtest.New(telegramtest.Config{Token: testToken, Username: "goals_test_bot"}), heard: map[int]bool{}, said: map[int64]int{}}
	web := httptest.NewServer(p.server)
	env.Defer(func() {
		if silent := p.server.Unexpected(); len(silent) > 0 {
			env.T().Fatal("the bot did what Telegram passes over in silence:\n" + strings.Join(silent, "\n"))
		}
	})
	env.Defer(func() {
		p.server.Close()
		web.CloseClientConnections()
		web.Close()
	})
	p.url = web.URL
	p.outside = newOutside(env)
	p.server.Meet(owner)
	p.group = p.server.Group(groupID, "A group", telegramtest.BasicGroup, owner, editor, viewer, stranger)
	return p
}

// command makes a command of a script from a method.
func command(f func(*phone, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		f(ts.Value(phoneKey{}).(*phone), ts, args)
	}
}

// say [who] [group|topic] words... says something to the bot; \n begins a new
// line, and the word link alone opens the newest link that lets people in.
func (p *phone) say(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args, options)
}

// reply [who] [group|topic] pattern words... answers the newest message of the
// bot's there that matches.
func (p *phone) reply(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args[1:], append(options, p.replyTo(ts, chat, args[0])))
}

// replyTo answers the newest message of the bot's in a chat that matches.
func (p *phone) replyTo(ts *testscript.TestScript, chat telegramtest.Chat, pattern string) telegramtest.Option {
	for _, m := range slices.Backward(p.server.Messages(chat.ID)) {
		if m.FromBot && regexp.MustCompile(pattern).MatchString(m.Text+m.Caption) {
			return telegramtest.ReplyTo(m.ID)
		}
	}
	ts.Fatalf("the bot says nothing like %q there", pattern)
	return nil
}

// forward [who] name words... forwards what somebody of that name said.
func (p *phone) forward(ts *testscript.TestScript, args []string) {
	from, chat, options, args := p.who(args)
	p.speak(ts, from, chat, args[1:], append(options, telegramtest.ForwardedFrom(args[0])))
}

func (p *phone) speak(ts *testscript.TestScript, from telegramtest.User, chat telegramtest.Chat, words []string, options []telegramtest.Option) {
	text := strings.ReplaceAll(strings.Join(words, " "), `\n`, "\n")
	if text == "link" {
		text = p.link(ts)
	}
	m := p.server.Say(chat, from, text, options...)
	if from.ID == chat.ID {
		p.said[from.ID] = m.ID
	}
}

// send [who] [group] file [caption...] sends a file to the bot.
func (p *phone) send(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	if len(args) == 0 {
		ts.Fatalf("usage: send file [caption...]")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	p.server.SendDocument(chat, from, filepath.Base(args[0]), data, strings.Join(args[1:], " "))
}

// save file keeps the last file that the bot sent to the owner.
func (p *phone) save(ts *testscript.TestScript, args []string) {
	messages := p.server.Messages(p.server.Private(owner).ID)
	for i := len(messages) - 1; i >= 0; i-- {
		if m := messages[i]; m.FromBot && m.Document != nil {
			if m.Document.Name != filepath.Base(args[0]) {
				ts.Fatalf("the file is called %q", m.Document.Name)
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), m.Document.Data, 0o600))
			return
		}
	}
	ts.Fatalf("the bot has sent no file")
}

// picture checks that the last message of the bot to the owner shows a picture
// as wide as a phone.
func (p *phone) picture(ts *testscript.TestScript, args []string) {
	m, _ := p.server.Last(p.server.Private(owner).ID)
	if m.Photo == nil {
		ts.Fatalf("there is no picture with %q", m.Text)
	}
	c, err := png.DecodeConfig(bytes.NewReader(m.Photo.Data))
	ts.Check(err)
	if c.Width < 1000 || c.Height < 800 {
		ts.Fatalf("the picture has %d by %d pixels", c.Width, c.Height)
	}
}

// link is what a phone sends when a link is opened: the newest that the bot
// said, or else the one that the program printed into the file stdout.log.
func (p *phone) link(ts *testscript.TestScript) string {
	text := ""
	for _, c := range p.spoken() {
		text += c.text + "\n"
	}
	if !strings.Contains(text, "?start=") {
		data, err := os.ReadFile(ts.MkAbs("stdout.log"))
		ts.Check(err)
		text = string(data)
	}
	found := regexp.MustCompile(`https://t\.me/goals_test_bot\?start=([A-Za-z0-9_-]{22})\n`).FindAllStringSubmatch(text, -1)
	if found == nil {
		ts.Fatalf("no link in:\n%s", text)
	}
	return "/start " + found[len(found)-1][1]
}

// edit [who] words... alters what they said last in their private chat.
func (p *phone) edit(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	if _, err := p.server.Edit(chat, from, p.said[from.ID], strings.Join(args, " ")); err != nil {
		ts.Fatalf("edit: %v", err)
	}
}

// tap [who] [group|topic] label presses a button on the newest message there
// that shows one like that.
func (p *phone) tap(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	m, b := p.button(ts, chat, args)
	p.turn(chat.ID, m, b.Data)
	if _, err := p.server.Tap(chat, from, m, b.Text); err != nil {
		ts.Fatalf("tap: %v", err)
	}
}

// forge who label presses a button in the owner's private chat, which only a
// hostile client can reach, and in the own one, as if it were there too.
func (p *phone) forge(ts *testscript.TestScript, args []string) {
	from, chat, _, args := p.who(args)
	m, b := p.button(ts, p.server.Private(owner), args)
	p.server.TapForged(p.server.Private(owner), from, m, b.Data)
	p.server.TapForged(chat, from, m, b.Data)
}

func (p *phone) button(ts *testscript.TestScript, chat telegramtest.Chat, args []string) (message int, b telegramtest.Button) {
	label := regexp.MustCompile(strings.Join(args, " "))
	messages := p.server.Messages(chat.ID)
	for i := len(messages) - 1; i >= 0; i-- {
		for _, row := range messages[i].Buttons {
			for _, b := range row {
				if label.MatchString(b.Text) {
					return messages[i].ID, b
				}
			}
		}
	}
	ts.Fatalf("no message shows a button like %q", label)
	return 0, b
}

// remember label keeps the button of the newest message that shows one like
// that, for late to press.
func (p *phone) remember(ts *testscript.TestScript, args []string) {
	label := regexp.MustCompile(strings.Join(args, " "))
	for _, m := range slices.Backward(p.server.Messages(p.server.Private(owner).ID)) {
		for _, row := range m.Buttons {
			for _, b := range row {
				if label.MatchString(b.Text) {
					p.old.message, p.old.data = m.ID, b.Data
					return
				}
			}
		}
	}
	ts.Fatalf("no message shows a button like %q", label)
}

// turn notes a tap that shows a list.
func (p *phone) turn(chat int64, message int, data string) {
	if strings.HasPrefix(data, "goals") || strings.HasPrefix(data, "mode ") && strings.HasSuffix(data, " goals") {
		p.turned = append(p.turned, turned{chat, message, len(p.server.Calls())})
	}
}

// late presses the button that was remembered, though the message may no
// longer show it.
func (p *phone) late(ts *testscript.TestScript, args []string) {
	p.turn(owner.ID, p.old.message, p.old.data)
	p.server.TapForged(p.server.Private(owner), owner, p.old.message, p.old.data)
}

// hear [who|group] pattern waits for the next message of the bot, or the next
// edit of one, and matches its text; with a name, for the next in that chat.
// Nothing is skipped: what the bot says must be heard.
func (p *phone) hear(ts *testscript.TestScript, args []string) {
	chat := int64(0)
	if len(args) == 2 {
		if chat = everybody[args[0]].ID; args[0] == "group" {
			chat = p.group.ID
		}
		args = args[1:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: hear [who|group] pattern")
	}
	pattern := regexp.MustCompile("(?s)" + args[0])
	text := p.next(ts, chat, args[0])
	if !pattern.MatchString(text) {
		ts.Fatalf("the bot says:\n%s\nexpected:\n%s", text, args[0])
	}
	ts.Logf("heard: %s", text)
}

// both pattern pattern hears the next two things that the bot says, in either
// order: what a tap does to its message may come before what was said earlier.
func (p *phone) both(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: both pattern pattern")
	}
	expected := args[0] + "\n" + args[1]
	first, second := p.next(ts, 0, expected), p.next(ts, 0, expected)
	a, b := regexp.MustCompile("(?s)"+args[0]), regexp.MustCompile("(?s)"+args[1])
	if !(a.MatchString(first) && b.MatchString(second)) && !(a.MatchString(second) && b.MatchString(first)) {
		ts.Fatalf("the bot says:\n%s\n%s\nexpected in either order:\n%s", first, second, expected)
	}
	ts.Logf("heard: %s\n%s", first, second)
}

// next waits for the next thing that the bot says, in a chat unless that is 0.
func (p *phone) next(ts *testscript.TestScript, chat int64, expected string) string {
	var next spoken
	unheard := func() bool {
		for _, next = range p.spoken() {
			if !p.heard[next.serial] && (chat == 0 || next.chat == chat) {
				return true
			}
		}
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, unheard); err != nil {
		ts.Fatalf("the bot says nothing; expected %q", expected)
	}
	p.heard[next.serial] = true
	return next.text
}

// reacted emoji waits until the bot has put that on a message in the group.
func (p *phone) reacted(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: reacted emoji")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, func() bool {
		return slices.ContainsFunc(p.server.Messages(p.group.ID), func(m telegramtest.Message) bool { return m.Reaction == args[0] })
	}); err != nil {
		ts.Fatalf("the bot puts no %s on a message", args[0])
	}
}

// ask pattern words... says the same to the bot until it answers like that: it
// may not know yet.
func (p *phone) ask(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile("(?s)" + args[0])
	text := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		p.say(ts, args[1:])
		if text = p.next(ts, 0, args[0]); pattern.MatchString(text) {
			ts.Logf("heard: %s", text)
			return
		}
	}
	ts.Fatalf("the bot says:\n%s\nexpected:\n%s", text, args[0])
}

// shows pattern waits until a message in the owner's chat reads like that now:
// an alert is edited as its state changes, whenever there is time for it.
func (p *phone) shows(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: shows pattern")
	}
	pattern := regexp.MustCompile("(?s)" + args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := p.server.Wait(ctx, func() bool {
		return slices.ContainsFunc(p.server.Messages(owner.ID), func(m telegramtest.Message) bool { return pattern.MatchString(m.Text) })
	})
	if err != nil {
		for _, m := range p.server.Messages(owner.ID) {
			ts.Logf("%d: %s", m.ID, m.Text)
		}
		ts.Fatalf("no message reads like %q", args[0])
	}
}

// unsaid pattern checks that the bot has never said anything like that.
func (p *phone) unsaid(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile("(?s)" + args[0])
	for _, c := range p.server.Calls() {
		if text := c.Params["text"]; pattern.MatchString(text) {
			ts.Fatalf("the bot has said:\n%s", text)
		}
	}
}

// silence waits until the bot has confirmed everything and checks that it has
// said nothing that was not heard.
func (p *phone) silence(ts *testscript.TestScript, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.server.Wait(ctx, func() bool { return p.server.Pending() == 0 }); err != nil {
		ts.Fatalf("the bot does not confirm its updates")
	}
	for _, s := range p.spoken() {
		if !p.heard[s.serial] {
			ts.Fatalf("the bot says, unasked:\n%s", s.text)
		}
	}
}

// chatter least most waits until the bot has said that much that was not heard
// yet, checks that it has not said more than that, and takes it for heard.
func (p *phone) chatter(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: chatter least most")
	}
	least, err1 := strconv.Atoi(args[0])
	most, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		ts.Fatalf("chatter: %v", err)
	}
	var said []spoken
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := p.server.Wait(ctx, func() bool {
		said = slices.DeleteFunc(p.spoken(), func(s spoken) bool { return p.heard[s.serial] })
		return len(said) >= least
	})
	var texts []string
	for _, s := range said {
		p.heard[s.serial] = true
		texts = append(texts, s.text)
	}
	if err != nil || len(said) > most {
		ts.Fatalf("the bot said something %d times, not %d to %d:\n%s", len(said), least, most, strings.Join(texts, "\n--\n"))
	}
}

// storm file duration writes nonsense into a file in place, each time another,
// 170 times a second.
func storm(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: storm file duration")
	}
	lasts, err := time.ParseDuration(args[1])
	ts.Check(err)
	end := time.After(lasts)
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		case <-time.After(time.Second / 170):
			// No two say the same: the alert of one would be the alert of the other.
			ts.Check(os.WriteFile(args[0], fmt.Appendf(nil, "[%d", i), 0o600))
		}
	}
}

// telegram fail method kind times, telegram failto who kind, telegram heal method,
// telegram migrate ...
func (p *phone) telegram(ts *testscript.TestScript, args []string) {
	faults := map[string]telegramtest.Fault{
		"unauthorized": telegramtest.Unauthorized(),
		"badgateway":   telegramtest.ServerErrorHTML(502),
		"cut":          telegramtest.CutBody(),
		"eof":          telegramtest.EOF(),
		"flood":        telegramtest.TooManyRequests(1),
		"blocked":      telegramtest.Blocked(),
		"emptyatonce":  telegramtest.EmptyAtOnce(),
		"conflict":     telegramtest.Conflict409(),
		"gateway":      telegramtest.ServerErrorJSON(502),
		"restart":      telegramtest.Restart().After(),
		"sentdeleted":  telegramtest.SentAndDeleted(),
		"editedgone":   telegramtest.EditedButGone(),
		"nowrite":      telegramtest.NoWriteAccess(),
		"noreply":      telegramtest.ReplyIDInvalid(),
		"topicclosed":  telegramtest.TopicClosed(),
		"nofile":       telegramtest.Status(400, "Bad Request: wrong file identifier/HTTP URL specified"),
		"reaction":     telegramtest.Status(400, "Bad Request: REACTION_INVALID"),
	}
	switch {
	case len(args) == 4 && args[0] == "fail":
		fault, ok := faults[args[2]]
		times, err := strconv.Atoi(args[3])
		if !ok || err != nil {
			ts.Fatalf("telegram fail: no fault %q %q", args[2], args[3])
		}
		p.server.Fail(args[1], times, fault)
	case len(args) == 3 && args[0] == "failto":
		// Whatever is sent to their private chat, until telegram heal ''.
		chat := strconv.FormatInt(everybody[args[1]].ID, 10)
		p.server.FailIf(func(c telegramtest.Call) bool { return c.Params["chat_id"] == chat }, -1, faults[args[2]])
	case len(args) == 2 && args[0] == "heal":
		p.server.Heal(args[1])
	case len(args) == 1 && args[0] == "migrate":
		p.group = p.server.MigrateGroup(groupID, groupID-1_000_000_000_000)
	case len(args) == 2 && args[0] == "redeliver":
		n, _ := strconv.Atoi(args[1])
		p.server.Redeliver(n)
	case len(args) == 2 && (args[0] == "rang" || args[0] == "silent"):
		// Whether the newest message with such a text made a sound.
		quiet, found := "", false
		for _, c := range p.server.CallsTo("sendMessage") {
			if regexp.MustCompile(args[1]).MatchString(c.Params["text"]) {
				quiet, found = c.Params["disable_notification"], true
			}
		}
		if !found || (quiet == "true") != (args[0] == "silent") {
			ts.Fatalf("the message: found %v, silent %q", found, quiet)
		}
	case len(args) == 2 && args[0] == "called":
		// Waits until the bot has called that method.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.server.Wait(ctx, func() bool { return len(p.server.CallsTo(args[1])) > 0 }); err != nil {
			ts.Fatalf("the bot never calls %s", args[1])
		}
	default:
		ts.Fatalf("telegram: cannot %q", args)
	}
}

// who reads who speaks and where; the owner, in private, where nothing is said.
func (p *phone) who(args []string) (from telegramtest.User, chat telegramtest.Chat, options []telegramtest.Option, rest []string) {
	from = owner
	if len(args) > 0 && everybody[args[0]].ID != 0 {
		from, args = everybody[args[0]], args[1:]
	}
	chat = p.server.Private(from)
	switch {
	case len(args) > 0 && args[0] == "group":
		chat, args = p.group, args[1:]
	case len(args) > 0 && args[0] == "topic":
		chat, args = p.server.Group(forumID, "A forum", telegramtest.Forum, owner, editor, viewer, stranger), args[1:]
		if p.topic == 0 {
			p.topic = p.server.Topic(chat, owner, "Plans")
		}
		options = append(options, telegramtest.InThread(p.topic))
	}
	return from, chat, options, args
}

// spoken is one thing that the bot said.
type spoken struct {
	serial int // of the call
	chat   int64
	text   string
}

// aList is how a list begins.
var aList = regexp.MustCompile(`^([A-Z][a-z ]+ goals|Goals [a-z ]+|Found)( ·|:)|^No goals yet`)

// spoken is what the bot has said so far and Telegram has taken, to anybody,
// each edit as a message of its own, but for those of alerts and of lists that
// nobody has tapped, which come when there is time for them: see shows.
func (p *phone) spoken() []spoken {
	var all []spoken
	taps := slices.Clone(p.turned)
	byItself := func(i int, c telegramtest.Call) bool {
		if c.Method != "editMessageText" || !aList.MatchString(c.Params["text"]) {
			return false
		}
		tap := slices.IndexFunc(taps, func(t turned) bool {
			return strconv.FormatInt(t.chat, 10) == c.Params["chat_id"] && strconv.Itoa(t.message) == c.Params["message_id"] && t.after <= i
		})
		if tap >= 0 {
			taps = slices.Delete(taps, tap, tap+1)
		}
		return tap < 0
	}
	for i, c := range p.server.Calls() {
		if c.Status != 200 || c.Method == "editMessageText" && strings.HasPrefix(c.Params["text"], "🚨") || byItself(i, c) {
			continue
		}
		chat, _ := strconv.ParseInt(c.Params["chat_id"], 10, 64)
		switch c.Method {
		case "sendMessage", "editMessageText":
			all = append(all, spoken{c.Serial, chat, c.Params["text"]})
		case "sendDocument", "sendPhoto", "sendVideo", "sendAudio", "sendVoice", "sendAnimation":
			all = append(all, spoken{c.Serial, chat, c.Params["caption"]})
		}
	}
	return all
}

// sigterm asks every program in the background to stop.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	for _, c := range ts.BackgroundCmds() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			ts.Fatalf("signal: %v", err)
		}
	}
}

// replaceInFile file old new replaces text in a file in place, as a person
// with an editor would.
func replaceInFile(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace file old new")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(data), args[1], args[2])), 0o600))
}

// twice file old new adds a copy of the one goal of goals.json that says new
// where it says old, in place and as a person with an editor would: with the
// id and the times as they were.
func twice(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: twice file old new")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	goal := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(string(data), "["), "]"))
	if !strings.Contains(goal, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte("["+strings.Replace(goal, args[1], args[2], 1)+",\n"+goal+"]"), 0o600))
}

// palaceSQL statement... does something to the palace behind everybody's back,
// as a disk does that flips bits.
func palaceSQL(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(alterDatabase(ts.MkAbs("data/sm/palace.db"), args...))
}

// alterDatabase runs statements on a database, each of which must change something.
func alterDatabase(path string, statements ...string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=writable_schema(1)")
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range statements {
		result, err := db.Exec(statement)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 && !strings.HasPrefix(statement, "CREATE") && !strings.HasPrefix(statement, "PRAGMA") && !strings.HasPrefix(statement, "DROP") {
			return fmt.Errorf("%s: changes nothing (%v)", statement, err)
		}
	}
	return nil
}

// noToken checks that nothing that the program wrote holds the token: its
// output so far, and every file below the work directory.
func noToken(ts *testscript.TestScript, neg bool, args []string) {
	secret := strings.Split(testToken, ":")[1]
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), secret) {
			ts.Fatalf("%s holds the token", name)
		}
	}
	err := filepath.WalkDir(ts.MkAbs("."), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && strings.Contains(string(data), secret) {
			err = fmt.Errorf("%s holds the token", path)
		}
		return err
	})
	ts.Check(err)
}

// outside is a server that only remembers what it was asked.
type outside struct {
	url string

	mu       sync.Mutex
	requests []string
	down     bool // it cannot be reached
	heard    int
	changed  chan struct{}
}

func newOutside(env *testscript.Env) *outside {
	o := &outside{changed: make(chan struct{})}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasPrefix(r.URL.Path, "/hang") {
			defer func() { <-r.Context().Done() }()
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.down {
			panic(http.ErrAbortHandler)
		}
		if strings.HasPrefix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if strings.HasPrefix(r.URL.Path, "/flaky") && len(o.requests) == 0 {
			w.WriteHeader(http.StatusBadGateway) // the first time only
		}
		o.requests = append(o.requests, fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
		close(o.changed)
		o.changed = make(chan struct{})
	}))
	env.Defer(web.Close)
	o.url = web.URL
	return o
}

// switchOutside down|up lets the server outside be out of reach, or not.
func (p *phone) switchOutside(ts *testscript.TestScript, args []string) {
	if len(args) != 1 || args[0] != "down" && args[0] != "up" {
		ts.Fatalf("usage: outside down|up")
	}
	p.outside.mu.Lock()
	defer p.outside.mu.Unlock()
	p.outside.down = args[0] == "down"
}

// received pattern waits for a request to the server outside that matches;
// those before it are passed over.
func (p *phone) received(ts *testscript.TestScript, args []string) {
	pattern := regexp.MustCompile(args[0])
	o := p.outside
	for deadline := time.After(patience); ; {
		o.mu.Lock()
		changed := o.changed
		for ; o.heard < len(o.requests); o.heard++ {
			if pattern.MatchString(o.requests[o.heard]) {
				ts.Logf("received: %s", o.requests[o.heard])
				o.heard++
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			ts.Fatalf("nothing like %q was received, but %q", args[0], o.requests)
		}
	}
}

// posted n checks that so many posts were received in all, each with an id of
// its own.
func (p *phone) posted(ts *testscript.TestScript, args []string) {
	p.outside.mu.Lock()
	defer p.outside.mu.Unlock()
	ids := map[string]bool{}
	for _, r := range p.outside.requests {
		if id := regexp.MustCompile(`^POST .*"id":"([^"]+)"`).FindStringSubmatch(r); id != nil {
			ids[id[1]] = true
		}
	}
	if n := strconv.Itoa(len(ids)); n != args[0] || n != strconv.Itoa(len(p.outside.requests)) {
		ts.Fatalf("%s posts were received:\n%s", n, strings.Join(p.outside.requests, "\n"))
	}
}

// fetch url pattern gets a page, whatever its status, as "<status> <body>".
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	got := fmt.Sprintf("%d %s", resp.StatusCode, body)
	if regexp.MustCompile(args[1]).MatchString(got) == neg {
		ts.Fatalf("%s answers:\n%s", args[0], got)
	}
}

// meets url pattern waits until a page is as fetch would have it.
func meets(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: meets url pattern")
	}
	pattern := regexp.MustCompile(args[1])
	got := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(args[0])
		if err != nil {
			continue // the program has not begun to serve
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got = fmt.Sprintf("%d %s", resp.StatusCode, body); err == nil && pattern.MatchString(got) {
			return
		}
	}
	ts.Fatalf("%s never answers like %q, but:\n%s", args[0], args[1], got)
}

// freeAddress is an address on loopback that nobody listened on a moment ago.
// Where it can it is one of its own, so that no connection of anybody takes its
// port before the program does.
func freeAddress(env *testscript.Env) string {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+rand.N(254), rand.N(256), 1+rand.N(254)))
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		env.T().Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// checks n waits until goals.json was looked at n more times, and what was to be
// said about it has been queued. The program must serve at FREE_ADDR.
func checks(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: checks n")
	}
	more, err := strconv.Atoi(args[0])
	ts.Check(err)
	count := regexp.MustCompile(`(?m)^goalbot_check_duration_seconds_count\{.*\} (\d+)$`)
	until := -1
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get("http://" + ts.Getenv("FREE_ADDR") + "/metrics")
		if err != nil {
			continue // the program has not begun to serve
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		n := 0
		for _, found := range count.FindAllStringSubmatch(string(body), -1) {
			looks, err := strconv.Atoi(found[1])
			ts.Check(err)
			n += looks
		}
		if until < 0 {
			until = n + more + 1 // one is under way perhaps, and what came of a look is done when the next begins
		}
		if n >= until {
			return
		}
	}
	ts.Fatalf("goals.json is no longer being checked")
}
