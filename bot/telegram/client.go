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
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

const (
	callDeadline   = 15 * time.Second
	uploadDeadline = 2 * time.Minute
	maxBody        = 10 << 20 // a full batch of 100 updates of at most 64 KiB each, and then some
)

// Client calls the Bot API. Its errors never hold the token.
type Client struct {
	Calls   Counts        // of the Bot API's methods
	Retries atomic.Uint64 // how often a message was to be sent again
	Polling Polling       // what is known of the poll loop
	// Allowed says before every call whether it may be made, as another bot may lead.
	// It is set before the first call; nil is always.
	Allowed func() bool

	older older // what the server does not know

	base  string
	token string
	http  *http.Client
}

// silence stops the library's log: it is one for the whole process, and its
// words may hold the token.
var silence = sync.OnceFunc(func() { _ = tgbotapi.SetLogger(log.New(io.Discard, "", 0)) })

// NewClient takes the base URL of the Bot API, without a slash at its end.
func NewClient(base, token string) *Client {
	silence()
	return &Client{base: base, token: token, http: &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			// All calls share one connection of HTTP/2. Where its other end has
			// vanished without a word, only a ping can tell.
			HTTP2:               &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
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
	result, err := c.doOnce(ctx, method, deadline, send)
	c.Calls.add(method, outcome(err))
	return result, err
}

func (c *Client) doOnce(ctx context.Context, method string, deadline time.Duration, send func(*tgbotapi.BotAPI) (*tgbotapi.APIResponse, error)) (json.RawMessage, error) {
	if c.Allowed != nil && !c.Allowed() {
		return nil, &callError{method: method, text: "another bot may lead, so this one is silent"}
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	via := &transport{ctx: ctx, http: c.http, url: c.base + "/bot" + c.token + "/" + method}
	api := &tgbotapi.BotAPI{Client: via} // it learns neither the address nor the token
	api.SetAPIEndpoint("/%s%s")
	resp, err := send(api)
	if err == nil {
		return resp.Result, nil
	}
	err = stripURL(err)
	var refused *tgbotapi.Error
	var status *StatusError
	switch {
	case errors.As(err, &refused):
		if refused.Code == 0 {
			refused.Code = via.status // UploadFiles leaves it out
		}
		refused.Message = c.redact(refused.Message)
		// The server says so too when it is restarted in the middle of a call.
		return nil, &callError{method: method, text: err.Error(), err: err, unsure: refused.Code >= 500}
	case errors.As(err, &status):
		// A gateway that got no good answer does not know what became of the
		// call; one that is too busy has not passed it on (RFC 9110, 15.6).
		return nil, &callError{method: method, text: err.Error(), err: err, unsure: status.Code >= 500 && status.Code != http.StatusServiceUnavailable}
	default:
		text := c.redact(err.Error())
		if text != err.Error() {
			err = errors.New(text)
		}
		return nil, &callError{method: method, text: text, err: err, unsure: via.written.Load()}
	}
}

// redact takes out the token that somebody has put into words of theirs, as a
// redirect to a mangled address does.
func (c *Client) redact(text string) string {
	if c.token == "" {
		return text
	}
	text = strings.ReplaceAll(text, c.token, "TOKEN")
	if _, secret, found := strings.Cut(c.token, ":"); found && secret != "" {
		text = strings.ReplaceAll(text, secret, "TOKEN")
	}
	return text
}

// callError is a failed call. Its text never holds the token.
type callError struct {
	method string
	text   string
	err    error
	unsure bool // Telegram had the whole call, and may have acted on it
}

func (e *callError) Error() string { return e.method + ": " + e.text }

func (e *callError) Unwrap() error { return e.err }

// mayHaveSent reports whether a new message may be in the chat although the
// call failed. What else a call does may be done twice without harm.
func mayHaveSent(err error) bool {
	var e *callError
	return errors.As(err, &e) && e.unsure && strings.HasPrefix(e.method, "send") && e.method != "sendChatAction"
}

// arrived reports whether Telegram had all of a call that failed without its
// answer.
func arrived(err error) bool {
	var e *callError
	return errors.As(err, &e) && e.unsure
}

// StatusError is an answer that is none of the Bot API's: a gateway's error
// page, or nothing at all.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("no answer of the Bot API, HTTP status %d", e.Code)
}

// transport is the library's way out for one call: it gives the call its
// address and its context.
type transport struct {
	ctx     context.Context
	http    *http.Client
	url     string
	status  int
	written atomic.Bool // all of the call has left, so that it may take effect
}

// Do implements tgbotapi.HTTPClient.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	address, err := url.Parse(t.url)
	if err != nil {
		req.Body.Close() // an upload is written by a goroutine that waits for its reader
		return nil, err
	}
	req.URL, req.Host = address, address.Host
	ctx := httptrace.WithClientTrace(t.ctx, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { t.written.Store(info.Err == nil) },
	})
	resp, err := t.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	t.status = resp.StatusCode
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read answer: %w", err)
	case len(body) > maxBody:
		return nil, fmt.Errorf("read answer: more than %d bytes", maxBody)
	case !answers(body), resp.StatusCode/100 == 3:
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

// stripURL takes out of an error what holds the URL, and with it the token.
func stripURL(err error) error {
	for {
		var with *url.Error
		if !errors.As(err, &with) {
			return err
		}
		err = with.Err
	}
}
