package telegram

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// Every guard was broken once on purpose, and this is what went red:
//
//	the pause before a board is edited      TestManyBoardsHoldUpNoAnswer
//	what waits goes first                   TestABoardIsEditedWhenNothingElseIsToBeSaid
//	what is left of a burst, the pace       TestABoardLeavesRoomForAnswers
//	so many boards at once                  TestManyBoardsHoldUpNoAnswer
//	a look without any news                 TestABoardIsLookedAtNowAndThen
//	no board when the program ends          TestTheEndDoesNotWaitForBoards
//	not sending a board that is gone        TestAnEditThatFailsDoesNoHarm
//	the deadline, the pause after a failure TestAnEditThatFailsDoesNoHarm

// board has the bot say something that can be edited, and returns its number.
func (w *world) board(o *shelf, chat int64) int64 {
	w.t.Helper()
	o.say(chat, "a board")
	pass(100 * time.Millisecond)
	for _, m := range slices.Backward(w.Messages(chat)) {
		if m.Text == "a board" {
			return int64(m.ID)
		}
	}
	w.t.Fatal("no board")
	return 0
}

func (w *world) edits() []telegramtest.Call { return w.CallsTo("editMessageText") }

func TestABoardIsEditedWhenNothingElseIsToBeSaid(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		n := w.board(o, ann.ID)
		pass(time.Hour)
		o.stale(ann.ID, n, "one change")
		o.say(ann.ID, "answer")
		pass(500 * time.Millisecond)
		o.stale(ann.ID, n, "two changes")
		o.say(ann.ID, "another")
		w.delivered(ann.ID, "a board", "answer", "another")
		pass(2 * time.Second)
		w.delivered(ann.ID, "two changes", "answer", "another")
		if got := w.edits(); len(got) != 1 || got[0].Params["message_id"] != fmt.Sprint(n) {
			t.Errorf("edited by %v", got)
		}

		// Telegram asks for patience: what waits is older than the edit.
		w.Fail("sendMessage", 1, telegramtest.TooManyRequests(20))
		o.say(ann.ID, "late")
		o.stale(ann.ID, n, "three changes")
		pass(15 * time.Second)
		w.delivered(ann.ID, "two changes", "answer", "another")
		pass(10 * time.Second)
		w.delivered(ann.ID, "three changes", "answer", "another", "late")
		calls := w.Calls()
		if last := calls[len(calls)-1]; last.Method != "editMessageText" || len(w.edits()) != 2 {
			t.Errorf("the last call is %v, edits %d", last.Method, len(w.edits()))
		}
	})
}

// What is queued while the boards are looked at may be about the board, and
// goes first. Reading the outbox before the boards turns this red.
func TestWhatComesDuringTheLookGoesFirst(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		var n atomic.Int64
		o.looked = func() {
			if n := n.Load(); n > 0 && o.left() == 0 && len(w.edits()) == 0 {
				o.put(ann.ID, message.Message{Text: "a card", Edit: n})
			}
		}
		w.sender(o)
		board := w.board(o, ann.ID)
		o.stale(ann.ID, board, "changed")
		n.Store(board)
		pass(2 * time.Second)
		if got := w.edits(); len(got) == 0 || got[0].Params["text"] != "a card" {
			t.Errorf("edited by %v", got)
		}
	})
}

// A board may change without a word to anybody.
func TestABoardIsLookedAtNowAndThen(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		n := w.board(o, ann.ID)
		pass(time.Minute)
		o.stale(ann.ID, n, "changed")
		pass(time.Minute)
		w.delivered(ann.ID, "changed")
	})
}

func TestABoardLeavesRoomForAnswers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-7, "Group", telegramtest.BasicGroup, ann)
		o := newShelf()
		w.sender(o)
		n := w.board(o, group.ID)
		for range 9 {
			o.say(group.ID, "answer")
		}
		o.stale(group.ID, n, "changed")
		pass(10 * time.Second)
		if len(w.edits()) > 0 {
			t.Error("edited although few answers more may be sent")
		}
		pass(10 * time.Second)
		if len(w.edits()) != 1 {
			t.Errorf("edited %d times", len(w.edits()))
		}
		pass(time.Minute)
		w.LimitRates(true)

		// Somebody else keeps changing the list: the edits never use up what
		// answers need.
		for i := range 60 {
			o.stale(group.ID, n, fmt.Sprint("changed ", i))
			o.say(bob.ID, "done")
			pass(time.Second)
		}
		began := time.Now()
		for range 4 {
			o.say(group.ID, "now")
		}
		pass(0)
		calls := w.CallsTo("sendMessage")
		for _, c := range calls[len(calls)-4:] {
			if c.Params["text"] != "now" || c.At.After(began) {
				t.Errorf("%q left %v later", c.Params["text"], c.At.Sub(began))
			}
		}
	})
}

func TestManyBoardsHoldUpNoAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		n := w.board(o, ann.ID)
		for i := range 100 {
			chat := w.Group(int64(-100-i), "Group", telegramtest.BasicGroup, ann).ID
			o.stale(chat, w.board(o, chat), "changed")
		}
		pass(time.Minute)
		o.stale(ann.ID, n, "changed")
		if got := len(w.edits()); got != 100 {
			t.Errorf("%d edits", got)
		}
		for i, c := range w.edits() {
			if five := w.edits()[max(0, i-maxBoards)].At; i >= maxBoards && c.At.Sub(five) < boardPause {
				t.Fatalf("edit %d is %v after the one %d before", i, c.At.Sub(five), maxBoards)
			}
		}
	})
}

// A board waits where as many messages leave as may leave at once. Red where the boards
// are counted apart from the messages.
func TestABoardLeavesRoomForOtherChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		n := w.board(o, ann.ID)
		s.Hold(time.Hour)
		for i := range allPerSecond - allReserve {
			u := telegramtest.User{ID: int64(10_000 + i), FirstName: "Somebody"}
			w.Meet(u)
			o.say(u.ID, "news")
		}
		o.stale(ann.ID, n, "changed")
		pass(time.Minute)
		s.release()
		pass(0)
		if len(w.edits()) > 0 || o.left() > 0 {
			t.Errorf("edited %d times while %d messages wait", len(w.edits()), o.left())
		}
		pass(2 * boardPause)
		w.delivered(ann.ID, "changed")
	})
}

func TestTheEndDoesNotWaitForBoards(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		_, stop := w.sender(o)
		n := w.board(o, ann.ID)
		stop()
		s := NewSender(w.client, o, Hooks{}, w.log)
		o.stale(ann.ID, n, "changed")
		pass(time.Minute)
		s.Drain(t.Context())
		if len(w.edits()) > 0 {
			t.Error("a board is edited at the end")
		}
		w.sender(o) // which is made up for at the next start
		pass(2 * time.Second)
		w.delivered(ann.ID, "changed")
	})
}

func TestAnEditThatFailsDoesNoHarm(t *testing.T) {
	type outcome struct {
		shown []string
		edits int // in half an hour
	}
	id := fmt.Sprint(ann.ID)
	for name, c := range map[string]struct {
		fault func(w *world)
		want  outcome
	}{
		"unchanged": {func(w *world) {
			w.Fail("editMessageText", 1, telegramtest.Status(400, "Bad Request: message is not modified"))
		}, outcome{[]string{id + " true"}, 1}},
		"gone": {func(w *world) {
			w.Fail("editMessageText", 1, telegramtest.Status(400, "Bad Request: message to edit not found"))
		}, outcome{[]string{id + " false"}, 1}},
		"too old": {func(w *world) {
			w.Fail("editMessageText", 1, telegramtest.Status(400, "Bad Request: message can't be edited"))
		}, outcome{[]string{id + " false"}, 1}},
		"refused": {func(w *world) {
			w.Fail("editMessageText", 1, telegramtest.Status(400, "Bad Request: can't parse entities"))
		}, outcome{[]string{id + " false"}, 1}},
		"blocked": {func(w *world) { w.Fail("editMessageText", 1, telegramtest.Blocked()) }, outcome{[]string{id + " false"}, 1}},
		"flood":   {func(w *world) { w.Fail("editMessageText", 1, telegramtest.TooManyRequests(10)) }, outcome{[]string{id + " true"}, 2}},
		"502":     {func(w *world) { w.Fail("editMessageText", 3, telegramtest.ServerErrorHTML(502)) }, outcome{[]string{id + " true"}, 4}},
		"lost":    {func(w *world) { w.Fail("editMessageText", 1, telegramtest.EOF().After()) }, outcome{[]string{id + " true"}, 2}},
		"mute":    {func(w *world) { w.Fail("editMessageText", 1, telegramtest.Hang()) }, outcome{[]string{id + " true"}, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.sender(o)
				n := w.board(o, ann.ID)
				c.fault(w)
				o.stale(ann.ID, n, "changed")
				pass(1500 * time.Millisecond)
				o.say(ann.ID, "an answer")
				pass(boardTime)
				if answers := w.CallsTo("sendMessage"); len(answers) < 2 && name != "flood" {
					t.Error("the answer is held up")
				}
				pass(30 * time.Minute)
				if got := (outcome{o.shown, len(w.edits())}); !slices.Equal(got.shown, c.want.shown) || got.edits != c.want.edits {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
				if calls := w.edits(); name == "502" && calls[1].At.Sub(calls[0].At) < boardRetry {
					t.Errorf("tried again after %v", calls[1].At.Sub(calls[0].At))
				}
				if n := len(w.CallsTo("sendMessage")); n != 2 {
					t.Errorf("%d messages were sent", n)
				}
			})
		})
	}
}

// A list that changes all the time is shown anew every few seconds, in a group more
// seldom: an edit counts like a message.
func TestABoardThatChangesAllTheTimeIsEditedNowAndThen(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann)
		for chat, every := range map[int64]time.Duration{ann.ID: boardEvery, group.ID: boardAmong} {
			o := newShelf()
			_, stop := w.sender(o)
			n := w.board(o, chat)
			pass(time.Minute)
			before := len(w.edits())
			for i := range 20 {
				o.stale(chat, n, fmt.Sprint("change ", i))
				o.say(bob.ID, "answer") // after which the boards are looked at
				pass(time.Second)
			}
			stop()
			edits := w.edits()[before:]
			for i, e := range edits[1:] {
				if gap := e.At.Sub(edits[i].At); gap < every {
					t.Errorf("chat %d: edited after %v", chat, gap)
				}
			}
			if len(edits) < 2 {
				t.Errorf("chat %d: edited %d times", chat, len(edits))
			}
		}
	})
}
