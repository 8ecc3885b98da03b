package telegramtest_test

import (
	"testing"

	"goalbot/telegramtest"
)

func TestForWhomAQuestionOpens(t *testing.T) {
	mention := func(u telegramtest.User) params {
		return params{"type": "text_mention", "offset": 0, "length": 4, "user": params{"id": u.ID}}
	}
	for _, c := range []struct {
		name     string
		more     params
		reply    bool
		ann, bob bool
		noticed  int
	}{
		{name: "for all", more: params{"text": "What?"}, ann: true, bob: true},
		{name: "selective, for nobody", more: params{"text": "What?", "selective": true}, noticed: 1},
		{name: "mentioned by name", more: params{"text": "What, @ANN?", "selective": true}, ann: true},
		{name: "mentioned by id", more: params{"text": "What?", "selective": true, "entities": []params{mention(bob)}}, bob: true},
		{name: "a reply", more: params{"text": "What?", "selective": true}, reply: true, ann: true},
		{name: "somebody who is elsewhere", more: params{"text": "What, @eve?", "selective": true}, noticed: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newStage(t)
			group := st.Group(-7, "Home", telegramtest.BasicGroup, ann, bob)
			eve := telegramtest.User{ID: 503, FirstName: "Eve", Username: "eve"}
			st.Meet(eve)
			p := params{"chat_id": group.ID, "reply_markup": params{"force_reply": true, "selective": c.more["selective"] == true}}
			for name, value := range c.more {
				p[name] = value
			}
			if c.reply {
				p["reply_parameters"] = params{"message_id": st.Say(group, ann, "/note").ID}
			}
			id := ok[message](st, "sendMessage", p).MessageID
			for _, who := range []struct {
				telegramtest.User
				want bool
			}{{ann, c.ann}, {bob, c.bob}} {
				if got := st.Opens(group, id, who.User); got != who.want {
					t.Errorf("it opens for %s: %v, want %v", who.FirstName, got, who.want)
				}
				m, err := st.Answer(group, who.User, "that")
				if (err == nil) != who.want || err == nil && m.ReplyTo != id {
					t.Errorf("%s answers: %+v, %v", who.FirstName, m, err)
				}
				if _, err := st.Answer(group, who.User, "that"); err == nil {
					t.Error("a question was open although it is answered")
				}
			}
			if st.Opens(group, id, eve) {
				t.Error("it opens for somebody who is not in the group")
			}
			if got := st.Unexpected(); len(got) != c.noticed {
				t.Errorf("unexpected: %q", got)
			}
		})
	}
}

// What is replied to from another topic does not count.
func TestAQuestionInAnotherTopic(t *testing.T) {
	st := newStage(t)
	forum := st.Group(-1007, "Home", telegramtest.Forum, ann)
	garden, kitchen := st.Topic(forum, ann, "Garden"), st.Topic(forum, ann, "Kitchen")
	said := st.Say(forum, ann, "/note", telegramtest.InThread(garden))
	for topic, want := range map[int]bool{garden: true, kitchen: false} {
		p := params{"chat_id": forum.ID, "text": "What?", "message_thread_id": topic, "reply_to_message_id": said.ID,
			"reply_markup": params{"force_reply": true, "selective": true}}
		id := ok[message](st, "sendMessage", p).MessageID
		if got := st.Opens(forum, id, ann); got != want {
			t.Errorf("in topic %d it opens: %v, want %v", topic, got, want)
		}
	}
}

func TestAQuestionInPrivateOpens(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	p := params{"chat_id": ann.ID, "text": "What?", "reply_markup": params{"force_reply": true, "selective": true}}
	id := ok[message](st, "sendMessage", p).MessageID
	if !st.Opens(chat, id, ann) || st.Opens(chat, id, bob) {
		t.Error("it is not Ann alone for whom it opens")
	}
	if m, _ := st.Last(chat.ID); !m.Selective {
		t.Errorf("shown %+v", m)
	}
	st.CheckUnexpected(t)
}

// An administrator behind the group cannot be told apart, so that nothing is noticed.
func TestAQuestionToAnAnonymousAdmin(t *testing.T) {
	st := newStage(t)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	said := st.Say(group, ann, "/note", telegramtest.AsAnonymousAdmin())
	p := params{"chat_id": group.ID, "text": "What?", "reply_markup": params{"force_reply": true, "selective": true}, "reply_to_message_id": said.ID}
	id := ok[message](st, "sendMessage", p).MessageID
	if st.Opens(group, id, ann) {
		t.Error("it opens for somebody whom Telegram hides")
	}
	st.CheckUnexpected(t)
}

type recorder struct{ failed int }

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }

func TestWhatIsUnexpectedFailsATest(t *testing.T) {
	st := newStage(t)
	group := st.Group(-7, "Home", telegramtest.BasicGroup, ann)
	for range 2 {
		ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "What?", "reply_markup": params{"force_reply": true, "selective": true}})
	}
	var r recorder
	if st.CheckUnexpected(&r); r.failed != 1 {
		t.Errorf("failed %d times, want once for what happened twice", r.failed)
	}
}
