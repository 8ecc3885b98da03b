package demo_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"goalbot/bot/demo"
	"goalbot/telegramtest"
)

var person = telegramtest.User{ID: 42, FirstName: "Alex", LanguageCode: "en"}

// stage is a phone and the Telegram behind it. The bot is played by the test.
type stage struct {
	t        *testing.T
	telegram *telegramtest.Server
	page     http.Handler
}

func set(t *testing.T, o demo.Options) *stage {
	t.Helper()
	o.Key = key
	o.Server, o.User = telegramtest.New(telegramtest.Config{Hold: -1}), person
	t.Cleanup(o.Server.Close)
	return &stage{t, o.Server, demo.New(o)}
}

const key demo.Key = "a-key-that-the-tests-alone-know"

// ask is a request of a browser that has opened the page.
func ask(method, path, body string) *http.Request {
	r := stranger(method, path, body)
	r.AddCookie(&http.Cookie{Name: key.CookieName(), Value: string(key)})
	return r
}

// stranger is a request of one who has not the key.
func stranger(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", "http://localhost:8080")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (s *stage) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.page.ServeHTTP(w, r)
	return w
}

func (s *stage) post(path, body string, want int) map[string]any {
	s.t.Helper()
	w := s.do(ask("POST", path, body))
	if w.Code != want {
		s.t.Fatalf("POST %s %s: %d %s, want %d", path, body, w.Code, w.Body, want)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		s.t.Errorf("POST %s: Cache-Control %q", path, got)
	}
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatalf("POST %s: %v in %s", path, err, w.Body)
	}
	return answer
}

// bot calls a method of the Bot API.
func (s *stage) bot(method string, params url.Values) string {
	s.t.Helper()
	r := httptest.NewRequest("POST", "/bot"+telegramtest.DefaultToken+"/"+method, strings.NewReader(params.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.telegram.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", method, w.Code, w.Body)
	}
	return w.Body.String()
}

func (s *stage) updates() string {
	return s.bot("getUpdates", url.Values{"timeout": {"0"}, "offset": {"0"}})
}

// watch opens a window and returns its events as they come.
func (s *stage) watch() (next func(kind string) string) {
	s.t.Helper()
	return s.watchScene("")
}

// watchScene opens a window on a scene.
func (s *stage) watchScene(scene string) (next func(kind string) string) {
	s.t.Helper()
	server := httptest.NewServer(s.page)
	s.t.Cleanup(server.Close)
	response := s.open(server.URL + "/demo/events" + scene)
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		s.t.Fatalf("Content-Type %q", kind)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return func(kind string) string {
		s.t.Helper()
		for event := ""; lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				event = value
			case name == "data" && event == kind:
				return value
			}
		}
		s.t.Fatalf("the stream ended without %q: %v", kind, lines.Err())
		return ""
	}
}

// open asks for an address over the network, with the key.
func (s *stage) open(address string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: key.CookieName(), Value: string(key)})
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { response.Body.Close() })
	return response
}

type messages struct {
	Reset    bool
	Older    int
	Order    []int
	Messages []struct {
		ID       int
		Mine     bool
		Edited   bool
		Text     string
		Entities []telegramtest.Entity
		Document *struct {
			Name string
			Size int
		}
	}
}

func decode(t *testing.T, text string) messages {
	t.Helper()
	var m messages
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}
