package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"goalbot/bot/config"
	"goalbot/bot/demo"
	"goalbot/cache"
	"goalbot/health"
	"goalbot/schedule"
	"goalbot/securefile"
	"goalbot/telegramtest"
)

// demoUser is the one who sits before the page. Others read the name.
var demoUser = telegramtest.User{ID: 1000001, FirstName: "Alex", LanguageCode: "en"}

// demoGuest is a second person, a stranger until somebody lets him in.
var demoGuest = telegramtest.User{ID: 1000002, FirstName: "Sam", LanguageCode: "en"}

// demoClock is the wall clock of everybody in the demo, which the page can move ahead.
type demoClock struct {
	zone  *time.Location
	mu    sync.Mutex
	ahead time.Duration
}

func (c *demoClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// move moves the clock ahead and says what it shows then.
func (c *demoClock) move(to demo.Move) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Add(c.ahead).In(c.zone)
	then := now.Add(time.Hour)
	switch to {
	case demo.Day:
		then = now.AddDate(0, 0, 1)
	case demo.Monday:
		days := (int(time.Monday-now.Weekday()) + 7) % 7
		if then = time.Date(now.Year(), now.Month(), now.Day()+days, 9, 0, 0, 0, c.zone); !then.After(now) {
			then = then.AddDate(0, 0, 7)
		}
	}
	c.ahead += then.Sub(now)
	return "In the demo it is " + then.Format("Monday 2 January 15:04") + " now.", nil
}

// demoSchedule checks often enough that nobody waits long for the alert.
const demoSchedule = "@every 10s"

// runDemo runs the same bot against a stand-in for Telegram on loopback, with
// a page in the browser for a phone.
func runDemo(ctx context.Context, c config.Config, l health.Limits, stdout, stderr io.Writer) error {
	if !c.Given("DATA_ROOT") {
		dir, err := os.MkdirTemp("", "goals-demo-")
		if err != nil {
			return fmt.Errorf("make a folder for the demo's data: %w", err)
		}
		defer os.RemoveAll(dir)
		c.DataRoot, c.PalaceURL, c.FolderNote, c.FolderWarning = dir, "", "", ""
	}
	if !c.Given("HEALTH_CRON") {
		schedule, err := schedule.Parse(demoSchedule, c.Location)
		if err != nil {
			return err
		}
		c.HealthCron = schedule
	}
	file := cache.New(c.DataRoot)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open a port on this machine: %w", err)
	}
	address := "http://" + listener.Addr().String()
	// Other users of this machine reach the port as well: they have neither the key nor the token.
	key, token := demo.NewKey(), demo.NewToken()
	clock := &demoClock{zone: c.Location}
	standIn := telegramtest.New(telegramtest.Config{Token: token, Username: "goals_demo_bot", Name: "Goals", Now: clock.now})
	c.Token, c.TelegramAPIURL = config.Secret(token), address
	c.AllowedUserIDs, c.AlertChatIDs = []int64{demoUser.ID}, nil
	// Monitoring of the real bot must not get the alerts of the demo, nor take the demo
	// for it.
	c.HealthcheckPingURL, c.AlertWebhookURL, c.HTTPAddr = "", "", ""
	standIn.Meet(demoUser) // so that the first alert can be sent before anything was typed

	page := demoPage(ctx, c, file, standIn, key, clock)
	// Long polls and the page's stream of events take their time to answer.
	closeWeb := serveOn(listener, &http.Server{Handler: demo.WithTelegram(standIn, page), ReadHeaderTimeout: 10 * time.Second}, NewLog(stderr, c))
	defer closeWeb()
	defer standIn.Close()
	var naming sync.WaitGroup
	calling, stop := context.WithCancel(ctx)
	naming.Go(func() { nameDemo(calling, c, standIn, address+key.Path(), stdout) })
	err = runBot(ctx, c, l, clock.now, new(supervisor), false, stdout, stderr)
	stop()
	naming.Wait()
	return err
}

// demoPage is the phone in the browser, with a group and its buttons that break
// goals.json.
func demoPage(ctx context.Context, c config.Config, file *cache.File, standIn *telegramtest.Server, key demo.Key, clock *demoClock) http.Handler {
	group := standIn.Group(-1001000003, "Family", telegramtest.Forum, demoUser, demoGuest)
	return demo.New(demo.Options{
		Key: key, Server: standIn, User: demoUser, Guest: demoGuest,
		Group: group, Topic: standIn.Topic(group, demoUser, "Garden"), TopicName: "Garden",
		Path: file.Path(), CheckEvery: c.HealthCron.Words(), Done: ctx.Done(),
		Corrupt:    func() (string, error) { return corrupt(file.Place()) },
		MoveClock:  clock.move,
		DeleteFile: func() (string, error) { return "goals.json was deleted.", missing(os.Remove(file.Path())) },
		File:       func() ([]byte, error) { return securefile.Read(file.Place(), cache.MaxSize) },
	})
}

// nameDemo prints the link when the bot behind the page has come so far as to
// call Telegram, which it does not where its database cannot be read.
func nameDemo(ctx context.Context, c config.Config, standIn *telegramtest.Server, link string, out io.Writer) {
	if standIn.Wait(ctx, func() bool { return len(standIn.CallsTo("getMe")) > 0 }) != nil {
		return
	}
	fmt.Fprintf(out, "The demo runs. Open this in a browser:\n\n  %s\n\nWhoever has this link can use it. Its data is in %s\nCtrl-C ends it.\n", link, c.DataRoot)
	if c.Given("DATA_ROOT") {
		fmt.Fprintln(out, "DATA_ROOT is set, so this is your real list: what you break on the page is really broken there.")
	}
}

// corrupt damages goals.json as a program does that is cut off while it writes
// in place.
func corrupt(path string) (string, error) {
	f, err := securefile.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", missing(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	kept := info.Size() * 2 / 3
	if err := f.Truncate(kept); err != nil {
		return "", err
	}
	return fmt.Sprintf("goals.json was cut off after %d of its %d bytes.", kept, info.Size()), nil
}

// missing says what to do where there is nothing to damage.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no goals.json; add a goal or type /restore to create it")
	}
	return err
}
