// Package telegram is the only one that knows Telegram: it calls the Bot API,
// polls for updates, turns them into requests, and sends what waits in the
// outbox. It is built on telegram-bot-api for the form of calls; the poll loop,
// the deadlines and the handling of errors are its own.
package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	callDeadline   = 15 * time.Second
	uploadDeadline = 2 * time.Minute
	maxBody        = 32 << 20 // a full batch of 100 updates of at most 64 KiB each, and then some
)

// Client calls the Bot API. Its errors never hold the token.
type Client struct {
	token string
	base  string
	http  *http.Client
}

// NewClient takes the base URL of the Bot API, without a slash at its end.
func NewClient(base, token string) *Client {
	// The library logs to a package variable, and its own words may hold the token.
	_ = tgbotapi.SetLogger(log.New(io.Discard, "", 0))
	return &Client{token: token, base: base, http: &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     90 * time.Second,
		},
		// A redirect would carry the token to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call calls a method and returns its result. The deadline covers all of it,
// the last byte of the answer included.
func (c *Client) call(ctx context.Context, method string, params tgbotapi.Params, deadline time.Duration) (json.RawMessage, error) {
	return c.do(ctx, method, deadline, func(api *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return api.MakeRequest(method, params)
	})
}

// upload is call with a file.
func (c *Client) upload(ctx context.Context, method string, params tgbotapi.Params, file tgbotapi.RequestFile) (json.RawMessage, error) {
	return c.do(ctx, method, uploadDeadline, func(api *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return api.UploadFiles(method, params, []tgbotapi.RequestFile{file})
	})
}

func (c *Client) do(ctx context.Context, method string, deadline time.Duration, send func(*tgbotapi.BotAPI) (*tgbotapi.APIResponse, error)) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	via := &transport{ctx: ctx, http: c.http}
	api := &tgbotapi.BotAPI{Token: c.token, Client: via}
	api.SetAPIEndpoint(c.base + "/bot%s/%s")
	resp, err := send(api)
	if err == nil {
		return resp.Result, nil
	}
	err = stripURL(err)
	var refused *tgbotapi.Error
	if errors.As(err, &refused) && refused.Code == 0 {
		refused.Code = via.status // UploadFiles leaves it out
	}
	return nil, fmt.Errorf("%s: %w", method, err)
}

// StatusError is an answer that is none of the Bot API's: a gateway's error
// page, or nothing at all.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("no answer of the Bot API, HTTP status %d", e.Code)
}

// transport is the library's way out: it gives a call its context and takes
// the URL, which holds the token, out of errors.
type transport struct {
	ctx    context.Context
	http   *http.Client
	status int
}

// Do implements tgbotapi.HTTPClient.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	resp, err := t.http.Do(req.WithContext(t.ctx))
	if err != nil {
		return nil, stripURL(err)
	}
	defer resp.Body.Close()
	t.status = resp.StatusCode
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read answer: %w", stripURL(err))
	case len(body) > maxBody:
		return nil, fmt.Errorf("read answer: more than %d bytes", maxBody)
	case !answers(body):
		return nil, &StatusError{Code: resp.StatusCode}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// answers reports whether a body is an answer of the Bot API, which always
// says "ok" (Bot API, Making requests).
func answers(body []byte) bool {
	var answer struct {
		OK *bool `json:"ok"`
	}
	return json.Unmarshal(body, &answer) == nil && answer.OK != nil
}

// stripURL takes out of an error what holds the URL.
func stripURL(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}

// What a failed call means for the one who called.
type class int

const (
	transient    class = iota // the network, a gateway, the server: try again
	flood                     // too many calls: wait as long as told
	unauthorized              // the token is wrong or has been revoked
	conflict                  // somebody else polls with this token
	webhook                   // a webhook is set
	gone                      // this chat cannot be written to any more
	migrated                  // the group has become a supergroup with another id
	unchanged                 // the message says this already
	noMessage                 // the message to edit is not there any more
	noThread                  // the topic is not there any more
	badEntities               // the formatting was refused
	refused                   // the call itself is wrong; trying again would not help
)

// classify reads an error of [Client.call]. The texts are the Bot API's own;
// it has no finer codes.
func classify(err error) (class, *tgbotapi.Error) {
	var e *tgbotapi.Error // the library returns a pointer; a value would never match
	if !errors.As(err, &e) {
		var status *StatusError
		if errors.As(err, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusNotFound) {
			return unauthorized, nil
		}
		return transient, nil
	}
	text := strings.ToLower(e.Message)
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case e.RetryAfter > 0 || e.Code == http.StatusTooManyRequests:
		return flood, e
	case e.MigrateToChatID != 0:
		return migrated, e
	case e.Code == http.StatusUnauthorized || e.Code == http.StatusNotFound:
		return unauthorized, e
	case e.Code == http.StatusConflict && has("webhook"):
		return webhook, e
	case e.Code == http.StatusConflict:
		return conflict, e
	case e.Code == http.StatusForbidden, has("chat not found"), has("user is deactivated"), has("group chat was deleted"), has("bot was kicked"), has("not enough rights to send"):
		return gone, e
	case e.Code >= 500:
		return transient, e
	case has("message is not modified"):
		return unchanged, e
	case has("message to edit not found"), has("message can't be edited"):
		return noMessage, e
	case has("message thread not found"):
		return noThread, e
	case has("can't parse entities"):
		return badEntities, e
	}
	return refused, e
}
