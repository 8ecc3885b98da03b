package telegram

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

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
