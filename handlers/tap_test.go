package handlers

import (
	"testing"

	"goalbot/message"
	"goalbot/store"
)

// Telegram can hand over a tap before the number of the message that it is on
// is known here. "Answered." was then written over the answer to the tap, in the
// same message. Comparing the numbers alone turns this red.
func TestAFastTapKeepsItsAnswer(t *testing.T) {
	h := open(t)
	h.say("/addgoal read a book")
	h.say("/addgoal write a report")
	for _, label := range []string{"Cancel", "write a report"} {
		asked := h.hear("/done r", "Which one do you want to finish?")
		sent := message.SentName(asked.Tag, ann)
		number := h.records(store.SentRecord)[sent]
		set := func(value string) {
			h.must(h.truth.Update(t.Context(), store.Origin{Key: label + value, At: h.now}, func(tx store.Tx) error { return tx.SetRecord(store.SentRecord, sent, value) }))
		}
		set("")
		h.must(h.h.Handle(t.Context(), h.tapped(asked, label)))
		set(number)
		if all := h.spoken(); len(all) != 1 || all[0].Edit == 0 {
			t.Errorf("%s: said %+v", label, all)
		}
	}
}
