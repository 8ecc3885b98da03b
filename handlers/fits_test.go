package handlers

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"goalbot/message"
	"goalbot/telegramtest"
)

// fits checks a message against Telegram's limits, and lets the stand-in for
// Telegram judge it too.
func fits(t testing.TB, m message.Message) {
	t.Helper()
	if n := utf8.RuneCountInString(m.Text); n > 4096 || n == 0 {
		t.Errorf("a message of %d characters: %.80q", n, m.Text)
	}
	type copied struct {
		Text string `json:"text"`
	}
	type key struct {
		Text  string        `json:"text"`
		Data  string        `json:"callback_data,omitempty"`
		URL   string        `json:"url,omitempty"`
		Copy  *copied       `json:"copy_text,omitempty"`
		Style message.Style `json:"style,omitempty"`
	}
	keys, total := [][]key{}, 0
	for _, row := range m.Buttons {
		if len(row) > 8 {
			t.Errorf("%d buttons side by side", len(row))
		}
		total += len(row)
		var r []key
		for _, b := range row {
			if len(b.Command) > 64 || b.Label == "" {
				t.Errorf("button %+v", b)
			}
			k := key{Text: b.Label, Data: b.Command, URL: b.URL, Style: b.Style}
			if b.Copy != "" {
				k.Copy = &copied{b.Copy}
			}
			r = append(r, k)
		}
		keys = append(keys, r)
	}
	markup, _ := json.Marshal(map[string]any{"inline_keyboard": keys})
	if total > 100 || len(markup) > 10_000 {
		t.Errorf("%d buttons, %d bytes", total, len(markup))
	}
	type entity struct { // as the sender has them
		message.Entity
		User *struct {
			ID int64 `json:"id"`
		} `json:"user,omitempty"`
	}
	var all []entity
	for _, e := range m.Entities {
		all = append(all, entity{Entity: e})
		if e.Type == message.Mention && m.Asked != 0 {
			all[len(all)-1].User = &struct {
				ID int64 `json:"id"`
			}{1}
		}
	}
	entities, _ := json.Marshal(all)
	form := url.Values{"chat_id": {"1"}, "text": {m.Text}, "entities": {string(entities)}, "reply_markup": {string(markup)}}
	server := telegramtest.New(telegramtest.Config{})
	defer server.Close()
	server.Meet(telegramtest.User{ID: 1, FirstName: "Owner"})
	r := httptest.NewRequest("POST", "/bot"+telegramtest.DefaultToken+"/sendMessage", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if server.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("Telegram refuses %q: %s", m.Text, w.Body)
	}
	server.CheckUnexpected(t)
}
