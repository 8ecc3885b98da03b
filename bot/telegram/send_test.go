package telegram

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// delivered checks what a chat shows of ours, after everything has come to rest.
func (w *world) delivered(chat int64, want ...string) {
	w.t.Helper()
	synctest.Wait()
	if got := w.texts(chat); !slices.Equal(got, want) {
		w.t.Errorf("chat %d shows %q, want %q", chat, got, want)
	}
}

func TestEachChatGetsItsMessagesInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.LimitRates(true)
		o := newShelf()
		want := map[int64][]string{}
		for i := range 30 {
			for _, chat := range []int64{ann.ID, bob.ID} {
				text := fmt.Sprint(i)
				o.say(chat, text)
				want[chat] = append(want[chat], text)
			}
		}
		w.sender(o)
		pass(10 * time.Minute)
		w.delivered(ann.ID, want[ann.ID]...)
		w.delivered(bob.ID, want[bob.ID]...)
	})
}

func TestPatienceIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		toAnn := func(c telegramtest.Call) bool { return c.Params["chat_id"] == fmt.Sprint(ann.ID) }
		w.FailIf(toAnn, 2, telegramtest.TooManyRequests(100))
		o.say(ann.ID, "a1")
		o.say(ann.ID, "a2")
		for i := range 5 {
			o.say(bob.ID, fmt.Sprint("b", i))
		}
		pass(50 * time.Second)
		w.delivered(bob.ID, "b0", "b1", "b2", "b3", "b4")
		o.say(bob.ID, "b5") // what is queued meanwhile wakes nobody who was told to wait
		pass(10 * time.Minute)
		w.delivered(ann.ID, "a1", "a2")
		w.delivered(bob.ID, "b0", "b1", "b2", "b3", "b4", "b5")
		var at []time.Time
		for _, c := range w.CallsTo("sendMessage") {
			if toAnn(c) {
				at = append(at, c.At)
			}
		}
		for i := range 2 {
			if gap := at[i+1].Sub(at[i]); gap < 100*time.Second || gap > 110*time.Second {
				t.Errorf("told to wait 100 s, it waits %v", gap)
			}
		}
	})
}

func TestAChatThatWaitsHoldsUpNoOther(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.FailIf(func(c telegramtest.Call) bool { return c.Params["chat_id"] == fmt.Sprint(ann.ID) }, 1, telegramtest.Hang())
		o.say(ann.ID, "a1")
		o.say(ann.ID, "a2")
		synctest.Wait()
		o.say(bob.ID, "b1")
		o.say(bob.ID, "b2")
		w.delivered(bob.ID, "b1", "b2") // no time has gone by
		w.delivered(ann.ID)
		pass(time.Minute)
		w.delivered(ann.ID, "a1", "a2")
	})
}

func TestAnOutageLosesAndDoublesNothing(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"502": telegramtest.ServerErrorHTML(502), "503": telegramtest.ServerErrorHTML(503), "504": telegramtest.ServerErrorHTML(504),
		"500": telegramtest.Status(500, "Internal Server Error"), "eof": telegramtest.EOF(), "hang": telegramtest.Hang(),
		"portal": telegramtest.Answer(200, "<html>Please log in</html>"), "401": telegramtest.Unauthorized(),
		"not ok": telegramtest.Answer(200, `{"ok":false}`), "redirect": telegramtest.Answer(302, ""), "refused": {},
		"409": telegramtest.Conflict409(),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.sender(o)
				if name == "refused" {
					w.pipe.down.Store(true)
				} else {
					w.Fail("", -1, fault)
				}
				o.say(ann.ID, "an alert")
				o.put(ann.ID, message.Message{Text: "a file", Document: message.NewDocument("goals.json", []byte("[]"))})
				pass(3 * time.Hour)
				if n := len(w.Calls()); n > 3*60*4 {
					t.Errorf("%d calls in three hours", n)
				}
				w.delivered(ann.ID)
				w.pipe.down.Store(false)
				w.Heal("")
				pass(5 * time.Minute)
				w.delivered(ann.ID, "an alert", "a file")
				if o.left() > 0 || len(o.dead) > 0 {
					t.Errorf("left %d, dead letters %v", o.left(), o.dead)
				}
			})
		})
	}
}

func TestAYesThatIsLost(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"hang": telegramtest.HangAfter(), "eof": telegramtest.EOF().After(), "cut": telegramtest.CutBody(),
		"504": telegramtest.ServerErrorHTML(504).After(), "restart": telegramtest.Status(500, "Internal Server Error: restart").After(),
		"502": telegramtest.Status(502, "Bad Gateway").After(), "slow": telegramtest.SlowBody(time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.sender(o)
				w.Fail("sendMessage", 1, fault)
				o.say(ann.ID, "once lost")
				pass(time.Minute)
				w.delivered(ann.ID, "once lost", "once lost") // nobody can know better

				w.Fail("sendMessage", -1, fault)
				id := o.say(bob.ID, "always lost")
				pass(24 * time.Hour)
				var at []time.Time
				for _, c := range w.CallsTo("sendMessage") {
					if c.Params["text"] == "always lost" {
						at = append(at, c.At)
					}
				}
				if len(at) < 80 || len(at) > 100 {
					t.Fatalf("it is sent %d times in a day", len(at))
				}
				for i, least := range []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
					if gap := at[i+1].Sub(at[i]); gap < least || gap > least+least/10+2*time.Minute {
						t.Errorf("copy %d comes after %v, want %v", i+2, gap, least)
					}
				}
				w.Heal("")
				o.say(bob.ID, "next")
				pass(17 * time.Minute)
				copies := slices.Repeat([]string{"always lost"}, len(at)+1)
				w.delivered(bob.ID, append(copies, "next")...)
				if reason := o.reason(id); reason != "" {
					t.Errorf("it is put aside: %s", reason)
				}

				// To edit twice does no harm, so it is done for as long as it takes.
				first := w.Messages(bob.ID)[0].ID
				w.Fail("editMessageText", 10, fault)
				o.put(bob.ID, message.Message{Text: "edited", Edit: int64(first)})
				pass(time.Hour)
				w.delivered(bob.ID, append(append([]string{"edited"}, copies[1:]...), "next")...)
				if o.left() > 0 || len(o.dead) > 0 {
					t.Errorf("left %d, dead letters %v", o.left(), o.dead)
				}
			})
		})
	}
}

func TestWhatWasSentAndNotNotedIsNotSentAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		full := errors.New("the disk is full")
		o.unable.Store(&full)
		w.sender(o)
		o.say(ann.ID, "one")
		o.say(ann.ID, "two")
		pass(time.Hour)
		w.delivered(ann.ID, "one")
		o.unable.Store(nil)
		pass(time.Minute)
		w.delivered(ann.ID, "one", "two")
	})
}

func TestAYesIsAYesWhateverElseItSays(t *testing.T) {
	for _, result := range []string{`true`, `null`, `{"message_id":"x"}`, `[]`} {
		bubble(t, func(t *testing.T, w *world) {
			o := newShelf()
			w.sender(o)
			w.Fail("sendMessage", -1, telegramtest.Answer(200, `{"ok":true,"result":`+result+`}`))
			o.put(ann.ID, message.Message{Text: "hello", Tag: "board"})
			pass(time.Hour)
			if n := len(w.CallsTo("sendMessage")); n != 1 || o.left() != 0 {
				t.Errorf("%s: sent %d times, %d left", result, n, o.left())
			}
		})
	}
}

// The server says that it sent a message and cannot show it any more. It was
// sent again for ever, and nothing else reached the chat.
func TestWhatWasDeletedAtOnceWasSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendMessage", 1, telegramtest.Status(500, "Internal Server Error: sent message was immediately deleted and can't be returned").After())
		o.put(ann.ID, message.Message{Text: "one", Tag: "board"})
		o.say(ann.ID, "two")
		pass(time.Hour)
		w.delivered(ann.ID, "one", "two")
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("left %d, put aside %v", o.left(), o.dead)
		}
	})
}

// People are told of things whether they have started the bot or not, and a message
// that was put aside for each of those who have not looked like a fault. Passing
// over Lapses turns this red.
func TestWhatLapsesIsNotPutAside(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		o.put(ann.ID, message.Message{Text: "wanted", Lapses: true})
		o.put(eve.ID, message.Message{Text: "by the way", Lapses: true}) // who has never written
		pass(time.Minute)
		w.delivered(ann.ID, "wanted")
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("left %d, put aside %v", o.left(), o.dead)
		}
	})
}

func TestAGroupIsFollowedToItsNewID(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.Group(-4001, "Club", telegramtest.BasicGroup, ann)
		w.MigrateGroup(-4001, -1001234567890)
		o := newShelf()
		o.say(-4001, "one")
		o.say(-4001, "two") // before the first is sent: what is queued for the old id later moves for itself
		w.sender(o)
		pass(time.Minute)
		w.delivered(-1001234567890, "one", "two")
		if o.moved != 1 {
			t.Errorf("moved %d times", o.moved)
		}
		// One that moves to where it is goes nowhere.
		w.Fail("sendMessage", -1, telegramtest.Migrate(-1001234567890))
		id := o.say(-1001234567890, "three")
		pass(time.Minute)
		if o.reason(id) == "" || len(w.CallsTo("sendMessage")) > 5 {
			t.Errorf("dead letters %q after %d calls", o.reason(id), len(w.CallsTo("sendMessage")))
		}
	})
}

func TestStoppingFinishesWhatIsBeingSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		_, stop := w.sender(o)
		w.Fail("sendMessage", 1, telegramtest.SlowBody(5*time.Millisecond)) // a second or two
		o.say(ann.ID, "one")
		o.say(ann.ID, "two")
		synctest.Wait()
		began := time.Now()
		stop()
		w.delivered(ann.ID, "one")
		if took := time.Since(began); took > finishTime || o.left() != 1 {
			t.Errorf("stopped after %v with %d left", took, o.left())
		}
		NewSender(w.client, o, Hooks{}, w.log).Drain(t.Context())
		w.delivered(ann.ID, "one", "two")

		// One that hangs is left.
		_, stop = w.sender(o)
		w.Fail("sendMessage", 1, telegramtest.Hang())
		o.say(ann.ID, "three")
		synctest.Wait()
		began = time.Now()
		if stop(); time.Since(began) > finishTime {
			t.Errorf("stopped after %v", time.Since(began))
		}
		NewSender(w.client, o, Hooks{}, w.log).Drain(t.Context())
		w.delivered(ann.ID, "one", "two", "three")
	})
}

func TestACallNeverBegunIsSureToHaveHadNoEffect(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		try := func() error {
			_, err := w.client.send(t.Context(), ann.ID, message.Message{Text: "x"})
			if err == nil {
				t.Fatal("no error")
			}
			return err
		}
		w.pipe.down.Store(true)
		if mayHaveSent(try()) {
			t.Error("a refused connection is unsure")
		}
		w.pipe.down.Store(false)
		w.Fail("", 1, telegramtest.EOF())
		if !mayHaveSent(try()) {
			t.Error("an EOF is sure")
		}
		for _, fault := range []telegramtest.Fault{telegramtest.ServerErrorHTML(502), telegramtest.ServerErrorHTML(504), telegramtest.Status(500, "Internal Server Error: restart"), telegramtest.Status(502, "Bad Gateway")} {
			w.Fail("", 1, fault)
			if !mayHaveSent(try()) {
				t.Errorf("%+v is sure", fault)
			}
		}
		for _, fault := range []telegramtest.Fault{telegramtest.ServerErrorHTML(503), telegramtest.TooManyRequests(1), telegramtest.Status(400, "Bad Request: message is too long")} {
			w.Fail("", 1, fault)
			if mayHaveSent(try()) {
				t.Errorf("%+v is unsure", fault)
			}
		}
	})
	if mayHaveSent(nil) || mayHaveSent(errors.New("x")) {
		t.Error("unsure without a call")
	}
}

// What goes past the outbox has been through no check. Sending it as it is
// turns this red.
func TestWhatIsTooLongIsCutBeforeItIsSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		long := message.Message{Text: strings.Repeat("a line of an alert\n", 400)}
		if _, err := w.client.Say(t.Context(), ann.ID, long); err != nil {
			t.Fatal(err)
		}
		if got, _ := w.Last(ann.ID); !strings.HasSuffix(got.Text, "a line of an alert\n…") || len([]rune(got.Text)) > message.MaxText {
			t.Errorf("got %d characters, and the end is %q", len([]rune(got.Text)), got.Text[len(got.Text)-30:])
		}
	})
}
