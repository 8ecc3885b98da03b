package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
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
				o.put(ann.ID, message.Message{Text: "a file", Document: &message.Document{Name: "goals.json", Data: []byte("[]")}})
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

// rotten is a road on which some words cause a panic.
type rotten struct {
	http.RoundTripper
	words string
}

func (r rotten) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(body), r.words) {
		panic("these words")
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return r.RoundTripper.RoundTrip(req)
}

// A message over which the program dies would let it die at every start. Those
// that were to go together with it are sent.
func TestAMessageThatCausesAPanicIsPutAside(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.client.http.Transport = rotten{w.client.http.Transport, "answer+7"}
		o := newShelf()
		o.answers(ann.ID, 1, 12)
		w.sender(o)
		pass(5 * time.Minute)
		said := strings.Join(w.texts(ann.ID), " ")
		for i := 1; i <= 12; i++ {
			if told := strings.Contains(said+" ", fmt.Sprintf("answer %d ", i)); told != (i != 7) {
				t.Errorf("answer %d: told %v", i, told)
			}
		}
		if o.left() > 0 || len(o.dead) != 1 || o.reason(7) != "it caused a panic" {
			t.Errorf("left %d, put aside %v", o.left(), o.dead)
		}
	})
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

// slow is a line that takes so many bytes of a request in a second.
type slow struct {
	http.RoundTripper
	rate int
}

func (l slow) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Duration(len(body)/l.rate) * time.Second):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return l.RoundTripper.RoundTrip(req)
}

// A file that takes longer than an upload may was tried for ever, and nothing
// else reached the chat, alerts neither. An outage costs no file. Not counting
// what breaks off, and counting what breaks off while Telegram is not there,
// turn this red.
func TestAFileThatTakesTooLongHoldsUpNothing(t *testing.T) {
	file := func(size int) message.Message {
		m := new(message.Text).Bold("goals.json").Message()
		m.Document = &message.Document{Name: "goals.json", Data: make([]byte, size)}
		return m
	}
	bubble(t, func(t *testing.T, w *world) {
		w.client.http.Transport = slow{w.client.http.Transport, 1000}
		o := newShelf()
		w.sender(o)
		o.put(ann.ID, file(300_000))
		o.say(ann.ID, "an alert")
		pass(10 * time.Minute)
		w.delivered(ann.ID, "goals.json\n\nIf you don't see the file above, the connection to Telegram broke off each time I tried to send it.", "an alert")

		w.Fail("", -1, telegramtest.ServerErrorHTML(502))
		o.put(bob.ID, file(30_000))
		pass(6 * time.Hour)
		w.Heal("")
		pass(10 * time.Minute)
		if m, _ := w.Last(bob.ID); m.Document == nil || m.Caption != "goals.json" {
			t.Errorf("it says %+v", m)
		}
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("left %d, put aside %v", o.left(), o.dead)
		}
	})
}

// In words the picture says the same.
func TestAPictureThatIsRefusedIsSaidInWords(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendPhoto", -1, telegramtest.Status(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
		o.put(ann.ID, message.Message{Text: "3 open goals", Photo: tinyPNG(t)})
		pass(time.Second)
		w.delivered(ann.ID, "3 open goals")
	})
}

func TestAnUploadHasTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendDocument", 1, telegramtest.SlowBody(100*time.Millisecond)) // half a minute or more
		o.put(ann.ID, message.Message{Text: "a file", Document: &message.Document{Name: "goals.json", Data: []byte("[]")}})
		pass(uploadDeadline)
		w.delivered(ann.ID, "a file")
		if o.left() > 0 {
			t.Error("it is not noted")
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

func TestWhatTelegramWillNeverTakeMakesWay(t *testing.T) {
	for _, fault := range []telegramtest.Fault{
		telegramtest.Blocked(), telegramtest.Deactivated(), telegramtest.Kicked(), telegramtest.GroupDeleted(),
		telegramtest.Status(400, "Bad Request: chat not found"),
		telegramtest.Status(400, "Bad Request: not enough rights to send text messages to the chat"),
		telegramtest.Status(400, "Bad Request: message is too long"),
		telegramtest.Status(400, "Bad Request: message text is empty"),
		telegramtest.Status(400, "Bad Request: can't parse entities: whatever"),
		telegramtest.Status(400, "Bad Request: message thread not found"),
		telegramtest.Status(400, "Bad Request: message to edit not found"),
		telegramtest.Status(413, "Request Entity Too Large"),
	} {
		bubble(t, func(t *testing.T, w *world) {
			o := newShelf()
			w.sender(o)
			w.Fail("sendMessage", 1, fault)
			id := o.say(ann.ID, "never")
			o.say(ann.ID, "next")
			pass(time.Minute)
			w.delivered(ann.ID, "next")
			if o.reason(id) == "" {
				t.Error("it is not put aside with a reason")
			}
		})
	}
}

// A server that knows other styles than we do takes the message without, and
// its buttons stay. Sending no style, or taking the buttons off at once, turns
// this red.
func TestAStyleThatIsRefusedIsLeftOut(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		m := message.Message{Text: "Delete?", Buttons: [][]message.Button{{{Label: "yes", Command: "x", Style: message.Danger}, {Label: "no", Command: "y"}}}}
		styles := func() (styles []string) {
			got, _ := w.Last(ann.ID)
			for _, row := range got.Buttons {
				for _, b := range row {
					styles = append(styles, b.Text+" "+b.Style)
				}
			}
			return styles
		}
		o.put(ann.ID, m)
		pass(time.Second)
		if got := styles(); !slices.Equal(got, []string{"yes danger", "no "}) {
			t.Errorf("got %q", got)
		}
		w.FailIf(func(c telegramtest.Call) bool { return strings.Contains(c.Params["reply_markup"], "style") }, -1,
			telegramtest.Status(400, "Bad Request: can't parse inline keyboard button: Invalid button style specified"))
		o.put(ann.ID, m)
		pass(time.Second)
		if got := styles(); !slices.Equal(got, []string{"yes ", "no "}) {
			t.Errorf("got %q", got)
		}
		if _, err := w.client.Say(t.Context(), ann.ID, m); err != nil {
			t.Error(err)
		}
		if m.Buttons[0][0].Style != message.Danger {
			t.Error("the message itself was altered")
		}
	})
}

func TestFrillsThatAreRefusedAreLeftOut(t *testing.T) {
	group := int64(-1004001)
	bubble(t, func(t *testing.T, w *world) {
		forum := w.Group(group, "Forum", telegramtest.Forum, ann)
		topic := w.Topic(forum, ann, "Goals")
		o := newShelf()
		w.sender(o)
		send := func(m message.Message) telegramtest.Message {
			t.Helper()
			o.put(group, m)
			pass(5 * time.Second)
			got, _ := w.Last(group)
			return got
		}
		if got := send(message.Message{Text: "right", Thread: int64(topic)}); got.Thread != topic {
			t.Errorf("topic %d, want %d", got.Thread, topic)
		}
		// All at once, each left out once.
		w.FailIf(func(c telegramtest.Call) bool { return c.Params["reply_markup"] != "" }, 1, telegramtest.Status(400, "Bad Request: BUTTON_DATA_INVALID"))
		got := send(message.Message{
			Text: "wrong", Thread: 987_654, Edit: 987_654,
			Entities: []message.Entity{{Type: message.Bold, Offset: 3, Length: 40}},
			Buttons:  [][]message.Button{{{Label: "x", Command: "x"}}},
		})
		if got.Text != "wrong" || got.Thread != 0 || len(got.Entities) > 0 || len(got.Buttons) > 0 {
			t.Errorf("got %+v", got)
		}
		if len(o.dead) > 0 {
			t.Errorf("dead letters %v", o.dead)
		}
		// It comes to an end also where nothing helps.
		w.Fail("", 6, telegramtest.Status(400, "Bad Request: can't parse entities: whatever"))
		before := len(w.Calls())
		send(message.Message{Text: "hopeless", Entities: []message.Entity{{Type: message.Bold, Length: 8}}})
		if n := len(w.Calls()) - before; n != 2 || len(o.dead) != 1 {
			t.Errorf("%d calls, dead letters %v", n, o.dead)
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
		o.put(ann.ID, message.Message{Text: "file", Document: &message.Document{Name: "goals.json", Data: []byte("[]")}})
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

func TestAMessageThatCannotBeReadMakesWay(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		id := o.say(ann.ID, "x")
		o.rows[0].Body = []byte("{")
		o.say(ann.ID, "next")
		w.sender(o)
		w.delivered(ann.ID, "next")
		if o.reason(id) == "" {
			t.Error("it is not put aside")
		}
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
