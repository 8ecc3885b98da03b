package telegramtest_test

import (
	"encoding/json"
	"testing"

	"goalbot/telegramtest"
)

const topicClosed = "Bad Request: TOPIC_CLOSED"

func TestClosedTopics(t *testing.T) {
	st := newStage(t)
	forum := st.Group(-1007, "Home", telegramtest.Forum, ann)
	topic := st.Topic(forum, ann, "Garden")
	other := st.Topic(forum, ann, "Kitchen")
	said := st.Say(forum, ann, "/goals", telegramtest.InThread(topic))
	send := func(more params) params {
		p := params{"chat_id": forum.ID, "text": "x"}
		for name, value := range more {
			p[name] = value
		}
		return p
	}
	old := ok[message](st, "sendMessage", send(params{"message_thread_id": topic}))
	st.CloseTopic(forum, ann, topic)
	st.refused("sendMessage", send(params{"message_thread_id": topic}), topicClosed)
	// The message that is replied to puts an answer into its topic.
	reply := params{"message_id": said.ID, "allow_sending_without_reply": true}
	st.refused("sendMessage", send(params{"reply_parameters": reply}), topicClosed)
	ok[message](st, "sendMessage", send(nil))
	ok[message](st, "sendMessage", send(params{"message_thread_id": other}))
	ok[message](st, "editMessageText", send(params{"message_id": old.MessageID, "text": "edited"}))
	ok[bool](st, "sendChatAction", params{"chat_id": forum.ID, "action": "typing", "message_thread_id": topic})

	st.CloseTopic(forum, ann, telegramtest.General)
	st.refused("sendMessage", send(nil), topicClosed)
	ok[message](st, "sendMessage", send(params{"message_thread_id": other}))
	st.SetAdmin(forum, true)
	ok[message](st, "sendMessage", send(nil))
	ok[message](st, "sendMessage", send(params{"message_thread_id": topic}))
	st.SetAdmin(forum, false)

	st.ReopenTopic(forum, ann, telegramtest.General)
	st.ReopenTopic(forum, ann, topic)
	ok[message](st, "sendMessage", send(nil))
	ok[message](st, "sendMessage", send(params{"message_thread_id": topic}))
	told := ""
	for _, u := range ok[[]struct {
		Message struct {
			Closed   json.RawMessage `json:"forum_topic_closed"`
			Reopened json.RawMessage `json:"forum_topic_reopened"`
			Thread   int             `json:"message_thread_id"`
		}
	}](st, "getUpdates", nil) {
		switch m := u.Message; {
		case m.Closed != nil && m.Thread == topic:
			told += "closed "
		case m.Closed != nil:
			told += "general closed "
		case m.Reopened != nil && m.Thread == topic:
			told += "reopened"
		case m.Reopened != nil:
			told += "general reopened "
		}
	}
	if told != "closed general closed general reopened reopened" {
		t.Errorf("the bot was told: %s", told)
	}
}

func TestTheTopicOfAReply(t *testing.T) {
	st := newStage(t)
	forum := st.Group(-1007, "Home", telegramtest.Forum, ann)
	garden, kitchen := st.Topic(forum, ann, "Garden"), st.Topic(forum, ann, "Kitchen")
	said := st.Say(forum, ann, "/goals", telegramtest.InThread(garden))
	p := params{"chat_id": forum.ID, "text": "x", "reply_parameters": params{"message_id": said.ID}}
	if m := ok[message](st, "sendMessage", p); m.Thread != garden {
		t.Errorf("a reply is in %d, want %d", m.Thread, garden)
	}
	p["message_thread_id"] = garden
	if m := ok[message](st, "sendMessage", p); m.Thread != garden {
		t.Errorf("a reply is in %d, want %d", m.Thread, garden)
	}
	if got := st.Unexpected(); len(got) != 0 {
		t.Errorf("unexpected: %q", got)
	}
	p["message_thread_id"] = kitchen
	ok[message](st, "sendMessage", p)
	if got := st.Unexpected(); len(got) != 1 {
		t.Errorf("unexpected: %q; a reply that names another topic was to be noticed", got)
	}
}

// Where a reply is outside topics it has a message_thread_id that nothing can be sent to.
func TestThreadsOfReplies(t *testing.T) {
	type thread struct {
		Message struct {
			Thread  int  `json:"message_thread_id"`
			IsTopic bool `json:"is_topic_message"`
		}
	}
	for name, c := range map[string]struct {
		kind telegramtest.GroupKind
		id   int64
		want bool
	}{
		"a supergroup":   {telegramtest.Supergroup, -1007, true},
		"a forum":        {telegramtest.Forum, -1008, true},
		"a basic group":  {telegramtest.BasicGroup, -9, false},
		"a private chat": {0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			chat := st.Meet(ann)
			if c.id != 0 {
				chat = st.Group(c.id, "Home", c.kind, ann)
				st.SetAdmin(chat, true)
			}
			first := st.Say(chat, ann, "one")
			second := st.Say(chat, ann, "two", telegramtest.ReplyTo(first.ID))
			st.Say(chat, ann, "three", telegramtest.ReplyTo(second.ID))
			got := ok[[]thread](st, "getUpdates", nil)
			for i, want := range []int{0, first.ID, first.ID} {
				if !c.want {
					want = 0
				}
				if got[i].Message.Thread != want || got[i].Message.IsTopic {
					t.Errorf("message %d: %+v, want thread %d", i, got[i].Message, want)
				}
			}
			if c.want {
				st.refused("sendMessage", params{"chat_id": chat.ID, "text": "x", "message_thread_id": first.ID}, "Bad Request: message thread not found")
			}
		})
	}
}
