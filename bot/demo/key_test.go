package demo_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"goalbot/bot/demo"
	"goalbot/telegramtest"
)

// All requests of a table are made for every route that there is; a route without a guard would be one that answers.
func TestNoRouteIsOpenWithoutTheKey(t *testing.T) {
	file := func() ([]byte, error) { t.Error("goals.json was read"); return nil, nil }
	harm := func() (string, error) { t.Error("something was broken"); return "", nil }
	done := make(chan struct{})
	close(done) // an open stream would end at once
	s := set(t, demo.Options{File: file, Corrupt: harm, DeleteFile: harm, Done: done})
	s.telegram.Say(s.telegram.Private(person), person, "hello", telegramtest.AsPhoto())
	patterns := demo.Patterns(demo.Options{Server: s.telegram, User: person})
	if len(patterns) < 14 {
		t.Fatalf("%d routes", len(patterns))
	}
	wildcard := regexp.MustCompile(`\{[^}]*\}`)
	for _, pattern := range patterns {
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = "GET", pattern+"nothing"
		}
		path = strings.ReplaceAll(path, "{$}", "")
		path = wildcard.ReplaceAllString(path, "1")
		if strings.HasSuffix(path, "/page/") {
			path += "main.js"
		}
		for name, change := range map[string]func(*http.Request){
			"no key":          func(*http.Request) {},
			"another key":     func(r *http.Request) { r.URL.RawQuery = "key=" + string(demo.NewKey()) },
			"an empty key":    func(r *http.Request) { r.URL.RawQuery = "key=" },
			"half of the key": func(r *http.Request) { r.URL.RawQuery = "key=" + string(key[:10]) },
			"another cookie": func(r *http.Request) {
				r.AddCookie(&http.Cookie{Name: key.CookieName(), Value: string(demo.NewKey())})
			},
			"an empty cookie": func(r *http.Request) { r.AddCookie(&http.Cookie{Name: key.CookieName()}) },
			"a cookie of another run": func(r *http.Request) {
				r.AddCookie(&http.Cookie{Name: demo.NewKey().CookieName(), Value: string(key)})
			},
		} {
			r := stranger(method, path, `{}`)
			change(r)
			w := s.do(r)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "the link that it printed") {
				t.Errorf("%s with %s: %d %.200s", pattern, name, w.Code, w.Body)
			}
			if len(w.Result().Cookies()) != 0 {
				t.Errorf("%s with %s: %v", pattern, name, w.Result().Cookies())
			}
		}
		if path != "/" { // only the page itself takes the key from its address
			if w := s.do(stranger(method, path+"?key="+string(key), `{}`)); w.Code != http.StatusForbidden {
				t.Errorf("%s with the key in its address: %d", pattern, w.Code)
			}
		}
		if path == "/demo/goals.json" || path == "/demo/corrupt" || path == "/demo/delete" {
			continue
		}
		if w := s.do(ask(method, path, `{}`)); w.Code == http.StatusForbidden {
			t.Errorf("%s with the key: %d %s", pattern, w.Code, w.Body)
		}
	}
}

func TestThePageComesWithACookie(t *testing.T) {
	s := set(t, demo.Options{})
	w := s.do(stranger("GET", key.Path(), ""))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<!doctype html>") {
		t.Fatalf("%d %.100s", w.Code, w.Body)
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies %v", cookies)
	}
	c := cookies[0]
	if c.Value != string(key) || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 0 || !c.Expires.IsZero() {
		t.Errorf("the cookie is %v", c)
	}
	r := stranger("POST", "/demo/say", `{"text":"hello"}`)
	r.AddCookie(c)
	if w := s.do(r); w.Code != http.StatusOK {
		t.Errorf("with the cookie: %d", w.Code)
	}
	// A name that points here does not get the page, key or not.
	r = stranger("GET", key.Path(), "")
	r.Host = "rebound.example.org"
	if w := s.do(r); w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
		t.Errorf("from another host: %d", w.Code)
	}
}

func TestKeysAreRandom(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		k := demo.NewKey()
		if len(k) != 22 || seen[string(k)] || seen[k.CookieName()] || seen[demo.NewToken()] {
			t.Errorf("key %q", k)
		}
		seen[string(k)], seen[k.CookieName()] = true, true
	}
	defer func() {
		if recover() == nil {
			t.Error("a page without a key was made")
		}
	}()
	demo.New(demo.Options{Server: telegramtest.New(telegramtest.Config{}), User: person})
}

func TestTelegramsAddressesNeedTheToken(t *testing.T) {
	token := demo.NewToken()
	server := telegramtest.New(telegramtest.Config{Token: token, Hold: -1})
	t.Cleanup(server.Close)
	page := demo.New(demo.Options{Key: key, Server: server, User: person})
	both := demo.WithTelegram(server, page)
	for path, want := range map[string]int{
		"/bot" + token + "/getMe":                     200,
		"/bot" + telegramtest.DefaultToken + "/getMe": 401,
		"/bot" + token[:len(token)-1] + "/getMe":      401,
		"/bot" + token + "x/getMe":                    401,
		"/bot/getMe":                                  404,
		"/bot" + token:                                404,
		"/botany":                                     404,
		"/file/bot" + telegramtest.DefaultToken + "/documents/file_1.json": 404,
		"/file/":                      403,
		"/filebot" + token + "/getMe": 403,
		"/x/../bot" + telegramtest.DefaultToken + "/getMe": 403,
		"/demo/events?x=/bot" + token + "/getMe":           403,
		"/demo/page/main.js":                               403,
		"/":                                                403,
		"/demo/goals.json":                                 403,
	} {
		w := httptest.NewRecorder()
		r := stranger("GET", path, "")
		both.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", strings.ReplaceAll(path, token, "TOKEN"), w.Code, want)
		}
		if strings.Contains(w.Body.String(), token) {
			t.Errorf("%s tells the token", path)
		}
	}
	w := httptest.NewRecorder()
	r := stranger("GET", "/bot"+token+"/getMe", "")
	r.Host = "rebound.example.org"
	if both.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("from another host: %d", w.Code)
	}
}
