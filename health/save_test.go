package health

import (
	"testing"
	"testing/synctest"
)

// While a state is saved, a chat is told what is in it. That it was told must
// outlast the end of the saving, or it is told twice. Broken on purpose: a
// state that counts only when it was saved, and so replaces what came meanwhile.
func TestWhatIsSaidWhileTheStateIsSavedStaysSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		w.file.err = gone
		w.shelf.during = func() { w.sayTo([]int64{chat}) }
		w.check(t)
		w.shelf.during = nil
		one(t, w.said, "🚨 goals.json is missing")
		w.forget()
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("and said again: %q", said)
		}
		w.check(t)
		w.restart(t)
		w.check(t)
		if said := append(w.sends(t), w.said...); len(said) > 0 {
			t.Errorf("said again after a restart: %q", said)
		}
	})
}
