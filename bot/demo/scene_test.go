package demo_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"goalbot/bot/demo"
	"goalbot/telegramtest"
)

var guest = telegramtest.User{ID: 43, FirstName: "Sam"}

// home is a stage with a second person and a group.
func home(t *testing.T) (*stage, telegramtest.Chat, int) {
	t.Helper()
	server := telegramtest.New(telegramtest.Config{Hold: -1})
	t.Cleanup(server.Close)
	group := server.Group(-1007, "Family", telegramtest.Forum, person, guest)
	topic := server.Topic(group, person, "Garden")
	return &stage{t, server, demo.New(demo.Options{
		Key: key, Server: server, User: person, Guest: guest, Group: group, Topic: topic, TopicName: "Garden",
	})}, group, topic
}

func TestScenesAreApart(t *testing.T) {
	s, group, topic := home(t)
	for _, c := range []struct {
		scene  string
		chat   int64
		from   telegramtest.User
		thread int
	}{
		{"", person.ID, person, 0},
		{"?as=you&in=private", person.ID, person, 0},
		{"?as=guest", guest.ID, guest, 0},
		{"?in=group", group.ID, person, 0},
		{"?as=guest&in=group", group.ID, guest, 0},
		{"?in=topic", group.ID, person, topic},
		{"?as=guest&in=topic", group.ID, guest, topic},
	} {
		id := int(s.post("/demo/say"+c.scene, `{"text":"hello"}`, http.StatusOK)["message"].(float64))
		all := s.telegram.Messages(c.chat)
		if last := all[len(all)-1]; last.ID != id || last.From.ID != c.from.ID || last.Thread != c.thread {
			t.Errorf("%q: said %+v", c.scene, last)
		}
		got := decode(t, s.watchScene(c.scene)("messages"))
		if n := len(got.Messages); n == 0 || got.Messages[n-1].ID != id || !got.Messages[n-1].Mine {
			t.Errorf("%q: shown %+v", c.scene, got)
		}
		for _, m := range got.Messages {
			if i := indexOf(all, m.ID); i < 0 || all[i].Thread != c.thread {
				t.Errorf("%q shows message %d, which is elsewhere", c.scene, m.ID)
			}
		}
		s.post("/demo/edit"+c.scene, `{"message":`+strconv.Itoa(id)+`,"text":"edited"}`, http.StatusOK)
	}
	mine := s.post("/demo/say?in=group", `{"text":"mine"}`, http.StatusOK)["message"].(float64)
	s.post("/demo/edit?as=guest&in=group", `{"message":`+strconv.Itoa(int(mine))+`,"text":"x"}`, http.StatusForbidden)
	s.post("/demo/edit?as=guest", `{"message":`+strconv.Itoa(int(mine))+`,"text":"x"}`, http.StatusNotFound)
}

func TestThereIsNoOtherScene(t *testing.T) {
	s, _, _ := home(t)
	alone := set(t, demo.Options{})
	for scene, known := range map[string]bool{
		"?as=guest": true, "?in=group": true, "?in=topic": true, "?as=eve": false, "?in=secret": false, "?as=43": false,
	} {
		for _, st := range []*stage{s, alone} {
			want := http.StatusNotFound
			if known && st == s {
				want = http.StatusOK
			}
			st.post("/demo/say"+scene, `{"text":"hello"}`, want)
		}
	}
	if got := alone.watch()("about"); !strings.Contains(got, `"people":[{"id":"you","name":"You"}],"places":[{"id":"private","name":"Private"}]`) {
		t.Errorf("the page is told %s", got)
	}
	if got := s.watch()("about"); !strings.Contains(got, `{"id":"guest","name":"Sam"}`) || !strings.Contains(got, `{"id":"topic","name":"Topic"}`) {
		t.Errorf("the page is told %s", got)
	}
}

// A question is open for whom it is for; whoever else is in the group sees it.
func TestAQuestionIsOpenForWhomItIsFor(t *testing.T) {
	s, group, topic := home(t)
	s.bot("sendMessage", url.Values{
		"chat_id": {strconv.FormatInt(group.ID, 10)}, "message_thread_id": {strconv.Itoa(topic)}, "text": {"Sam: What is it?"},
		"entities":     {`[{"type":"text_mention","offset":0,"length":3,"user":{"id":43}}]`},
		"reply_markup": {`{"force_reply":true,"selective":true}`},
	})
	for scene, want := range map[string]bool{"?in=topic": false, "?as=guest&in=topic": true} {
		got := s.watchScene(scene)("messages")
		if strings.Contains(got, `"force_reply":true`) != want || !strings.Contains(got, "What is it?") {
			t.Errorf("%s: open for an answer: %v, want %v: %s", scene, !want, want, got)
		}
	}
}

// The menu is the one that the person sees there.
func TestTheMenuIsThePersons(t *testing.T) {
	s, _, _ := home(t)
	s.telegram.Meet(person)
	s.bot("setMyCommands", url.Values{"commands": {`[{"command":"goals","description":"x"}]`}, "scope": {`{"type":"chat","chat_id":42}`}})
	for scene, want := range map[string]bool{"": true, "?as=guest": false, "?in=group": false} {
		if got := s.watchScene(scene)("about"); strings.Contains(got, `"command":"goals"`) != want {
			t.Errorf("%s: the page is told %s", scene, got)
		}
	}
}

func indexOf(all []telegramtest.Message, id int) int {
	for i, m := range all {
		if m.ID == id {
			return i
		}
	}
	return -1
}
