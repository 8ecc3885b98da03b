package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Call is one request the bot made.
type Call struct {
	Serial int               // 1 for the first
	Method string            // as the bot wrote it
	Params map[string]string // every one, also those the Bot API does not know; nested ones as JSON
	At     time.Time         // by Config.Now
	Faulty bool              // a Fault spoiled the answer
	Done   bool              // false while the call waits, as a long poll does
	Status int               // HTTP status; 0 if there was no answer (yet)
}

// An upload is a file sent with a call.
type upload struct {
	name string
	data []byte
}

// Calls are the calls the bot made so far, in the order they came; at most the last 20,000.
func (s *Server) Calls() []Call {
	return s.CallsTo("")
}

// CallsTo are the calls of one method. The empty name means every method.
func (s *Server) CallsTo(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if method == "" || strings.EqualFold(method, c.Method) {
			copied := *c
			copied.Params = maps.Clone(c.Params)
			calls = append(calls, copied)
		}
	}
	return calls
}

// Wait returns as soon as done says so. It asks again after every change, and gives up when ctx ends. done may call any
// method of the server.
func (s *Server) Wait(ctx context.Context, done func() bool) error {
	for {
		changed := s.Changed()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Server) begin(q *query) *Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	call := &Call{Serial: s.serial, Method: q.name, Params: q.params, At: s.cfg.Now()}
	if len(s.calls) >= keepCalls {
		s.calls = slices.Delete(s.calls, 0, keepCalls/10)
	}
	s.calls = append(s.calls, call)
	s.touch()
	return call
}

func (s *Server) finish(call *Call, out reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.done(out)
	s.touch()
}

func (c *Call) done(out reply) { c.Done, c.Status = true, out.status }

// A query is a call as the methods see it.
type query struct {
	name   string // as written
	method string // in lower case
	params map[string]string
	files  map[string]upload
}

// maxRequest is what Telegram takes in one request: a file of 50 MB and its form.
const maxRequest = 50<<20 + 1<<20

// readQuery takes parameters from the address, a form, a multipart form or a JSON object, as Bot API «Making requests»
// allows.
func readQuery(w http.ResponseWriter, r *http.Request, method string) (*query, *refusal) {
	q := &query{name: method, method: strings.ToLower(method), params: map[string]string{}, files: map[string]upload{}}
	q.add(r.URL.Query())
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return q, &refusal{Code: 405, Description: "Method Not Allowed"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return q, &refusal{Code: 413, Description: "Request Entity Too Large"}
		}
		return q, bad("can't read the request")
	}
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return q, bad("can't parse the form")
		}
		q.add(form)
	case "multipart/form-data":
		if !q.addMultipart(body, options["boundary"]) {
			return q, bad("can't parse the multipart form")
		}
	case "application/json":
		if !q.addJSON(body) {
			return q, bad("can't parse JSON object")
		}
	}
	return q, nil
}

func (q *query) add(values url.Values) {
	for name, all := range values {
		if len(all) > 0 {
			q.params[name] = all[0]
		}
	}
}

func (q *query) addMultipart(body []byte, boundary string) bool {
	form, err := multipartForm(bytes.NewReader(body), boundary)
	if err != nil {
		return false
	}
	q.add(form.values)
	maps.Copy(q.files, form.files)
	return true
}

func (q *query) addJSON(body []byte) bool {
	if len(bytes.TrimSpace(body)) == 0 {
		return true
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	for name, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			q.params[name] = text
		default:
			q.params[name] = string(raw)
		}
	}
	return true
}

func (q *query) str(name string) string { return q.params[name] }

// int is lenient as Telegram is: what is not a number is 0.
func (q *query) int(name string) int64 { return leadingInt(q.params[name]) }

func (q *query) bool(name string) bool {
	switch strings.ToLower(q.params[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// leadingInt is the number a text begins with.
func leadingInt(text string) int64 {
	end := 0
	for end < len(text) && ('0' <= text[end] && text[end] <= '9' || end == 0 && text[end] == '-') {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
