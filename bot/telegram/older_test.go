package telegram

import (
	"fmt"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// modern is a message with all that a server may not know.
func modern(text string) message.Message {
	t := new(message.Text).Bold(text).Add(" at ").Instant("17:44", time.Unix(1_772_366_640, 0)).Add("\n").Folded("a long note")
	return t.Message([]message.Button{{Label: "Copy", Copy: "g-1"}, {Label: "Open", Command: "goal 1"}})
}

// A server that is older than a frill gets the message without it: the words, the rest
// of the formatting and the other buttons are there. It is asked once, and what it said
// is remembered. Red where nothing is remembered, where all formatting goes, and where
// all buttons go.
func TestAnOlderServer(t *testing.T) {
	for _, test := range []struct {
		lacks   []string
		refused int
		kinds   string
		buttons int
	}{
		{nil, 0, "[bold date_time expandable_blockquote]", 2},
		{[]string{"date_time"}, 1, "[bold expandable_blockquote]", 2},
		{[]string{"copy_text"}, 1, "[bold date_time expandable_blockquote]", 1},
		{[]string{"date_time", "expandable_blockquote", "copy_text"}, 3, "[bold]", 1},
	} {
		bubble(t, func(t *testing.T, w *world) {
			w.Lacks(test.lacks...)
			o := newShelf()
			w.sender(o)
			for i := range 3 {
				o.put(ann.ID, modern(fmt.Sprint("message ", i)))
			}
			pass(time.Minute)
			refused := 0
			for _, c := range w.CallsTo("sendMessage") {
				if c.Status != 200 {
					refused++
				}
			}
			said := w.Messages(ann.ID)
			if len(said) != 3 || refused != test.refused {
				t.Fatalf("without %v: %d messages are there, %d calls were refused, want 3 and %d", test.lacks, len(said), refused, test.refused)
			}
			for _, m := range said {
				var kinds []string
				for _, e := range m.Entities {
					kinds = append(kinds, e.Type)
				}
				if fmt.Sprint(kinds) != test.kinds || len(m.Buttons[0]) != test.buttons {
					t.Errorf("without %v: it has %v and %d buttons, want %s and %d", test.lacks, kinds, len(m.Buttons[0]), test.kinds, test.buttons)
				}
			}
		})
	}
}

// A reaction takes the place of an answer. Where the group takes none, or the message
// is gone, the answer is said.
func TestAReactionInsteadOfAnAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-4001, "Family", telegramtest.BasicGroup, ann, bob)
		o := newShelf()
		w.sender(o)
		asked := w.Say(group, ann, "/done 1")
		react := func() {
			o.put(group.ID, message.Message{Text: "Done: #1", React: "👍", ReplyTo: int64(asked.ID)})
			pass(time.Minute)
		}
		react()
		if m := w.Messages(group.ID)[0]; m.Reaction != "👍" || len(w.texts(group.ID)) != 0 {
			t.Errorf("the message has %q, and the bot says %q", m.Reaction, w.texts(group.ID))
		}
		w.NoReactions(group)
		react()
		w.delivered(group.ID, "Done: #1")
		w.Fail("setMessageReaction", 1, telegramtest.Status(400, "Bad Request: message to react not found"))
		react()
		w.delivered(group.ID, "Done: #1", "Done: #1")
	})
}
