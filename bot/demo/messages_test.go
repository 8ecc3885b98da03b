package demo_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"goalbot/bot/demo"
	"goalbot/telegramtest"
)

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
