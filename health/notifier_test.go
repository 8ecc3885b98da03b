package health

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"goalbot/alert"
)

// Broken on purpose: a /fail behind the query, a warning that fails the ping,
// and a slot that was drained and sent into, which two callers got stuck at.

func TestAFailedCheckIsPingedAtThePath(t *testing.T) {
	for address, want := range map[string]string{
		"https://ping.example/key":              "https://ping.example/key/fail",
		"https://ping.example/key/":             "https://ping.example/key/fail",
		"https://ping.example/key?of=goals":     "https://ping.example/key/fail?of=goals",
		"https://ping.example/a%2Fb/?x=1&y=%20": "https://ping.example/a%2Fb/fail?x=1&y=%20",
		"https://ping.example":                  "https://ping.example/fail",
	} {
		b := NewNotifier(address, "", slog.New(slog.DiscardHandler))
		if got := b.address(true); got != address {
			t.Errorf("sound: %s becomes %s", address, got)
		}
		if got := b.address(false); got != want {
			t.Errorf("not sound: %s becomes %s, want %s", address, got, want)
		}
	}
}

func TestHeardNeverBlocks(t *testing.T) {
	b := NewNotifier("https://ping.example/key", "", slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 100 { // nobody pings meanwhile
		all.Go(func() {
			for range 100 {
				b.Heard([]alert.Finding{{Cause: alert.Malformed}}, nil)
			}
		})
	}
	all.Wait()
	for cause, want := range map[alert.Cause]bool{alert.Malformed: false, alert.Leftovers: true, alert.DiskLow: true, alert.Silent: false} {
		if b.Heard([]alert.Finding{{Cause: cause}}, nil); b.healthy.Load() != want {
			t.Errorf("%s alone is sound: %v", cause, !want)
		}
	}
}

// While nobody could look whether the bot's database is OK, a dead man's switch was
// told that all is well.
func TestWhatNobodyCouldLookForIsNotPingedAsSound(t *testing.T) {
	for _, tt := range []struct {
		found  []alert.Finding
		unsure []alert.Cause
		pinged bool
	}{
		{nil, nil, true},
		{nil, []alert.Cause{alert.PalaceDamaged}, false},
		{nil, []alert.Cause{alert.DiskLow, alert.BackupsFailing}, true}, // warnings, if they are there at all
		{[]alert.Finding{{Cause: alert.Malformed}}, []alert.Cause{alert.PalaceDamaged}, true},
	} {
		b := NewNotifier("https://ping.example/key", "", slog.New(slog.DiscardHandler))
		if b.Heard(tt.found, tt.unsure); (len(b.pings) == 1) != tt.pinged {
			t.Errorf("found %v, unsure of %v: pinged is not %v", tt.found, tt.unsure, tt.pinged)
		}
	}
}

// waitingPost is one piece of news that waits until it is taken.
type waitingPost struct {
	mu    sync.Mutex
	posts []alert.Post
}

func (w *waitingPost) Posts() []alert.Post {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.posts
}

func (w *waitingPost) Posted(context.Context, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = nil
}

// After a 301 the webhook was sent a GET without the alert, which somebody
// answered with 200, and the alert counted as delivered. A 307 led to another
// host, with the key of the ping in the Referer. Broken on purpose: without
// noRedirects all of these go red.
func TestNoRedirectIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			noRedirectIsFollowed(t, status)
		})
	}
}

func noRedirectIsFollowed(t *testing.T, status int) {
	tries := make(chan string, 100)
	say := func(s string) {
		select {
		case tries <- s:
		default:
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		say("elsewhere " + r.Method + ", Referer " + r.Header.Get("Referer"))
	}))
	defer elsewhere.Close()
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Redirect(w, r, elsewhere.URL+"/with/secret-key", status)
		say(r.Method)
	}))
	defer outside.Close()

	var log bytes.Buffer
	var logging sync.Mutex
	b := NewNotifier(outside.URL+"/ping/secret-key", outside.URL+"/hook/secret-key",
		slog.New(slog.NewTextHandler(lockedWriter{&logging, &log}, nil)))
	waits := &waitingPost{posts: []alert.Post{{ID: "1", Text: "It is broken."}}}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { b.Run(ctx, waits) })
	b.Heard(nil, nil)
	for asked := map[string]int{}; asked["GET"] < 2 || asked["POST"] < 2; { // each is tried again, so the first was a failure
		try := <-tries
		if strings.HasPrefix(try, "elsewhere") {
			t.Error(try)
			break
		}
		asked[try]++
	}
	stop()
	all.Wait()
	if len(waits.Posts()) == 0 {
		t.Error("an alert that nobody took counts as posted")
	}
	if text := log.String(); strings.Contains(text, "secret-key") || !strings.Contains(text, "a redirect, which is not followed") {
		t.Errorf("the log says %s", text)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	to io.Writer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
