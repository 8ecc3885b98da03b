//go:build linux

package hard

import (
	"net/http"
	"net/url"
	"testing"
)

// Telegram says yes to formatting that it cannot read, and drops it. The suites
// look for that as well. A world that does not ask for it turns this red.
func TestWhatTelegramPassesOverIsNotHonest(t *testing.T) {
	w, err := newWorld("", t.TempDir(), nil)
	must(t, err)
	defer w.close()
	say := func(method string, params url.Values) {
		t.Helper()
		resp, err := http.PostForm(w.web.URL+"/bot"+token+"/"+method, params)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", method, resp.Status)
		}
	}
	w.plan = newPlan(1, len(people), 1)
	must(t, w.honest())
	say("sendMessage", url.Values{"chat_id": {"1001"}, "text": {w.plan.commands[0].text}, "entities": {"bold"}})
	w.odd, w.wrong = nil, nil
	if w.honest() == nil {
		t.Error("the bot's lost formatting was not noticed")
	}
}
