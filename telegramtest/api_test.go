package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"goalbot/telegramtest"
)

var (
	ann = telegramtest.User{ID: 501, FirstName: "Ann", Username: "ann", LanguageCode: "en"}
	bob = telegramtest.User{ID: 502, FirstName: "Bob"}
)

// A stage is a server, a client of it and a clock.
type stage struct {
	*telegramtest.Server
	t    *testing.T
	http *httptest.Server

	mu  sync.Mutex
	now time.Time
}

// newStage does not hold repeated polls back, so that tests may poll as fast as they like.
func newStage(t *testing.T) *stage {
	return newStageWith(t, telegramtest.Config{Hold: -1})
}

func newStageWith(t *testing.T, cfg telegramtest.Config) *stage {
	t.Helper()
	st := &stage{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	cfg.Now = func() time.Time {
		st.mu.Lock()
		defer st.mu.Unlock()
		return st.now
	}
	st.Server = telegramtest.New(cfg)
	st.http = httptest.NewServer(st.Server)
	t.Cleanup(func() {
		st.Close()
		st.http.Close()
	})
	return st
}

func (st *stage) pass(d time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.now = st.now.Add(d)
}

type answer struct {
	Status      int `json:"-"`
	OK          bool
	ErrorCode   int `json:"error_code"`
	Description string
	Result      json.RawMessage
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	}
}

type params map[string]any

// try makes a call by form. Values that are not strings go as JSON.
func (st *stage) try(method string, p params) (answer, error) {
	return st.post(context.Background(), method, p)
}

func (st *stage) post(ctx context.Context, method string, p params) (answer, error) {
	form := url.Values{}
	for name, value := range p {
		text, ok := value.(string)
		if !ok {
			raw, err := json.Marshal(value)
			if err != nil {
				return answer{}, err
			}
			text = string(raw)
		}
		form.Set(name, text)
	}
	address := st.http.URL + "/bot" + telegramtest.DefaultToken + "/" + method
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewBufferString(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return st.do(req)
}

func (st *stage) do(req *http.Request) (answer, error) {
	resp, err := st.http.Client().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

// ok makes a call that must succeed and decodes its result.
func ok[T any](st *stage, method string, p params) T {
	st.t.Helper()
	var result T
	a, err := st.try(method, p)
	if err != nil {
		st.t.Fatalf("%s: %v", method, err)
	}
	if !a.OK {
		st.t.Fatalf("%s is refused: %s", method, a.Description)
	}
	if err := json.Unmarshal(a.Result, &result); err != nil {
		st.t.Fatalf("%s: decode %s: %v", method, a.Result, err)
	}
	return result
}

// refused makes a call that must be refused with these words.
func (st *stage) refused(method string, p params, want string) answer {
	st.t.Helper()
	a, err := st.try(method, p)
	if err != nil {
		st.t.Fatalf("%s: %v", method, err)
	}
	if a.OK || a.Description != want {
		st.t.Errorf("%s: ok %v, %q; want %q", method, a.OK, a.Description, want)
	}
	if a.Status != a.ErrorCode {
		st.t.Errorf("%s: HTTP status %d, error_code %d", method, a.Status, a.ErrorCode)
	}
	return a
}

// wait gives up after a time no healthy run needs.
func (st *stage) wait(what string, done func() bool) {
	st.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := st.Wait(ctx, done); err != nil {
		st.t.Fatalf("waiting until %s: %v", what, err)
	}
}

// waiting tells whether n calls of getUpdates wait for an update.
func (st *stage) waiting(n int) func() bool {
	return func() bool {
		open := 0
		for _, c := range st.CallsTo("getUpdates") {
			if !c.Done {
				open++
			}
		}
		return open == n
	}
}

type message struct {
	MessageID int `json:"message_id"`
	Text      string
	Caption   string
	From      telegramtest.User
	Chat      telegramtest.Chat
	Entities  []telegramtest.Entity
	Thread    int   `json:"message_thread_id"`
	MigrateTo int64 `json:"migrate_to_chat_id"`
	Migrated  int64 `json:"migrate_from_chat_id"`
	Document  *struct {
		FileID   string `json:"file_id"`
		FileSize int    `json:"file_size"`
	}
	ReplyTo *message `json:"reply_to_message"`
	Sender  *struct {
		ID int64
	} `json:"sender_chat"`
}

type updateJSON struct {
	ID       int64 `json:"update_id"`
	Message  *message
	Edited   *message `json:"edited_message"`
	Callback *struct {
		ID      string
		From    telegramtest.User
		Data    string
		Message message
	} `json:"callback_query"`
	Member *struct {
		New struct{ Status string } `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

func (st *stage) updates(p params) []updateJSON {
	st.t.Helper()
	return ok[[]updateJSON](st, "getUpdates", p)
}

// upload makes a call with a file by multipart form.
func (st *stage) upload(method, field, name string, data []byte, p params) answer {
	st.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range p {
		if err := form.WriteField(key, fmt.Sprint(value)); err != nil {
			st.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		st.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		st.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		st.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, st.http.URL+"/bot"+telegramtest.DefaultToken+"/"+method, &body)
	if err != nil {
		st.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	a, err := st.do(req)
	if err != nil {
		st.t.Fatal(err)
	}
	return a
}

func keyboard(rows ...[]params) params { return params{"inline_keyboard": rows} }

func button(text, data string) params { return params{"text": text, "callback_data": data} }
