package demo_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

func TestHostileTextsArriveAsTheyAre(t *testing.T) {
	s := set(t, demo.Options{})
	next := s.watch()
	if first := decode(t, next("messages")); !first.Reset || len(first.Order) != 0 {
		t.Errorf("first event %+v", first)
	}
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "</script>\u2028\u2029data: x\n\nevent: about\ndata: {}",
		"👩‍👩‍👧‍👦 𝔘 \U0010ffff", "שלום \u202eevil\u202c عربى", strings.Repeat("w", 1000), `{"a":"&amp;"}`,
	} {
		said, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		s.post("/demo/say", string(said), http.StatusOK)
		got := decode(t, next("messages"))
		if len(got.Messages) != 1 || got.Messages[0].Text != text || !got.Messages[0].Mine {
			t.Errorf("said %q, got %+v", text, got)
		}
		s.bot("sendMessage", url.Values{"chat_id": {"42"}, "text": {text}})
		got = decode(t, next("messages"))
		want, _ := s.telegram.Last(person.ID) // Telegram takes some characters out of what a bot says
		if len(got.Messages) != 1 || got.Messages[0].Text != want.Text || got.Messages[0].Mine {
			t.Errorf("the bot said %q, got %+v", want.Text, got)
		}
	}
}

func TestTapSpinsUntilItIsAnswered(t *testing.T) {
	s := set(t, demo.Options{})
	s.telegram.Meet(person)
	s.bot("sendMessage", url.Values{"chat_id": {"42"}, "text": {"Goals"},
		"reply_markup": {`{"inline_keyboard":[[{"text":"Done","callback_data":"done 1"}]]}`}})
	next := s.watch()
	id := s.post("/demo/tap", `{"message":1,"data":"done 1"}`, http.StatusOK)["tap"].(string)
	if got := s.updates(); !strings.Contains(got, `"data":"done 1"`) {
		t.Errorf("updates %s", got)
	}
	s.bot("answerCallbackQuery", url.Values{"callback_query_id": {id}, "text": {"<b>Done</b>"}, "show_alert": {"true"}})
	var got struct {
		ID, Text        string
		Answered, Alert bool
	}
	if err := json.Unmarshal([]byte(next("tap")), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != id || !got.Answered || !got.Alert || got.Text != "<b>Done</b>" {
		t.Errorf("tap %+v", got)
	}
	s.post("/demo/tap", `{"message":1,"data":"done 2"}`, http.StatusNotFound)
	s.post("/demo/tap", `{"message":7,"data":"done 1"}`, http.StatusNotFound)
}

func TestOwnMessagesCanBeEditedAndNoOthers(t *testing.T) {
	s := set(t, demo.Options{})
	s.post("/demo/say", `{"text":"/addgoal call mother"}`, http.StatusOK)
	s.bot("sendMessage", url.Values{"chat_id": {"42"}, "text": {"Added"}})
	next := s.watch()
	next("messages")
	s.post("/demo/edit", `{"message":1,"text":"/addgoal call father"}`, http.StatusOK)
	got := decode(t, next("messages"))
	if len(got.Messages) != 1 || got.Messages[0].Text != "/addgoal call father" || !got.Messages[0].Edited || len(got.Order) != 2 {
		t.Errorf("after the edit: %+v", got)
	}
	if got := s.updates(); strings.Count(got, `"edited_message"`) != 1 {
		t.Errorf("updates %s", got)
	}
	s.post("/demo/edit", `{"message":1,"text":" /addgoal call father\n"}`, http.StatusOK)
	if got := s.updates(); strings.Count(got, `"edited_message"`) != 1 {
		t.Error("an edit that changes nothing was told to the bot")
	}
	s.post("/demo/edit", `{"message":2,"text":"x"}`, http.StatusForbidden)
	s.post("/demo/edit", `{"message":9,"text":"x"}`, http.StatusNotFound)
	s.post("/demo/edit", `{"message":1,"text":" "}`, http.StatusBadRequest)
	s.post("/demo/edit", `{"message":1,"text":"`+strings.Repeat("x", 4097)+`"}`, http.StatusBadRequest)
}

func TestRepliesNameWhatTheyAnswer(t *testing.T) {
	s := set(t, demo.Options{})
	s.telegram.Meet(person)
	s.bot("sendMessage", url.Values{"chat_id": {"42"}, "text": {"What is the goal?"}, "reply_markup": {`{"force_reply":true,"input_field_placeholder":"Your goal"}`}})
	next := s.watch()
	if got := next("messages"); !strings.Contains(got, `"force_reply":true,"placeholder":"Your goal"`) {
		t.Errorf("the question came as %s", got)
	}
	s.post("/demo/say", `{"text":"call mother","reply_to":1}`, http.StatusOK)
	if got := s.updates(); !strings.Contains(got, `"reply_to_message"`) {
		t.Errorf("updates %s", got)
	}
	s.post("/demo/say", `{"text":"call mother","reply_to":5}`, http.StatusNotFound)
}

func TestDocumentsGoThereAndBack(t *testing.T) {
	s := set(t, demo.Options{})
	next := s.watch()
	next("messages")
	about := url.Values{"name": {`C:\dir\<goals> שלום.html`}, "caption": {"take these"}}
	content := "<script>alert(1)</script>"
	r := ask("POST", "/demo/document?"+about.Encode(), content)
	r.Header.Set("Content-Type", "application/octet-stream")
	if w := s.do(r); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := decode(t, next("messages")).Messages[0]
	if got.Document == nil || got.Document.Name != "<goals> שלום.html" || got.Document.Size != len(content) || got.Text != "take these" {
		t.Errorf("shown as %+v", got)
	}
	w := s.do(ask("GET", "/demo/document/1", ""))
	if w.Body.String() != content || w.Header().Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("download: %v %q", w.Header(), w.Body)
	}
	for _, path := range []string{"/demo/document/2", "/demo/document/x", "/demo/photo/1"} {
		if w := s.do(ask("GET", path, "")); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	empty := ask("POST", "/demo/document?name=a", "")
	empty.Header.Set("Content-Type", "application/octet-stream")
	if w := s.do(empty); w.Code != http.StatusBadRequest {
		t.Errorf("an empty file: %d", w.Code)
	}
}

func TestPhotosAreShownAsPictures(t *testing.T) {
	s := set(t, demo.Options{})
	said := s.telegram.Say(s.telegram.Private(person), person, "look", telegramtest.AsPhoto())
	// A picture that is picked on the page goes as a photo, as from a phone.
	r := ask("POST", "/demo/document?name=a.png&caption=mine", string(said.Photo.Data))
	r.Header.Set("Content-Type", "application/octet-stream")
	if w := s.do(r); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/demo/photo/1", "/demo/photo/2"} {
		if w := s.do(ask("GET", path, "")); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestBadRequestsSayWhatIsWrong(t *testing.T) {
	s := set(t, demo.Options{})
	for body, want := range map[string]int{
		`{"text":""}`: 400, `{"text":" \n "}`: 400, `{"text":5}`: 400, `[]`: 400, `{`: 400, ``: 400,
		`{"text":"` + strings.Repeat("x", 300<<10) + `"}`: 413,
	} {
		if why, _ := s.post("/demo/say", body, want)["error"].(string); !strings.HasSuffix(why, ".") {
			t.Errorf("%.20s: %q", body, why)
		}
	}
	s.post("/demo/corrupt", `{}`, http.StatusNotFound)
	s.post("/demo/outage", `{"seconds":-1}`, http.StatusBadRequest)
	s.post("/demo/outage", `{"seconds":601}`, http.StatusBadRequest)
}

func TestCorruptSaysWhatWasDone(t *testing.T) {
	var fail error
	s := set(t, demo.Options{Corrupt: func() (string, error) { return "Cut off the last 20 bytes.", fail }})
	if got := s.post("/demo/corrupt", `{}`, http.StatusOK)["line"]; got != "Cut off the last 20 bytes." {
		t.Errorf("line %q", got)
	}
	fail = errors.New("there is no goals.json yet")
	if got := s.post("/demo/corrupt", `{}`, http.StatusConflict)["error"]; got != "That did not work: there is no goals.json yet" {
		t.Errorf("error %q", got)
	}
	if got := s.watch()("about"); !strings.Contains(got, `"corrupt":true`) || strings.Contains(got, `"delete"`) {
		t.Errorf("the page is told %s", got)
	}
}

func TestTheClockIsMoved(t *testing.T) {
	var moved []demo.Move
	s := set(t, demo.Options{MoveClock: func(to demo.Move) (string, error) { moved = append(moved, to); return "It is Monday now.", nil }})
	for _, to := range []string{"hour", "day", "monday"} {
		if got := s.post("/demo/clock", `{"to":"`+to+`"}`, http.StatusOK)["line"]; got != "It is Monday now." {
			t.Errorf("line %q", got)
		}
	}
	s.post("/demo/clock", `{"to":"1970"}`, http.StatusBadRequest)
	if !slices.Equal(moved, []demo.Move{demo.Hour, demo.Day, demo.Monday}) {
		t.Errorf("moved %v", moved)
	}
	if got := s.watch()("about"); !strings.Contains(got, `"clock":true`) {
		t.Errorf("the page is told %s", got)
	}
	set(t, demo.Options{}).post("/demo/clock", `{"to":"day"}`, http.StatusNotFound)
}

func TestGoalsFileIsShownAsItIs(t *testing.T) {
	var data []byte
	err := fs.ErrNotExist
	s := set(t, demo.Options{File: func() ([]byte, error) { return data, err }})
	get := func() (int, map[string]any) {
		w := s.do(ask("GET", "/demo/goals.json", ""))
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return w.Code, got
	}
	if code, got := get(); code != 200 || got["exists"] != false {
		t.Errorf("without a file: %d %v", code, got)
	}
	data, err = []byte("[{\"id\": \"<b>\xff\""), nil
	if _, got := get(); got["text"] != "[{\"id\": \"<b>\uFFFD\"" || got["size"] != float64(len(data)) {
		t.Errorf("damaged: %v", got)
	}
	data = []byte(strings.Repeat("x", 1<<20))
	if _, got := get(); got["cut"] != true || len(got["text"].(string)) != 256<<10 {
		t.Errorf("a large one: cut %v, %d bytes", got["cut"], len(got["text"].(string)))
	}
	err = fs.ErrPermission
	if code, _ := get(); code != 500 {
		t.Errorf("unreadable: %d", code)
	}
}

// status is what the bot gets from Telegram.
func (s *stage) status() int {
	w := httptest.NewRecorder()
	s.telegram.ServeHTTP(w, httptest.NewRequest("GET", "/bot"+telegramtest.DefaultToken+"/getMe", nil))
	return w.Code
}

func TestOutageEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := set(t, demo.Options{})
		at := func(after time.Duration, want int) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := s.status(); got != want {
				t.Errorf("Telegram answers %d, want %d", got, want)
			}
		}
		s.post("/demo/outage", `{"seconds":30}`, 200)
		at(0, 502)
		at(29*time.Second, 502)
		at(2*time.Second, 200)

		s.post("/demo/outage", `{"seconds":30}`, 200)
		at(20*time.Second, 502)
		s.post("/demo/outage", `{"seconds":30}`, 200) // begins anew
		at(20*time.Second, 502)
		at(11*time.Second, 200)

		s.post("/demo/outage", `{"seconds":30}`, 200)
		s.post("/demo/outage", `{"seconds":0}`, 200)
		at(0, 200)
	})
}

func TestStreamEndsWithTheProgram(t *testing.T) {
	done := make(chan struct{})
	s := set(t, demo.Options{Done: done})
	server := httptest.NewServer(s.page)
	defer server.Close() // waits for the requests that are under way
	response := s.open(server.URL + "/demo/events")
	close(done)
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Error(err)
	}
}

func TestLongChatsAreShownFromTheirEnd(t *testing.T) {
	s := set(t, demo.Options{})
	chat := s.telegram.Private(person)
	for range 520 {
		s.telegram.Say(chat, person, "hello", telegramtest.Unseen())
	}
	got := decode(t, s.watch()("messages"))
	if got.Older != 20 || len(got.Messages) != 500 || got.Order[0] != 21 {
		t.Errorf("%d older, %d messages, the first %d", got.Older, len(got.Messages), got.Order[0])
	}
}

func TestTypingIsShownUntilTheMessageComes(t *testing.T) {
	s := set(t, demo.Options{})
	s.telegram.Meet(person)
	s.bot("setMyCommands", url.Values{"commands": {`[{"command":"goals","description":"show the <list>"}]`}})
	next := s.watch()
	if got := next("about"); strings.Contains(got, `"typing"`) || !strings.Contains(got, `"command":"goals"`) {
		t.Errorf("before: %s", got)
	}
	s.bot("sendChatAction", url.Values{"chat_id": {"42"}, "action": {"typing"}})
	if got := next("about"); !strings.Contains(got, `"typing":`) {
		t.Errorf("while writing: %s", got)
	}
	s.bot("sendMessage", url.Values{"chat_id": {"42"}, "text": {"there"}})
	if got := next("about"); strings.Contains(got, `"typing"`) {
		t.Errorf("after: %s", got)
	}
}
