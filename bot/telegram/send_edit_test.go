package telegram

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// The answer to a tap takes the place of a message. Whatever reason Telegram
// has to refuse that, the answer is said, once; what only takes buttons away
// says nothing, and so does what only ends a question. Broken on purpose: sending anew
// only where the message is gone, and whatever lapses left out, or said.
func TestAnAnswerIsSaidWhereItCannotTakeItsPlace(t *testing.T) {
	for _, refusal := range []string{
		"Bad Request: message to edit not found", "Bad Request: message not found", "Bad Request: MESSAGE_ID_INVALID",
		"Bad Request: have no write access to the chat", "Bad Request: CHAT_ADMIN_REQUIRED", "Bad Request: something of tomorrow", "Forbidden: something",
	} {
		bubble(t, func(t *testing.T, w *world) {
			o := newShelf()
			w.sender(o)
			o.say(ann.ID, "list")
			pass(time.Second)
			list, _ := w.Last(ann.ID)
			code := 400
			if strings.HasPrefix(refusal, "Forbidden") {
				code = 403
			}
			w.FailIf(func(c telegramtest.Call) bool { return strings.HasPrefix(c.Method, "edit") }, -1, telegramtest.Status(code, refusal))
			o.put(ann.ID, message.Message{Text: "Done", Edit: int64(list.ID)})
			o.put(ann.ID, message.Message{Edit: int64(list.ID)})
			o.put(ann.ID, message.Message{Text: "Ben changed a goal", Edit: int64(list.ID), Lapses: true})
			o.put(ann.ID, message.Message{Text: "Cancelled.", Edit: int64(list.ID), Over: "question", Lapses: true})
			pass(time.Minute)
			w.delivered(ann.ID, "list", "Done", "Ben changed a goal")
			if o.left() > 0 || len(o.dead) > 0 {
				t.Errorf("%s: left %d, put aside %v", refusal, o.left(), o.dead)
			}
		})
	}
}

// A reply to a message that was deleted a moment ago is refused although it was
// said that it may go without. The topic stays.
func TestAnAnswerIsSaidWhereWhatItAnswersIsGone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		forum := w.Group(-1004001, "Forum", telegramtest.Forum, ann)
		topic := w.Topic(forum, ann, "Goals")
		o := newShelf()
		w.sender(o)
		for name, remove := range map[string]func(telegramtest.Chat, int){"noticed": w.Delete, "unnoticed": w.DeleteUnnoticed} {
			asked := w.Say(forum, ann, "/done 1", telegramtest.InThread(topic))
			remove(forum, asked.ID)
			before := len(w.CallsTo("sendMessage"))
			o.put(forum.ID, message.Message{Text: name, Thread: int64(topic), ReplyTo: int64(asked.ID)})
			pass(time.Minute)
			if calls := len(w.CallsTo("sendMessage")) - before; name == "noticed" && calls != 1 {
				t.Errorf("%d calls, although it may go without", calls)
			}
			if m, _ := w.Last(forum.ID); m.Text != name || m.Thread != topic || len(o.dead) > 0 {
				t.Errorf("%s: it says %+v, put aside %v", name, m, o.dead)
			}
		}
	})
}

func TestEditing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		o.say(ann.ID, "list")
		synctest.Wait()
		board, _ := w.Last(ann.ID)
		edit := func(id int, text string) {
			o.put(ann.ID, message.Message{Text: text, Edit: int64(id)})
			pass(5 * time.Second)
		}
		edit(board.ID, "list, longer")
		edit(board.ID, "list, longer") // the same again is as good as done
		w.delivered(ann.ID, "list, longer")

		w.Delete(w.Private(ann), board.ID)
		edit(board.ID, "anew")
		w.delivered(ann.ID, "anew")

		// The words under a document cannot be edited as a text.
		o.put(ann.ID, message.Message{Text: "file", Document: message.NewDocument("goals.json", []byte("[]"))})
		pass(5 * time.Second)
		file, _ := w.Last(ann.ID)
		edit(file.ID, "about the file")
		w.delivered(ann.ID, "anew", "file", "about the file")

		// Nor can somebody else's message.
		edit(w.Say(w.Private(ann), ann, "mine").ID, "about yours")
		w.delivered(ann.ID, "anew", "file", "about the file", "about yours")
		if len(o.dead) > 0 {
			t.Errorf("dead letters %v", o.dead)
		}
	})
}

// What takes the buttons off a message leaves its words, and says nothing
// where the message is gone. Sending it anew there turns this red.
func TestButtonsAloneAreTakenAway(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		o.put(ann.ID, new(message.Text).Bold("list").Message([]message.Button{{Label: "a", Command: "b"}}))
		synctest.Wait()
		board, _ := w.Last(ann.ID)
		for range 2 { // the second time there is nothing left to do
			o.put(ann.ID, message.Message{Edit: int64(board.ID)})
			pass(5 * time.Second)
		}
		if m, _ := w.Last(ann.ID); m.Text != "list" || len(m.Entities) != 1 || len(m.Buttons) != 0 {
			t.Errorf("the message is %q now, with %v and %v", m.Text, m.Entities, m.Buttons)
		}
		w.Delete(w.Private(ann), board.ID)
		o.put(ann.ID, message.Message{Edit: int64(board.ID)})
		pass(5 * time.Second)
		w.delivered(ann.ID)
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("%d wait, dead letters are %v", o.left(), o.dead)
		}
	})
}
