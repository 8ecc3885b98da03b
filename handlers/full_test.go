package handlers

import (
	"strings"
	"testing"

	"goalbot/message"
	"goalbot/store"
)

// fullTx is a transaction whose outbox takes no message of more than so many bytes.
type fullTx struct {
	store.Tx
	most int
}

func (t fullTx) Send(m store.Message) error {
	if len(m.Body) > t.most {
		return store.ErrOutboxFull
	}
	return t.Tx.Send(m)
}

// A full outbox must neither undo a change nor hold up what comes after it.
// Passing the error of Send on turns this red.
func TestAnAnswerThatHasNoRoomIsLeftOut(t *testing.T) {
	h := open(t)
	say := func(most int, m message.Message) (said []message.Message) {
		t.Helper()
		o := h.request("/x").origin()
		err := h.truth.Update(t.Context(), o, func(tx store.Tx) error {
			c := &call{Handlers: h.h, Request: h.request("/x"), tx: fullTx{tx, most}}
			return c.say(m)
		})
		if err != nil {
			t.Fatal(err)
		}
		return h.spoken()
	}
	long := message.Message{Text: strings.Repeat("long ", 500), Edit: 9}
	if said := say(1000, long); len(said) != 1 || said[0].Text != tooMuchWaits || said[0].Edit != 9 {
		t.Errorf("said %+v", said)
	}
	if said := say(0, long); len(said) != 0 {
		t.Errorf("said %+v", said)
	}
	if said := say(0, message.Message{Edit: 9}); len(said) != 0 {
		t.Errorf("said %+v", said)
	}
	n := NewNotices(h.members, h.settings)
	err := h.truth.Update(t.Context(), h.request("/x").origin(), func(tx store.Tx) error {
		return n.Quarantined(fullTx{tx, 0}, "kept", nil)
	})
	if said := h.spoken(); err != nil || len(said) != 0 {
		t.Errorf("a notice: said %+v, %v", said, err)
	}
}
