package telegramtest_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"goalbot/telegramtest"
)

// FuzzEntities sends any text with any entities. What is accepted must have entities that lie in the text and split no
// character; what is refused must say so as Telegram does.
func FuzzEntities(f *testing.F) {
	for _, seed := range []struct{ text, entities string }{
		{"x", ""}, {"😀x", `[{"type":"bold","offset":0,"length":2}]`}, {"😀x", `[{"type":"bold","offset":1,"length":2}]`},
		{"\r\u202e😀\r", `[{"type":"italic","offset":1,"length":3}]`}, {" \n \n", `[{"type":"code","offset":1,"length":2}]`},
		{"#a /b @cd", `[{"type":"bold","offset":0,"length":9},{"type":"blockquote","offset":3,"length":2}]`},
		{"ab", `[{"type":"text_link","offset":0,"length":1,"url":"a.org"},{"type":"bold","offset":0,"length":2}]`},
		{"x", `[{"type":"bold","offset":-1,"length":9223372036854775807}]`}, {"x", `[`}, {"x", `[null]`}, {"\xff", `[{}]`},
	} {
		f.Add(seed.text, seed.entities)
	}
	f.Fuzz(func(t *testing.T, text, entities string) {
		s := telegramtest.New(telegramtest.Config{})
		s.Meet(ann)
		form := url.Values{"chat_id": {"501"}, "text": {text}, "entities": {entities}}
		r := httptest.NewRequest("POST", "/bot"+telegramtest.DefaultToken+"/sendMessage", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var a struct {
			OK          bool
			Description string
			Result      message
		}
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		if !a.OK {
			if !strings.HasPrefix(a.Description, "Bad Request: ") {
				t.Errorf("refused with %q", a.Description)
			}
			return
		}
		units := utf16.Encode([]rune(a.Result.Text))
		splits := func(at int) bool {
			return at < 0 || at > len(units) || at < len(units) && at > 0 && utf16.IsSurrogate(rune(units[at])) && units[at] >= 0xDC00
		}
		for _, e := range a.Result.Entities {
			if e.Length <= 0 || splits(e.Offset) || splits(e.Offset+e.Length) {
				t.Errorf("%+v does not fit %q", e, a.Result.Text)
			}
		}
	})
}
