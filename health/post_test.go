package health

import (
	"strings"
	"testing"
	"testing/synctest"

	"goalbot/store"
)

// Broken on purpose, and what went red: posts that are shown before they are
// kept, posts that are not kept aside, an id that is made anew at the start,
// TestPostsWaitUntilTheyAreTaken; dropping the oldest whatever it is about,
// TestTheLastWordAboutEachCauseWaits; posts that stay when nobody posts them
// any more, TestWithoutAWebhookNothingWaits.

// waiting are the posts in short, without their ids.
func waiting(m *Monitor) string {
	var words []string
	for _, p := range m.Posts() {
		words = append(words, p.Kind+" "+string(p.Cause))
	}
	return strings.Join(words, ", ")
}

func TestPostsWaitUntilTheyAreTaken(t *testing.T) {
	for _, where := range []string{"in the palace", "aside"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.check(t)
			if where == "aside" {
				w.shelf.broken = store.ErrFull
			}
			w.shelf.during = func() {
				if got := waiting(w.Monitor); got != "" {
					t.Errorf("%s: %q is shown before it is kept", where, got)
				}
			}
			w.file.err = gone
			w.check(t)
			w.shelf.during = nil
			first := w.Posts()
			if len(first) == 0 || first[0].ID == "" || !strings.HasPrefix(first[0].Text, "🚨 goals.json is missing") {
				t.Fatalf("%s: %+v", where, first)
			}
			w.restart(t)
			w.file.err = nil
			w.check(t)
			w.check(t)
			again := w.Posts()
			if len(again) < 2 || again[0].ID != first[0].ID || again[0].Text != first[0].Text || again[1].ID == again[0].ID {
				t.Fatalf("%s: after a restart %+v", where, again)
			}
			if got := waiting(w.Monitor); !strings.Contains(got, "firing missing, ") || !strings.Contains(got, "resolved missing") {
				t.Errorf("%s: %s", where, got)
			}
			for _, p := range again {
				w.Posted(t.Context(), p.ID)
			}
			w.restart(t)
			w.check(t)
			if got := waiting(w.Monitor); got != "" {
				t.Errorf("%s: %q was taken and waits again", where, got)
			}
		})
	}
}

func TestWithoutAWebhookNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		w.check(t)
		w.restart(t)
		w.deaf = true
		w.check(t)
		if got := waiting(w.Monitor); got != "" {
			t.Errorf("%q waits for nobody", got)
		}
	})
}
