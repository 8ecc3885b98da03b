package telegram

import (
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
