package browser

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"go.uber.org/goleak"
)

// patience is how long a step may take on a machine that is busy with other
// things. Nothing here waits for time to pass.
const patience = 2 * time.Minute

// phone is the demo's page in a browser.
type phone struct {
	*testing.T
	ctx context.Context
}

// open starts the program and shows its page, on the empty chat. What the
// browser complains of there fails the test.
func open(t *testing.T, environ ...string) *phone {
	t.Helper()
	browser := found(t)
	address := start(t, environ)
	ctx, closeBrowser := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(patience),
		chromedp.Env("TZ=UTC", "HOME="+programs), // it leaves nothing in ours
		chromedp.Flag("no-sandbox", true),        // it shows nothing but our own page, perhaps to root
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(closeBrowser)
	var heard complaints
	ctx, closeTab := chromedp.NewContext(ctx, chromedp.WithListener(heard.listen))
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil { // by itself, since the tab lives no longer than the context of this
		t.Fatal("start the browser:", err)
	}
	t.Cleanup(func() { heard.report(t) }) // before the tab is closed and the program stopped
	p := &phone{t, ctx}
	p.do("open the page", chromedp.EmulateViewport(390, 844), chromedp.Navigate(address))
	return p
}

// complaints are what the browser writes to its console as an error.
type complaints struct {
	mu  sync.Mutex
	all []string
}

func (c *complaints) listen(event any) {
	var what string
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		what = fmt.Sprint("the page throws ", event.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError {
			what = "the page reports an error:"
			for _, arg := range event.Args {
				what += fmt.Sprintf(" %s%s", arg.Value, arg.Description)
			}
		}
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			what = fmt.Sprintf("the browser reports %s: %s", event.Entry.URL, event.Entry.Text)
		}
	}
	if what != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, what)
	}
}

func (c *complaints) report(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, what := range c.all {
		t.Error(what)
	}
}

// found is the browser's path.
func found(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no browser: none of", strings.Join(names, ", "), "is in the PATH")
	return ""
}

// start runs the demo until the test ends, and returns its address.
func start(t *testing.T, environ []string) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "demo")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append([]string{"HOME=" + home, "TMPDIR=" + home, "TIMEZONE=UTC", "HEALTH_CRON=@every 1s"}, environ...)
	cmd.Dir = home // where no .env is
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was interrupted
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "http://127.0.0.1:") {
			return line
		}
	}
	t.Fatal("the demo prints no address")
	return ""
}

const tree = "../../.."

var programs string // the folder of what is built here

// built builds the program, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	// go test keeps the result until a file changes that the test itself has
	// looked at; what it builds is made of all of these.
	_ = filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		return nil // what cannot be read, the build will tell
	})
	path := filepath.Join(programs, "bot")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./bot")
	cmd.Dir = tree
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "goals-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

func (p *phone) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.Fatalf("%s: %v; shown is\n%s", what, err, shown)
	}
}

// until waits for a function of the page to return true.
func (p *phone) until(what, function string, args ...any) {
	p.Helper()
	p.do(what, chromedp.PollFunction[chromedp.Void](function, chromedp.WithPollingArgs(args...), chromedp.WithPollingTimeout(patience/2)))
}

// press clicks what a selector and a part of its words name, once it is there
// and nothing lies over it. Looking and clicking are one step, because the page
// may draw a message anew at any time.
func (p *phone) press(selector, words string) {
	p.Helper()
	p.until(fmt.Sprintf("press %s %q", selector, words), `(selector, words = "") => { // chromedp leaves out what is empty
		const it = [...document.querySelectorAll(selector)].findLast((e) => e.textContent.includes(words));
		if (!it || it.disabled) return false;
		it.scrollIntoView({ block: "nearest" });
		const box = it.getBoundingClientRect();
		const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		if (!it.contains(top)) return false;
		it.click();
		return true;
	}`, selector, words)
}

// key presses a key of the keyboard. What a key writes comes with its being
// pressed, so that the page can keep it from being written; chromedp's own
// KeyEvent writes it all the same.
func (p *phone) key(key rune) {
	p.Helper()
	k := kb.Keys[key]
	event := input.DispatchKeyEventParams{Key: k.Key, Code: k.Code, WindowsVirtualKeyCode: k.Windows, NativeVirtualKeyCode: k.Native}
	down, up := event, event
	down.Type, down.Text, up.Type = kb.KeyDown, k.Text, kb.KeyUp
	p.do("press "+k.Key, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, e := range []input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

// write puts words where the cursor is.
func (p *phone) write(text string) {
	p.Helper()
	p.do("write", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// say writes a message and sends it.
func (p *phone) say(text string) {
	p.Helper()
	p.do("begin to write", chromedp.Focus(chromedp.CSS("#words")))
	p.write(text)
	p.press("#send", "")
	p.until("send", `() => document.querySelector("#words").value === ""`)
}

// hear waits until the newest message is the bot's and has these words.
func (p *phone) hear(words string) {
	p.Helper()
	p.until(fmt.Sprintf("hear %q", words), `(words) => {
		const last = document.querySelector("#messages > li:last-child.theirs .text");
		return last !== null && last.textContent.includes(words);
	}`, words)
}

// tap presses a button of the newest message.
func (p *phone) tap(label string) {
	p.Helper()
	p.press("#messages > li:last-child .key", label)
}

// scheme is "light" or "dark".
func (p *phone) scheme(name string) {
	p.Helper()
	p.do("turn "+name, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
}
