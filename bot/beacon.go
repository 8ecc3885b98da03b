package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"goalbot/health"
)

// beacon tells the outside how goals.json is, by other ways than Telegram: it
// pings a dead man's switch after every check, and posts what becomes of
// alerts. Neither holds anybody up.
type beacon struct {
	ping, hook Secret // URLs; empty means off
	path       string // of goals.json
	client     *http.Client
	log        *slog.Logger

	pings chan bool      // whether the last check was sound; a newer one replaces it
	posts chan alertPost // oldest first; a full queue drops
}

// alertPost is the body of a POST to the webhook.
type alertPost struct {
	Kind   string       `json:"kind"` // firing, reminder, flapping or resolved
	Cause  health.Cause `json:"cause"`
	Text   string       `json:"text"` // all of it in words
	Path   string       `json:"path"`
	Since  time.Time    `json:"since"`
	Lasted float64      `json:"lasted_seconds"`
}

func newBeacon(c Config, path string, log *slog.Logger) *beacon {
	return &beacon{ping: c.HealthcheckPingURL, hook: c.AlertWebhookURL, path: path, log: log,
		client: &http.Client{Timeout: 10 * time.Second}, pings: make(chan bool, 1), posts: make(chan alertPost, 100)}
}

// heard is called after every check and returns at once.
func (b *beacon) heard(found []health.Finding, notices []health.Notice) {
	if b.ping != "" {
		select {
		case <-b.pings: // nobody needs the older one any more
		default:
		}
		b.pings <- len(found) == 0
	}
	if b.hook == "" {
		return
	}
	for _, n := range notices {
		p := alertPost{Kind: n.Kind.String(), Cause: n.Alert.Cause, Text: n.Words(b.path), Path: b.path, Since: n.Alert.Since, Lasted: n.Lasted.Seconds()}
		select {
		case b.posts <- p:
		default:
			b.log.Error("the webhook is too far behind; an alert is not posted there", "cause", p.Cause)
		}
	}
}

// run pings and posts until ctx ends.
func (b *beacon) run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case sound := <-b.pings:
				address := string(b.ping)
				if !sound {
					address += "/fail"
				}
				b.try(ctx, "ping", 30*time.Second, func(ctx context.Context) (*http.Request, error) {
					return http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				})
			}
		}
	})
	both.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case p := <-b.posts:
				b.try(ctx, "webhook", time.Hour, func(ctx context.Context) (*http.Request, error) {
					body, err := json.Marshal(p)
					if err != nil {
						return nil, err
					}
					req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(b.hook), bytes.NewReader(body))
					if err == nil {
						req.Header.Set("Content-Type", "application/json")
					}
					return req, err
				})
			}
		}
	})
	both.Wait()
}

// try makes a request until it is answered with success, for that long at most.
func (b *beacon) try(ctx context.Context, what string, most time.Duration, make func(context.Context) (*http.Request, error)) {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		req, err := make(ctx)
		if err != nil {
			return struct{}{}, backoff.Permanent(withoutURL(err))
		}
		resp, err := b.client.Do(req)
		if err != nil {
			return struct{}{}, withoutURL(err)
		}
		resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			return struct{}{}, fmt.Errorf("HTTP status %d", resp.StatusCode)
		}
		return struct{}{}, nil
	}, backoff.WithMaxElapsedTime(most))
	if err != nil && ctx.Err() == nil {
		b.log.Error("a "+what+" was given up", "err", err)
	}
}

// withoutURL takes the URL, which may hold a key, out of an error.
func withoutURL(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}
