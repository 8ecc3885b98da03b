package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// While a delivery notes what became of a message, the boards are looked at:
// both went to the same state of the chat. The stub's lock hid it, so here the
// note takes longer than it takes until the boards are looked at. Handing a
// delivery the state itself instead of a copy turns this red under -race.
func TestADeliveryAndTheBoardsShareNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		o.takes = 3 * time.Second
		w.sender(o)
		n := w.board(o, ann.ID)
		for i := range 5 {
			o.say(ann.ID, fmt.Sprint("answer ", i))
			o.stale(ann.ID, n, fmt.Sprint("changed ", i))
			pass(1500 * time.Millisecond) // in the middle of the note
		}
		pass(time.Minute)
		w.delivered(ann.ID, "changed 4", "answer 0", "answer 1", "answer 2", "answer 3", "answer 4")
	})
}

// panicky is an outbox that panics once a board is shown.
type panicky struct {
	*shelf
	times atomic.Int32
}

func (p *panicky) BoardShown(e handlers.BoardEdit, taken bool) {
	if p.times.Add(1) == 1 {
		panic("an odd board")
	}
	p.shelf.BoardShown(e, taken)
}

// Leaving out the recover around a delivery ends the program here.
func TestAPanicOverABoardEndsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := &panicky{shelf: newShelf()}
		w.sender(o)
		n := w.board(o.shelf, ann.ID)
		o.stale(ann.ID, n, "changed")
		pass(time.Minute)
		o.say(ann.ID, "an answer")
		pass(2 * time.Minute)
		w.delivered(ann.ID, "changed", "an answer")
		if o.times.Load() != 2 {
			t.Errorf("shown %d times", o.times.Load())
		}
	})
}

// It came at every look, and with it the end of the program.
func TestAPanicInLookingAtTheBoardsKeepsNoAnswerBack(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		o.looked = func() { panic("an odd goal") }
		w.sender(o)
		pass(5 * time.Minute)
		o.say(ann.ID, "an answer")
		w.delivered(ann.ID, "an answer")
	})
}

// At the end nobody looks at the boards. That they were due kept the loop
// running without a pause until the last message was noted; then this hangs.
func TestTheEndWaitsForTheLastNote(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		o.takes = time.Second
		o.say(ann.ID, "one")
		s := NewSender(w.client, o, Hooks{}, w.log)
		pass(time.Hour)
		s.Drain(t.Context())
		w.delivered(ann.ID, "one")
		if o.left() > 0 {
			t.Error("it is not noted")
		}
	})
}

// What is made when it leaves is made of how things stand then, goes where it
// was to go, and goes alone; what cannot be made for now stays first. Not
// asking the hook, and folding what is to be made with other answers, turn this
// red.
func TestAMessageIsMadeWhenItLeaves(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		state, failures := "old", 2
		hooks := Hooks{Render: func(_ context.Context, queued store.Message, m message.Message) (message.Message, bool, error) {
			switch {
			case m.Render == "":
				return m, m.Text != "nothing to say any more", nil
			case failures > 0:
				failures--
				return m, true, errors.New("the palace does not answer")
			}
			return m.Rendered(message.Message{Text: state + " " + m.Args}), true, nil
		}}
		s, _ := w.senderWith(o, hooks)
		s.Hold(time.Hour)
		o.put(ann.ID, message.Message{Render: "list", Args: "csv", Answer: true})
		o.say(ann.ID, "nothing to say any more")
		o.answers(ann.ID, 1, 11)
		o.put(ann.ID, message.Message{Render: "list", Args: "json", Answer: true})
		state = "new"
		s.release()
		pass(time.Minute)
		w.delivered(ann.ID, "new csv", folded(11, 1, 11), "new json")
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("%d left, dead letters %v", o.left(), o.dead)
		}
	})
}

// slowRoad counts how many calls are on their way at once.
type slowRoad struct {
	http.RoundTripper
	now, most atomic.Int32
}

func (r *slowRoad) RoundTrip(req *http.Request) (*http.Response, error) {
	n := r.now.Add(1)
	defer r.now.Add(-1)
	if r.most.Load() < n {
		r.most.Store(n)
	}
	time.Sleep(time.Second)
	return r.RoundTripper.RoundTrip(req)
}

// However many chats have something waiting, no more messages than a few are
// held in memory at once. No bound on deliveries turns this red.
func TestFewMessagesAreInMemoryAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		road := &slowRoad{RoundTripper: w.client.http.Transport}
		w.client.http.Transport = road
		o := newShelf()
		const chats = 5 * maxUnderWay
		for i := range chats {
			u := telegramtest.User{ID: int64(10_000 + i), FirstName: "Somebody"}
			w.Meet(u)
			o.say(u.ID, "hello")
		}
		s, _ := w.sender(o)
		s.all.SetBurst(chats)
		s.all.SetLimit(chats)
		pass(time.Minute)
		if n := road.most.Load(); n != maxUnderWay || o.left() > 0 {
			t.Errorf("%d at once, %d left", n, o.left())
		}
	})
}

// One chat for which much waits makes no other wait longer than one turn of
// each. Handing out turns by the age of the messages turns this red.
func TestChatsTakeTurns(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		const chats, each = 2 * maxUnderWay, 10
		for i := range chats {
			u := telegramtest.User{ID: int64(10_000 + i), FirstName: "Somebody"}
			w.Meet(u)
			for range each {
				o.say(u.ID, "hello")
			}
		}
		w.client.http.Transport = &slowRoad{RoundTripper: w.client.http.Transport}
		s, _ := w.sender(o)
		s.all.SetBurst(chats * each)
		s.all.SetLimit(chats * each)
		pass(100 * time.Millisecond)
		o.say(ann.ID, "an answer")
		pass(10 * time.Minute)
		for i, c := range w.CallsTo("sendMessage") {
			if c.Params["text"] == "an answer" {
				if i > chats+maxUnderWay {
					t.Errorf("it is number %d of %d", i, chats*each)
				}
				return
			}
		}
		t.Error("it is not sent")
	})
}

// After Telegram has asked for patience everything is sent more slowly, for some minutes
// and not for ever.
func TestThePaceOfAllComesBack(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, stop := w.sender(o)
		w.Fail("sendMessage", 1, telegramtest.TooManyRequests(1))
		o.say(ann.ID, "one")
		pass(easeAfter + time.Minute)
		o.say(ann.ID, "two")
		pass(time.Second)
		w.delivered(ann.ID, "one", "two")
		stop()
		if s.all.slow != 0 || s.all.Limit() != allPerSecond {
			t.Errorf("the pace is halved %d times: %v a second", s.all.slow, s.all.Limit())
		}
	})
}

// An outage is over once a message was taken: the next failure is tried again as soon
// as the first one was.
func TestAfterAnOutageTheNextFailureIsTriedSoon(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendMessage", 12, telegramtest.Status(401, "Unauthorized"))
		o.say(ann.ID, "one")
		pass(time.Hour)
		w.delivered(ann.ID, "one")
		before := len(w.CallsTo("sendMessage"))
		w.Fail("sendMessage", 1, telegramtest.Status(401, "Unauthorized"))
		o.say(ann.ID, "two")
		pass(5 * time.Second)
		w.delivered(ann.ID, "one", "two")
		if n := len(w.CallsTo("sendMessage")) - before; n != 2 {
			t.Errorf("sent %d times", n)
		}
	})
}
