package telegram

import (
	"slices"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// Whom a message asks is mentioned by number: a name alone opens nobody's
// keyboard. Leaving the number out turns this red.
func TestAMentionSaysWhom(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		m := new(message.Text).Add("😀 ").Mention("Ann").Add(": which ").Bold("goal").Message()
		m.Ask, m.Asked = true, ann.ID
		o.put(ann.ID, m)
		time.Sleep(5 * time.Second)
		got, ok := w.Last(ann.ID)
		want := telegramtest.Entity{Type: "text_mention", Offset: 3, Length: 3}
		if !ok || len(got.Entities) != 2 || got.Entities[0].User == nil || got.Entities[0].User.ID != ann.ID || !got.ForceReply {
			t.Fatalf("got %+v", got)
		}
		if e := got.Entities[0]; e.Type != want.Type || e.Offset != want.Offset || e.Length != want.Length {
			t.Errorf("the mention is %+v", e)
		}
	})
}

// Where Telegram refuses the mention the question opened for nobody. Asking for a
// selective one all the same turns this red.
func TestAQuestionWithoutItsMentionOpensForAll(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, bob)
		o := newShelf()
		w.sender(o)
		w.Fail("sendMessage", 1, telegramtest.Status(400, "Bad Request: ENTITY_MENTION_USER_INVALID"))
		m := new(message.Text).Mention("Ann").Add(": which goal?").Message()
		m.Ask, m.Asked = true, ann.ID
		for range 2 {
			o.put(group.ID, m)
		}
		time.Sleep(20 * time.Second)
		var open []bool
		for _, said := range w.Messages(group.ID) {
			open = append(open, w.Opens(group, said.ID, ann), w.Opens(group, said.ID, bob))
		}
		if want := []bool{true, true, true, false}; !slices.Equal(open, want) {
			t.Errorf("open for Ann and Bob: %v, want %v", open, want)
		}
	})
}
