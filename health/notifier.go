package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"goalbot/alert"
)

// Notifier tells the outside how goals.json is, by other ways than Telegram: it
// pings a dead man's switch after every check, and posts what becomes of
// alerts. Neither holds anybody up.
type Notifier struct {
	ping, hook string // URLs, which may hold a key; empty means off
	client     *http.Client
	log        *slog.Logger

	healthy atomic.Bool   // as the last check that could tell found it
	pings   chan struct{} // a ping is due
	news    chan struct{} // there may be something to post

	pingsAgain, postsAgain atomic.Uint64 // how often one was tried again
}

// posts are what waits to be posted; it is implemented by Monitor.
type posts interface {
	Posts() []alert.Post // oldest first
	Posted(ctx context.Context, id string)
}

func NewNotifier(ping, webhook string, log *slog.Logger) *Notifier {
	return &Notifier{ping: ping, hook: webhook, log: log,
		client: &http.Client{Timeout: 10 * time.Second, CheckRedirect: noRedirects}, pings: make(chan struct{}, 1), news: make(chan struct{}, 1)}
}

// noRedirects has a redirect be the answer, which is a failure. Followed, a POST
// becomes a GET without its body that somebody answers with 200, and the new
// address gets the old one, with the key in it, as its Referer.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Heard is called after every check, and in place of one that does not come to
// an end. It returns at once. A warning alone is no failure, as it is none for `bot check`
// and /healthz. Where nothing is wrong as far as that could be looked for, there
// is no ping: silence is what a dead man's switch is for.
func (n *Notifier) Heard(found []alert.Finding, unsure []alert.Cause) {
	healthy := !slices.ContainsFunc(found, func(f alert.Finding) bool { return !f.Warning() })
	if !healthy || !slices.ContainsFunc(unsure, func(c alert.Cause) bool { return !c.Warning() }) {
		n.healthy.Store(healthy)
		wake(n.pings)
	}
	wake(n.news)
}

// Posting implements [Listener].
func (n *Notifier) Posting() bool { return n.hook != "" }

// address is what is pinged.
func (n *Notifier) address(healthy bool) string {
	u, err := url.Parse(n.ping)
	if err != nil || healthy {
		return n.ping
	}
	return u.JoinPath("fail").String() // before the query, if there is one
}

// Run pings and posts until ctx ends.
func (n *Notifier) Run(ctx context.Context, waiting posts) {
	var both sync.WaitGroup
	both.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-n.pings:
				if n.ping == "" {
					continue
				}
				address := n.address(n.healthy.Load())
				err := n.try(ctx, &n.pingsAgain, func(ctx context.Context) (*http.Request, error) {
					return http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				}, backoff.WithMaxElapsedTime(30*time.Second)) // the next check pings anew
				if err != nil && ctx.Err() == nil {
					n.log.Error("a ping was given up", "err", err)
				}
			}
		}
	})
	both.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-n.news:
				for n.postFirst(ctx, waiting) {
				}
			}
		}
	})
	both.Wait()
}

// postFirst posts the first that waits, for as long as it takes, and reports
// whether it did.
func (n *Notifier) postFirst(ctx context.Context, waiting posts) bool {
	all := waiting.Posts()
	if len(all) == 0 || !n.Posting() {
		return false
	}
	body, err := json.Marshal(all[0])
	failed := false
	if err == nil {
		err = n.try(ctx, &n.postsAgain, func(ctx context.Context) (*http.Request, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.hook, bytes.NewReader(body))
			if err == nil {
				req.Header.Set("Content-Type", "application/json")
			}
			return req, err
		}, backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, _ time.Duration) {
			if !failed { // once for each
				n.log.Warn("the webhook does not take an alert; it is tried again until it does", "post", all[0].ID, "err", err)
			}
			failed = true
		}))
	}
	switch {
	case err != nil && ctx.Err() == nil:
		n.log.Error("an alert cannot be posted", "post", all[0].ID, "err", err)
		return false
	case err != nil:
		return false // it waits for the next start
	case failed:
		n.log.Info("the webhook takes alerts again", "post", all[0].ID)
	}
	waiting.Posted(context.WithoutCancel(ctx), all[0].ID)
	return true
}

// try makes a request until it is answered with success, and counts how often it had to.
func (n *Notifier) try(ctx context.Context, again *atomic.Uint64, make func(context.Context) (*http.Request, error), how ...backoff.RetryOption) error {
	first := true
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if !first {
			again.Add(1)
		}
		first = false
		req, err := make(ctx)
		if err != nil {
			return struct{}{}, backoff.Permanent(withoutURL(err))
		}
		resp, err := n.client.Do(req)
		if err != nil {
			return struct{}{}, withoutURL(err)
		}
		resp.Body.Close()
		switch {
		case resp.StatusCode/100 == 3: // where it leads to stays out of the log: it may hold the key
			return struct{}{}, fmt.Errorf("HTTP status %d, a redirect, which is not followed; set the address that it leads to", resp.StatusCode)
		case resp.StatusCode/100 != 2:
			return struct{}{}, fmt.Errorf("HTTP status %d", resp.StatusCode)
		}
		return struct{}{}, nil
	}, how...)
	return err
}

// withoutURL takes the URL, which may hold a key, out of an error.
func withoutURL(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}
