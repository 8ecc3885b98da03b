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

// FuzzMarkup sends any text in any style. What is accepted must have entities that lie in the text and split no
// character; what is refused must say so as Telegram does.
func FuzzMarkup(f *testing.F) {
	for _, seed := range []string{
		"<b>x</b>", "<a href='&#x;'>😀</a>&", "</", "<", "&#", "<b", "<pre><code class=x>", "*_x_*", "[l](a.org)", "\\", "```", "||", ">q\n",
		"\r\u202e😀\r", " \n<b> \n</b>", "__*", "[", "](", "<tg-time unix=1>x</tg-time>", "`[`](", ">>\n>",
	} {
		for _, mode := range []string{"", "HTML", "MarkdownV2", "Markdown"} {
			f.Add(seed, mode)
		}
	}
	f.Fuzz(func(t *testing.T, text, mode string) {
		s := telegramtest.New(telegramtest.Config{})
		s.Meet(ann)
		form := url.Values{"chat_id": {"501"}, "text": {text}, "parse_mode": {mode}}
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
