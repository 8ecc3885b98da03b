package demo_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/bot/demo"
	"goalbot/telegramtest"
)

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
