package telegram

import (
	"maps"
	"testing"
	"time"

	"goalbot/telegramtest"
)

func (c *Counts) all() map[string]uint64 {
	all := map[string]uint64{}
	c.Each(func(what, how string, n uint64) { all[what+" "+how] = n })
	return all
}

// The metrics tell of calls how they went, and of updates what they hold and who sent
// them.
func TestCounts(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p, stop := w.poller(&clerk{})
		said := w.Say(w.Private(ann), ann, "/done 1")
		w.Say(w.Private(bob), bob, "/done 2")
		w.Meet(eve)
		w.Say(w.Private(eve), eve, "/done 3")
		pass(time.Minute)
		if _, err := w.Edit(w.Private(ann), ann, said.ID, "/done 4"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		stop()
		if got, want := p.Updates.all(), map[string]uint64{"message member": 2, "message stranger": 1, "edited_message member": 1}; !maps.Equal(got, want) {
			t.Errorf("updates: %v, want %v", got, want)
		}
		before := w.client.Calls.all()
		for _, fault := range []telegramtest.Fault{telegramtest.Status(403, "Forbidden"), telegramtest.TooManyRequests(5), telegramtest.EOF()} {
			w.Fail("getMe", 1, fault)
			_, _ = w.client.call(t.Context(), "getMe", nil, callDeadline)
		}
		_, _ = w.client.call(t.Context(), "getMe", nil, callDeadline)
		got := w.client.Calls.all()
		for what, n := range before {
			if got[what] -= n; got[what] == 0 {
				delete(got, what)
			}
		}
		if want := map[string]uint64{"getMe ok": 1, "getMe 403": 1, "getMe 429": 1, "getMe unreachable": 1}; !maps.Equal(got, want) {
			t.Errorf("calls: %v, want %v", got, want)
		}
		for kind, u := range map[string]*update{"callback_query": {Callback: &callback{}}, "other": {}} {
			if got := u.kind(); got != kind {
				t.Errorf("%s is counted as %s", kind, got)
			}
		}
	})
}
