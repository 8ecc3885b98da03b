package telegram

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// Broken on purpose, and what went red: folding from two on, folding alerts,
// and forgetting the first of many only, TestManyAnswersAreToldTogether; no
// hold, TestABacklogIsAnsweredInOneMessage; a hold without an end,
// TestWhatIsHeldBackLeavesInTheEnd; typing at once, TestTypingIsShownWhereItTakesLong;
// setting what is set already, TestTheProfileIsSetOnce.

func answer(text string) message.Message {
	m := new(message.Text).Bold(text).Message([]message.Button{{Label: "Undo " + text, Command: "undo"}})
	m.Answer = true
	return m
}

// answers queues answers from..to.
func (s *shelf) answers(chat int64, from, to int) {
	for i := from; i <= to; i++ {
		s.put(chat, answer(fmt.Sprint("answer ", i)))
	}
}

func answerLines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "\nanswer %d", i)
	}
	return b.String()
}

func folded(n, from, to int) string {
	return fmt.Sprintf("%d commands were waiting. Here are the results, in order:\n%s\n\nThe buttons are for the last one.", n, answerLines(from, to))
}

func TestManyAnswersAreToldTogether(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		o.answers(ann.ID, 1, 10) // not too many
		o.answers(bob.ID, 1, 11)
		w.sender(o)
		pass(time.Minute)
		var single []string
		for i := 1; i <= 10; i++ {
			single = append(single, fmt.Sprint("answer ", i))
		}
		w.delivered(ann.ID, single...)
		w.delivered(bob.ID, folded(11, 1, 11))
		m, _ := w.Last(bob.ID)
		if len(m.Buttons) != 1 || m.Buttons[0][0].Text != "Undo answer 11" {
			t.Errorf("the buttons are %v", m.Buttons)
		}
		bold := 0
		for _, e := range m.Entities {
			if e.Type == message.Bold {
				bold++
			}
		}
		if bold != 12 {
			t.Errorf("%d bold parts", bold)
		}
		if o.left() > 0 {
			t.Errorf("%d left", o.left())
		}
		// What comes afterwards is told one by one again, also before something else.
		o.answers(bob.ID, 12, 13)
		o.say(bob.ID, "an alert")
		pass(time.Minute)
		w.delivered(bob.ID, folded(11, 1, 11), "answer 12", "answer 13", "an alert")
	})
}

func TestAlertsAndFilesAreNotToldTogether(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		o.answers(ann.ID, 1, 6)
		o.say(ann.ID, "an alert")
		o.answers(ann.ID, 7, 9)
		file := message.Message{Text: "a file", Document: message.NewDocument("goals.json", []byte("[]")), Answer: true}
		o.put(ann.ID, file)
		o.answers(ann.ID, 10, 11)
		o.put(ann.ID, message.Message{Text: "a picture", Photo: tinyPNG(t), Answer: true})
		w.sender(o)
		pass(time.Minute)
		w.delivered(ann.ID, folded(6, 1, 6), "an alert", folded(3, 7, 9), "a file", folded(2, 10, 11), "a picture")
	})
}

// What waits for a group is for whoever asked there. One of them may be out by
// then, and their answers were told with those of the others. Asking about the
// first only turns this red.
func TestWhoMayNotHaveItIsNotToldTogetherWithOthers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, bob)
		o := newShelf()
		s, _ := w.senderWith(o, Hooks{Render: func(_ context.Context, _ store.Message, m message.Message) (message.Message, bool, error) {
			return m, !slices.Contains(m.Elsewhere, bob.ID), nil
		}})
		s.Hold(time.Hour)
		for i := range 14 {
			m := answer(fmt.Sprint("answer ", i))
			m.Elsewhere = []int64{ann.ID}
			if i == 7 {
				m.Elsewhere = []int64{bob.ID}
			}
			o.put(group.ID, m)
		}
		s.release()
		pass(10 * time.Minute)
		said := strings.Join(w.texts(group.ID), "\n") + "\n"
		for i := range 14 {
			if got, want := strings.Contains(said, fmt.Sprintf("answer %d\n", i)), i != 7; got != want {
				t.Errorf("answer %d: told %v", i, got)
			}
		}
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("%d left, put aside %v", o.left(), o.dead)
		}
	})
}

func TestToldTogetherAsManyAsFit(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		for i := range 30 {
			o.put(ann.ID, answer(fmt.Sprintf("%02d ", i)+strings.Repeat("😀", 397)))
		}
		w.sender(o)
		pass(time.Minute)
		all := w.texts(ann.ID)
		if len(all) != 4 || o.left() > 0 { // 9 + 9 + 9 + 3
			t.Fatalf("%d messages, %d left", len(all), o.left())
		}
		for i := range 30 {
			if !strings.Contains(all[i/9], fmt.Sprintf("\n%02d 😀", i)) {
				t.Errorf("answer %d is not in message %d", i, i/9)
			}
		}
	})
}

func TestWhatWasToldTogetherIsToldAtLeastOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		// Telegram said yes, and the outbox could not be written: nothing is sent again.
		o := newShelf()
		full := errors.New("the disk is full")
		o.unable.Store(&full)
		o.answers(ann.ID, 1, 12)
		_, stop := w.sender(o)
		pass(time.Hour)
		o.answers(ann.ID, 13, 13)
		pass(time.Hour)
		w.delivered(ann.ID, folded(12, 1, 12))
		stop()
		// The program ended then: all of it comes again, with what came after.
		o.unable.Store(nil)
		s, stop := w.sender(o)
		pass(time.Minute)
		w.delivered(ann.ID, folded(12, 1, 12), folded(13, 1, 13))
		// A yes that is lost.
		w.Fail("sendMessage", 1, telegramtest.EOF().After())
		s.Hold(time.Hour)
		o.answers(ann.ID, 14, 25)
		s.release()
		pass(time.Minute)
		w.delivered(ann.ID, folded(12, 1, 12), folded(13, 1, 13), folded(12, 14, 25), folded(12, 14, 25))
		// One that Telegram does not take like this.
		w.Fail("sendMessage", 1, telegramtest.Status(400, "Bad Request: message is too long"))
		s.Hold(time.Hour)
		o.answers(ann.ID, 26, 36)
		s.release()
		pass(time.Minute)
		if last := w.texts(ann.ID)[4:]; len(last) != 11 || last[0] != "answer 26" {
			t.Errorf("then it says %q", last)
		}
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("%d left, dead letters %v", o.left(), o.dead)
		}
		stop()
	})
}

func TestWhatIsHeldBackLeavesInTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		s, stop := w.sender(o)
		s.Hold(5 * time.Second)
		o.say(ann.ID, "one")
		pass(4 * time.Second)
		w.delivered(ann.ID)
		pass(2 * time.Second)
		w.delivered(ann.ID, "one")
		s.Hold(time.Hour)
		o.say(ann.ID, "two")
		pass(time.Second)
		s.release()
		w.delivered(ann.ID, "one", "two")
		s.Hold(time.Hour)
		o.say(ann.ID, "three")
		stop()
		s.Drain(t.Context()) // the program ends
		w.delivered(ann.ID, "one", "two", "three")
	})
}

func TestABacklogIsAnsweredInOneMessage(t *testing.T) {
	for _, n := range []int{10, 11, 99, 130} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				for i := 1; i <= n; i++ {
					w.Say(w.Private(ann), ann, fmt.Sprint("answer ", i))
				}
				c := &clerk{before: func(_ context.Context, req handlers.Request) error {
					time.Sleep(100 * time.Millisecond)
					o.put(ann.ID, answer(req.Args))
					return nil
				}}
				s, _ := w.sender(o)
				s.Hold(FirstPoll)
				w.pollerWith(c, s)
				pass(time.Duration(n)*100*time.Millisecond + 2*time.Second) // nothing waits once all is handled
				if n == 10 {
					pass(time.Minute)
					if got := len(w.texts(ann.ID)); got != 10 {
						t.Errorf("%d messages", got)
					}
					return
				}
				w.delivered(ann.ID, folded(n, 1, n))
			})
		})
	}
}

// Telegram is reached long after the start. What waits from before is told with what
// came meanwhile, too little of it to be a backlog alone. Red where a poller does not
// keep the sender back until its first poll.
func TestWhatWaitsFromBeforeWaitsForTheFirstPoll(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		for i := 7; i <= 12; i++ {
			w.Say(w.Private(ann), ann, fmt.Sprint("answer ", i))
		}
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			time.Sleep(100 * time.Millisecond)
			o.put(ann.ID, answer(req.Args))
			return nil
		}}
		s, _ := w.sender(o)
		p := NewPoller(w.client, c, s, "", w.log)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, func(string) { o.answers(ann.ID, 1, 6) }) }()
		pass(time.Minute)
		w.delivered(ann.ID, folded(12, 1, 12))
		stop()
		<-ended
	})
}

func TestTypingIsShownWhereItTakesLong(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		took := map[string]time.Duration{"quick": 900 * time.Millisecond, "slow": 2 * time.Second, "slower": 10 * time.Second}
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			time.Sleep(took[req.Name])
			return nil
		}}
		w.poller(c)
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, eve)
		w.SetAdmin(group, true)
		shown := 0
		for _, tt := range []struct {
			chat telegramtest.Chat
			from telegramtest.User
			text string
			want int
		}{
			{w.Private(ann), ann, "/quick", 0}, {w.Private(ann), ann, "/slow", 1}, {w.Private(ann), ann, "/slower", 3},
			{group, ann, "/slow", 1}, {group, ann, "slow words among others", 0}, {w.Private(eve), eve, "/slow", 0},
		} {
			w.Say(tt.chat, tt.from, tt.text)
			pass(30 * time.Second)
			calls := w.CallsTo("sendChatAction")
			if got := len(calls) - shown; got != tt.want {
				t.Errorf("%s: typing was shown %d times, want %d", tt.text, got, tt.want)
			}
			for _, call := range calls[shown:] {
				if call.Params["chat_id"] != fmt.Sprint(tt.chat.ID) || call.Params["action"] != "typing" {
					t.Errorf("%s: %v", tt.text, call.Params)
				}
			}
			shown = len(calls)
		}
	})
}

func TestTheProfileIsSetOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		about := handlers.About()
		for range 2 {
			_, stop := w.poller(&clerk{})
			pass(time.Minute)
			if long, short := w.Description(); long != about.Long || short != about.Short {
				t.Errorf("the profile says %q and %q", long, short)
			}
			for _, method := range []string{"setMyDescription", "setMyShortDescription"} {
				if n := len(w.CallsTo(method)); n != 1 {
					t.Errorf("%s was called %d times", method, n)
				}
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		if n := len(w.CallsTo("setMyName")); n > 0 {
			t.Error("the name was set")
		}
		w.name = "Our goals"
		for range 2 {
			_, stop := w.poller(&clerk{})
			pass(time.Minute)
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		if calls := w.CallsTo("setMyName"); len(calls) != 1 || calls[0].Params["name"] != "Our goals" {
			t.Errorf("the name was set by %v", calls)
		}
	})
}

func TestAProfileThatCannotBeSetStopsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.Fail("setMyDescription", 1, telegramtest.TooManyRequests(40_000))
		w.Fail("setMyShortDescription", 1, telegramtest.Status(400, "Bad Request: no"))
		c := &clerk{}
		w.poller(c)
		w.Say(w.Private(ann), ann, "hello")
		c.did(t, "hello")
		synctest.Wait()
		pass(13 * time.Hour)
		if long, short := w.Description(); long == "" || short != "" {
			t.Errorf("the profile says %q and %q", long, short)
		}
	})
}
