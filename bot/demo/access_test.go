package demo_test

import (
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"goalbot/bot/demo"
)

func TestOnlyLoopbackHostsAreAnswered(t *testing.T) {
	s := set(t, demo.Options{})
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST:1": 200, "goals.localhost:8080": 200,
		"127.0.0.1:8080": 200, "127.1.2.3": 200, "[::1]:8080": 200, "[::1]": 200,
		"example.org": 403, "example.org:8080": 403, "localhost.example.org": 403, "127.0.0.1.example.org": 403,
		"192.168.1.2:8080": 403, "0.0.0.0:8080": 403, "": 403, "notlocalhost": 403,
	} {
		r := ask("GET", "/", "")
		r.Host = host
		if w := s.do(r); w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	s := set(t, demo.Options{Corrupt: func() (string, error) { t.Error("corrupted from elsewhere"); return "", nil }})
	for name, change := range map[string]func(http.Header){
		"another site":        func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
		"another port":        func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") },
		"an old browser":      func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "http://example.org") },
		"a sandboxed frame":   func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "null") },
		"a form, no headers":  func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Del("Origin"); h.Set("Content-Type", "text/plain") },
		"a form, url-encoded": func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") },
	} {
		for _, path := range []string{"/demo/say", "/demo/corrupt", "/demo/outage", "/demo/document?name=a"} {
			r := ask("POST", path, `{"text":"hello","seconds":30}`)
			change(r.Header)
			if w := s.do(r); w.Code != http.StatusForbidden && w.Code != http.StatusUnsupportedMediaType {
				t.Errorf("%s to %s: %d %s", name, path, w.Code, w.Body)
			}
		}
	}
	if n := len(s.telegram.Messages(person.ID)); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
	r := ask("GET", "/demo/goals.json", "")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := s.do(r); w.Code != http.StatusForbidden {
		t.Errorf("reading from another site: %d", w.Code)
	}
}

func TestPageBringsAllItNeedsAndForbidsTheRest(t *testing.T) {
	s := set(t, demo.Options{})
	w := s.do(ask("GET", "/", ""))
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	for _, found := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		if w := s.do(ask("GET", found[1], "")); w.Code != http.StatusOK {
			t.Errorf("%s: %d", found[1], w.Code)
		}
	}
	err := fs.WalkDir(os.DirFS("page"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile("page/" + name)
		if err != nil {
			return err
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"", "onclick=\"", "@import", "//cdn"} {
			if strings.Contains(string(text), bad) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
		if w := s.do(ask("GET", "/demo/page/"+name, "")); name != "index.html" && w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if w := s.do(ask("GET", "/nothing", "")); w.Code != http.StatusNotFound {
		t.Errorf("/nothing: %d", w.Code)
	}
}
