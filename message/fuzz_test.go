package message_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"goalbot/message"
	"goalbot/telegramtest"
)

// FuzzText builds formatted text out of any pieces. Its entities must lie in
// the text and split no character, and Telegram must take it as it is.
func FuzzText(f *testing.F) {
	f.Add("a", "b", "c", uint8(1))
	f.Add("😀", " 😀 ", "\n", uint8(2))
	f.Add("\xff", "\u202e\u2068x\u2069", "é\u0301", uint8(3))
	f.Add("", "👩‍👩‍👧‍👦", "\ud7ff\ue000", uint8(4))
	f.Add(" ", "<b>&lt;*_`", "\r\n\t", uint8(5))
	f.Add("\u200b", "\u030a", "\x00\x1f", uint8(250))
	f.Fuzz(func(t *testing.T, a, b, c string, how uint8) {
		text := new(message.Text).Add("#1 ")
		kinds := []func(*message.Text, string) *message.Text{
			(*message.Text).Add, (*message.Text).Bold, (*message.Text).Italic, (*message.Text).Strike, (*message.Text).Code, (*message.Text).Pre,
		}
		for i, piece := range []string{a, b, c, a} {
			part := kinds[(int(how)+i)%len(kinds)](new(message.Text), piece)
			if how%2 == 0 {
				text.Append(part)
			} else {
				kinds[(int(how)+i)%len(kinds)](text, piece)
			}
		}
		m := text.Message()
		units := utf16.Encode([]rune(m.Text))
		if message.UTF16Len(m.Text) != len(units) || text.Len() != len([]rune(m.Text)) {
			t.Fatalf("%q: %d units, %d characters", m.Text, message.UTF16Len(m.Text), text.Len())
		}
		inside := func(at int) bool { // between characters
			return at >= 0 && at <= len(units) && (at == len(units) || units[at] < 0xDC00 || units[at] > 0xDFFF)
		}
		end := 0
		for _, e := range m.Entities {
			if e.Offset < end || e.Length <= 0 || !inside(e.Offset) || !inside(e.Offset+e.Length) {
				t.Fatalf("%+v does not fit %q", e, m.Text)
			}
			end = e.Offset + e.Length
		}
		body, err := m.Encode()
		if err != nil {
			if text.Len() <= message.MaxText {
				t.Fatalf("%q: %v", m.Text, err)
			}
			return
		}
		if back, err := message.Decode(body); err != nil || back.Text != m.Text {
			t.Fatalf("%q came back as %q, %v", m.Text, back.Text, err)
		}
		take(t, m)
	})
}

// take sends a message to the stand-in for Telegram.
func take(t *testing.T, m message.Message) {
	t.Helper()
	server := telegramtest.New(telegramtest.Config{})
	defer server.Close()
	server.Meet(telegramtest.User{ID: 501, FirstName: "Owner"})
	entities, err := json.Marshal(m.Entities)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"chat_id": {"501"}, "text": {m.Text}, "entities": {string(entities)}}
	r := httptest.NewRequest("POST", "/bot"+telegramtest.DefaultToken+"/sendMessage", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("Telegram refuses %q %v: %s", m.Text, m.Entities, w.Body)
	}
	server.CheckUnexpected(t)
}
