package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// Broken on purpose, and what went red: no answer to a tap before what else waits,
// TestAnAnswerToATapGoesFirst; over an older edit of the same message,
// TestEditsOfOneMessageKeepTheirOrder; sending edits that nobody would see,
// TestOnlyTheLastEditIsSent; nothing kept back for them,
// TestWhoIsThereGoesBeforeOtherChats; no turn before others, TestPeopleWhoAreThereComeFirst; the same pace after a refusal, and no
// end of the lower one, TestARefusalLowersThePace; no window for groups,
// TestAGroupGetsTwentyAMinute.

// tapped is what a tap makes of a card.
func (s *shelf) tapped(chat, card int64, text string) {
	m := new(message.Text).Add(text).Message()
	m.Edit, m.Tapped = card, true
	s.put(chat, m)
}

// edits are the texts that were put in place of others, with the time since began.
func (w *world) editsSince(began time.Time) (all []string) {
	for _, c := range w.CallsTo("editMessageText") {
		if c.Status != 200 {
			w.t.Errorf("%v after the start: %d", c.At.Sub(began), c.Status)
		}
		all = append(all, fmt.Sprint(c.Params["text"], " ", c.At.Sub(began)))
	}
	return all
}

// card says something that is tapped later, and returns its number.
func (w *world) card(o *shelf, chat int64) int64 {
	w.t.Helper()
	o.say(chat, "card")
	pass(time.Minute)
	sent := w.Messages(chat)
	return int64(sent[len(sent)-1].ID)
}

// A person who taps once a second is answered at once, and the server, which
// refuses more than five messages in five seconds, refuses nothing.
func TestTenTapsInTenSecondsAreAnsweredAtOnce(t *testing.T) {
	for _, where := range []string{"a private chat", "a group"} {
		t.Run(where, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				chat := ann.ID
				if where == "a group" {
					chat = w.Group(-7, "Group", telegramtest.BasicGroup, ann).ID
				}
				o := newShelf()
				s, _ := w.sender(o)
				card := w.card(o, chat)
				w.LimitRates(true)
				began := time.Now()
				var want []string
				for i := range 10 {
					s.Attend(chat)
					o.tapped(chat, card, fmt.Sprint("state ", i))
					want = append(want, fmt.Sprintf("state %d %v", i, time.Duration(i)*time.Second))
					pass(time.Second)
				}
				if got := w.editsSince(began); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("edited %q, want %q", got, want)
				}
			})
		})
	}
}

func TestAnAnswerToATapGoesFirst(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		for i := range 60 {
			o.say(ann.ID, fmt.Sprint("reminder ", i))
		}
		pass(5 * time.Second)
		began := time.Now()
		s.Attend(ann.ID)
		o.tapped(ann.ID, card, "done")
		pass(time.Second)
		if got := w.editsSince(began); len(got) != 1 {
			t.Errorf("edited %q within a second", got)
		}
		pass(5 * time.Minute)
		if o.left() > 0 {
			t.Errorf("%d are left", o.left())
		}
	})
}

// An edit that nobody has asked for by a tap waits its turn. Red where any edit goes first.
func TestAnEditWithoutATapWaitsItsTurn(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		s.Hold(time.Hour)
		s.Attend(ann.ID)
		o.say(ann.ID, "reminder")
		o.put(ann.ID, message.Message{Text: "Ben changed it", Edit: card})
		before := len(w.Calls())
		s.release()
		pass(time.Second)
		if calls := w.Calls()[before:]; len(calls) != 2 || calls[0].Params["text"] != "reminder" || calls[1].Params["text"] != "Ben changed it" {
			t.Errorf("called %v", calls)
		}
	})
}

// The answer to a tap does not go before a message that was tried: what is known of that
// would be lost. Red where one of these is not asked for: that it was sent, that it may
// have been, who was told it, that its file does not get through, that it must go alone.
func TestWhatIsKnownOfAMessageOutlivesTaps(t *testing.T) {
	const group = -4001
	for name, tt := range map[string]struct {
		chat  int64
		begin func(w *world, o *shelf) // what goes wrong, and the message
		end   func(w *world, o *shelf)
		check func(t *testing.T, w *world)
	}{
		"sent": {ann.ID, func(w *world, o *shelf) {
			full := errors.New("the disk is full")
			o.unable.Store(&full)
			o.say(ann.ID, "news")
		}, func(_ *world, o *shelf) { o.unable.Store(nil) }, func(t *testing.T, w *world) { w.delivered(ann.ID, "tapped", "news") }},
		"may have been sent": {ann.ID, func(w *world, o *shelf) {
			w.Fail("sendMessage", -1, telegramtest.EOF().After())
			o.say(ann.ID, "news")
		}, func(w *world, _ *shelf) { w.Heal("") }, func(t *testing.T, w *world) {
			if n := len(w.texts(ann.ID)); n > 6 {
				t.Errorf("said %d times in ten minutes", n-1)
			}
		}},
		"told to some": {group, func(w *world, o *shelf) {
			w.FailIf(func(c telegramtest.Call) bool {
				return c.Method == "sendMessage" && c.Params["chat_id"] == fmt.Sprint(group)
			}, -1, telegramtest.Kicked())
			w.FailIf(refusals(w.Private(bob)), 3, telegramtest.TooManyRequests(20))
			o.put(group, message.Message{Text: "news", Elsewhere: []int64{ann.ID, bob.ID}})
		}, func(*world, *shelf) {}, func(t *testing.T, w *world) {
			w.delivered(ann.ID, "news")
			w.delivered(bob.ID, "news")
		}},
		"a file that does not get through": {ann.ID, func(w *world, o *shelf) {
			w.Fail("sendDocument", -1, telegramtest.ServerErrorHTML(503))
			o.put(ann.ID, message.Message{Text: "file", Document: message.NewDocument("goals.json", []byte("[]"))})
		}, func(*world, *shelf) {}, func(t *testing.T, w *world) {
			if n := len(w.CallsTo("sendDocument")); n != maxBroken {
				t.Errorf("the file is sent %d times", n)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.Group(group, "Club", telegramtest.BasicGroup, ann, bob)
				o := newShelf()
				s, _ := w.sender(o)
				card := w.card(o, tt.chat)
				tt.begin(w, o)
				for range 600 {
					pass(time.Second)
					s.Attend(tt.chat)
					o.tapped(tt.chat, card, "tapped")
				}
				tt.end(w, o)
				pass(30 * time.Minute)
				tt.check(t, w)
				if o.left() > 0 || len(o.dead) > 0 {
					t.Errorf("%d left, put aside %v", o.left(), o.dead)
				}
			})
		})
	}
	t.Run("alone", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			o := newShelf()
			var s *Sender
			var card int64
			tap := sync.OnceFunc(func() { s.Attend(ann.ID); o.tapped(ann.ID, card, "tapped") })
			s, _ = w.senderWith(o, Hooks{Render: func(_ context.Context, _ store.Message, m message.Message) (message.Message, bool, error) {
				if m.Answer {
					tap()
				}
				return m, true, nil
			}})
			card = w.card(o, ann.ID)
			together := 0
			w.FailIf(func(c telegramtest.Call) bool {
				is := strings.Contains(c.Params["text"], "commands were waiting")
				if is {
					together++
				}
				return is
			}, -1, telegramtest.Status(400, "Bad Request: message is too long"))
			s.Hold(time.Hour)
			o.answers(ann.ID, 1, 11)
			s.release()
			pass(time.Minute)
			if texts := w.texts(ann.ID); len(texts) != 12 || texts[0] != "tapped" || together != 1 {
				t.Errorf("it says %q, tried together %d times", texts, together)
			}
		})
	})
}

func TestEditsOfOneMessageKeepTheirOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		s.Hold(time.Hour)
		o.say(ann.ID, "reminder")
		m := new(message.Text).Add("from elsewhere").Message()
		m.Edit = card
		o.put(ann.ID, m)
		s.Attend(ann.ID)
		o.tapped(ann.ID, card, "last")
		s.release()
		pass(time.Minute)
		w.delivered(ann.ID, "last", "reminder")
	})
}

func TestOnlyTheLastEditIsSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		other := w.card(o, ann.ID)
		s.Hold(time.Hour)
		for i := range 9 {
			o.tapped(ann.ID, card, fmt.Sprint("state ", i))
		}
		o.tapped(ann.ID, other, "other")
		began := time.Now()
		s.release()
		pass(0)
		if got, want := w.editsSince(began), []string{"state 8 0s", "other 0s"}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("edited %q, want %q", got, want)
		}
		if o.left() > 0 {
			t.Errorf("%d are left", o.left())
		}
	})
}

func TestWhoIsThereGoesBeforeOtherChats(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		for i := range 1000 {
			u := telegramtest.User{ID: int64(10_000 + i), FirstName: "Somebody"}
			w.Meet(u)
			o.say(u.ID, "a notice")
		}
		pass(5 * time.Second)
		if o.left() == 0 {
			t.Fatal("nothing waits")
		}
		began := time.Now()
		s.Attend(ann.ID)
		o.tapped(ann.ID, card, "done")
		pass(0)
		if got := w.editsSince(began); len(got) != 1 {
			t.Errorf("edited %q at once", got)
		}
		pass(time.Minute)
		if o.left() > 0 {
			t.Errorf("%d are left", o.left())
		}
	})
}

// As many as may be sent at once go to people who are there.
func TestPeopleWhoAreThereComeFirst(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, _ := w.sender(o)
		s.Hold(time.Hour)
		var there []int64
		for i := range 100 {
			u := telegramtest.User{ID: int64(10_000 + i), FirstName: "Somebody"}
			w.Meet(u)
			o.say(u.ID, "news")
			if i >= 80 {
				there = append(there, u.ID)
				s.Attend(u.ID)
			}
		}
		s.release()
		pass(0)
		for _, chat := range there {
			w.delivered(chat, "news")
		}
		pass(time.Minute)
		if o.left() > 0 {
			t.Errorf("%d are left", o.left())
		}
	})
}

func TestARefusalLowersThePace(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		took := func() time.Duration {
			pass(time.Hour) // the burst is there again
			began := time.Now()
			for i := range 60 {
				o.say(ann.ID, fmt.Sprint(i))
			}
			for o.left() > 0 {
				pass(time.Second)
			}
			return time.Since(began)
		}
		before := took()
		w.FailIf(func(c telegramtest.Call) bool { return c.Method == "sendMessage" }, 2, telegramtest.TooManyRequests(10))
		slow := took()
		if slow < 3*before {
			t.Errorf("60 messages take %v after two refusals, and %v before", slow, before)
		}
		if again := took(); again != before {
			t.Errorf("an hour later they take %v", again)
		}
	})
}

func TestAGroupGetsTwentyAMinute(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-7, "Group", telegramtest.BasicGroup, ann)
		o := newShelf()
		w.sender(o)
		for i := range 60 {
			o.say(group.ID, fmt.Sprint(i))
		}
		pass(10 * time.Minute)
		var at []time.Time
		for _, c := range w.CallsTo("sendMessage") {
			at = append(at, c.At)
		}
		if len(at) != 60 {
			t.Fatalf("%d messages", len(at))
		}
		for i := range len(at) - groupMost {
			if span := at[i+groupMost].Sub(at[i]); span < groupSpan {
				t.Errorf("%d messages within %v", groupMost+1, span)
			}
		}
	})
}

// Where Telegram is stricter than we think, all arrives, in order.
func TestAStrictServerGetsAllInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.LimitRates(true)
		o := newShelf()
		s, _ := w.sender(o)
		card := w.card(o, ann.ID)
		for i := range 30 {
			s.Attend(ann.ID)
			o.tapped(ann.ID, card, fmt.Sprint("state ", i))
			o.say(ann.ID, fmt.Sprint("said ", i))
			pass(100 * time.Millisecond)
		}
		pass(10 * time.Minute)
		want := []string{"state 29"}
		for i := range 30 {
			want = append(want, fmt.Sprint("said ", i))
		}
		w.delivered(ann.ID, want...)
	})
}

// A tap is where somebody is.
func TestATapIsAttendedTo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := NewSender(w.client, newShelf(), Hooks{}, w.log)
		w.pollerWith(&clerk{}, s)
		w.Say(w.Private(ann), ann, "/goals")
		w.Say(w.Private(eve), eve, "/goals")
		pass(5 * time.Second)
		if !s.attends(ann.ID) || s.attends(eve.ID) {
			t.Errorf("a member %v, a stranger %v", s.attends(ann.ID), s.attends(eve.ID))
		}
		pass(time.Minute)
		synctest.Wait()
		if s.attends(ann.ID) {
			t.Error("still")
		}
	})
}

// A wait of no time would begin the next round at once, which finds the same: with
// the clock of a test, which stands still meanwhile, for ever. Seen red where the
// wait is cut to whole nanoseconds.
func TestWhatIsMissingIsWaitedFor(t *testing.T) {
	began := time.Now()
	for slow := range maxSlow + 1 {
		a := newAllowance(allPerSecond, allPerSecond, 0)
		a.set(began, slow)
		a.ReserveN(began, a.Burst())
		for n := 1; n <= a.Burst(); n++ {
			there := time.Duration(n) * time.Second << slow / allPerSecond
			for early := range 10 * time.Nanosecond {
				now := began.Add(there - early)
				if tokens := a.TokensAt(now); int(tokens) < n && a.until(now, float64(n)) <= 0 {
					t.Errorf("%v before the time there are %v of %d messages, and nothing is waited for", early, tokens, n)
				}
			}
		}
	}
}

// What can wait leaves room for answers: half of a burst, and half of what a group takes
// in a minute.
func TestWhatCanWaitLeavesRoom(t *testing.T) {
	start := time.Now()
	for chat, want := range map[int64]int{7: chatBurst / 2, -7: groupBurst / 2} {
		a := chatAllowance(chat)
		n := 0
		for ; a.ample(start); n++ {
			a.spend(start)
		}
		if n-1 != want {
			t.Errorf("chat %d: at once %d may be sent, want %d", chat, n-1, want)
		}
	}
	group := chatAllowance(-7)
	for i := range groupMost/2 + 1 { // so slowly that the burst is as large as ever
		group.spend(start.Add(time.Duration(i) * 5 * time.Second))
	}
	now := start.Add(groupMost / 2 * 5 * time.Second)
	if group.ample(now.Add(3 * time.Second)) {
		t.Errorf("%d messages within a minute leave enough room", group.lately(now))
	}
	if later := now.Add(groupSpan); !group.ample(later) {
		t.Errorf("after a minute %d messages leave too little room", group.lately(later))
	}
}
