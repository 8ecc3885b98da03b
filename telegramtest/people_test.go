package telegramtest_test

import (
	"strings"
	"testing"

	"goalbot/telegramtest"
)

func TestPrivacyMode(t *testing.T) {
	st := newStage(t)
	group := st.Group(-7, "Home", telegramtest.BasicGroup, ann)
	mine := ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "x"})
	other := telegramtest.User{ID: 7001, FirstName: "Other", Username: "other_bot", IsBot: true}
	saw := func(from telegramtest.User, text string, options ...telegramtest.Option) bool {
		return st.Say(group, from, text, options...).Update != 0
	}
	for _, c := range []struct {
		text string
		want bool
	}{
		{"hello", false},
		{"/done 3", true},
		{"/done@goal_test_bot 3", true},
		{"/done@Goal_Test_Bot 3", true},
		{"/done@other_bot 3", false},
		{"/done@goal_test_bot2 3", false},
		{"please /done 3", false},
		{"look, @goal_test_bot", false}, // a mention alone does not pass
		{"@goal_test_bot /done 3", false},
		{"look, @goal_test_bot2", false},
	} {
		if got := saw(ann, c.text); got != c.want {
			t.Errorf("%q: seen %v; want %v", c.text, got, c.want)
		}
	}
	if !saw(ann, "an answer", telegramtest.ReplyTo(mine.MessageID)) {
		t.Error("a reply to the bot is not seen")
	}
	if saw(other, "/done 3") {
		t.Error("another bot is seen")
	}
	if saw(ann, "/done 3") {
		t.Error("a plain command is seen although another bot spoke last")
	}
	st.SetAdmin(group, true)
	if !saw(ann, "hello") {
		t.Error("an administrator does not see everything")
	}
}

func TestMessageIDs(t *testing.T) {
	st := newStage(t)
	first := st.Say(st.Private(ann), ann, "x")
	second := st.Say(st.Private(bob), bob, "x")
	inSuper := st.Say(st.Group(-1007, "Home", telegramtest.Supergroup), ann, "x")
	if second.ID != first.ID+1 || inSuper.ID != 2 {
		t.Errorf("ids %d, %d and %d; private chats share a counter, supergroups have their own", first.ID, second.ID, inSuper.ID)
	}
}

func TestTaps(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	keys := keyboard([]params{button("Done", "d:1"), {"text": "Help", "url": "https://a.org"}})
	sent := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "one", "reply_markup": keys})
	tap, err := st.Tap(chat, ann, sent.MessageID, "Done")
	if err != nil {
		t.Fatal(err)
	}
	got := st.updates(nil)
	if len(got) != 1 || got[0].Callback.Data != "d:1" || got[0].Callback.From.ID != ann.ID || got[0].Callback.Message.Text != "one" {
		t.Fatalf("updates %+v", got)
	}
	answer := params{"callback_query_id": got[0].Callback.ID, "text": strings.Repeat("x", 200), "show_alert": true}
	long := params{"callback_query_id": got[0].Callback.ID, "text": strings.Repeat("x", 201)}
	st.refused("answerCallbackQuery", long, "Bad Request: MESSAGE_TOO_LONG")
	if tap.Answered() {
		t.Error("answered by a refused call")
	}
	ok[bool](st, "answerCallbackQuery", answer)
	if !tap.Answered() || !tap.Alert() || len(tap.Text()) != 200 {
		t.Errorf("answered %v, alert %v, text %q", tap.Answered(), tap.Alert(), tap.Text())
	}
	st.refused("answerCallbackQuery", answer, "Bad Request: query is too old and response timeout expired or query ID is invalid")
	st.refused("answerCallbackQuery", params{"callback_query_id": "1"}, "Bad Request: query is too old and response timeout expired or query ID is invalid")

	for button, why := range map[string]string{"d:2": "data it has not", "Undo": "a label it has not", "Help": "a link"} {
		if _, err := st.Tap(chat, ann, sent.MessageID, button); err == nil {
			t.Errorf("%s was pressed", why)
		}
	}
	if _, err := st.Tap(chat, bob, sent.MessageID, "d:1"); err == nil {
		t.Error("a stranger pressed a button in a private chat")
	}
	ok[message](st, "editMessageText", params{"chat_id": ann.ID, "message_id": sent.MessageID, "text": "two"})
	if _, err := st.Tap(chat, ann, sent.MessageID, "d:1"); err == nil {
		t.Error("a button was pressed after it went away")
	}
	if forged := st.TapForged(chat, bob, 4040, "anything"); forged.Update == 0 {
		t.Error("a forged tap did not arrive")
	}
}

func TestSaying(t *testing.T) {
	st := newStage(t)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	st.SetAdmin(group, true)
	st.Say(group, ann, "/goals", telegramtest.AsAnonymousAdmin())
	st.Say(group, ann, "/goals", telegramtest.AsChannel(-10099))
	photo := st.Say(group, ann, "/addgoal paint", telegramtest.AsPhoto())
	got := st.updates(nil)
	if m := got[0].Message; m.From.ID != 1087968824 || m.Sender.ID != group.ID {
		t.Errorf("an anonymous administrator: %+v", m)
	}
	if m := got[1].Message; m.From.ID != 136817688 || m.Sender.ID != -10099 {
		t.Errorf("a channel: %+v", m)
	}
	if m := got[2].Message; m.Text != "" || m.Caption != "/addgoal paint" || photo.Photo == nil {
		t.Errorf("a photo: %+v", m)
	}

	chat := st.Private(ann)
	if m := st.Say(chat, ann, " \n "); m.ID != 0 || len(st.Messages(chat.ID)) != 0 {
		t.Error("white space was sent")
	}
	st.Say(chat, ann, strings.Repeat("x", 4097))
	if shown := st.Messages(chat.ID); len(shown) != 2 || len(shown[0].Text) != 4096 {
		t.Errorf("a long text came in %d pieces", len(shown))
	}
	m := st.Say(chat, ann, "/addgoal old")
	edited, err := st.Edit(chat, ann, m.ID, "/addgoal new")
	if err != nil || edited.Text != "/addgoal new" {
		t.Errorf("edited: %+v, %v", edited, err)
	}
	got = st.updates(nil)
	if last := got[len(got)-1].Edited; last == nil || last.Text != "/addgoal new" || last.MessageID != m.ID {
		t.Errorf("the update of the edit: %+v", got[len(got)-1])
	}
	if _, err := st.Edit(chat, bob, m.ID, "x"); err == nil {
		t.Error("somebody else's message was edited")
	}
}

func TestHowThingsAreSaid(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	if m := st.Say(chat, ann, "before you came", telegramtest.Unseen()); m.Update != 0 || st.Pending() != 0 {
		t.Error("the bot learnt what it should not")
	}
	m := st.Say(chat, ann, "/done 1", telegramtest.ForwardedFrom("Eve"))
	if m.ForwardedFrom != "Eve" {
		t.Errorf("said %+v", m)
	}
	raw := ok[[]struct {
		Message struct {
			Origin struct {
				Name string `json:"sender_user_name"`
			} `json:"forward_origin"`
		}
	}](st, "getUpdates", nil)
	if got := raw[0].Message; got.Origin.Name != "Eve" {
		t.Errorf("the update: %+v", got)
	}
	st.Block(ann)
	st.Block(ann)
	st.Say(chat, ann, "I am back")
	if st.Pending() != 4 {
		t.Errorf("%d updates; blocking twice is told once", st.Pending())
	}
}

func TestWhoIsWhere(t *testing.T) {
	st := newStage(t)
	group := st.Group(-1007, "Home", telegramtest.Forum, ann)
	st.Meet(ann)
	st.Meet(bob)
	for id, want := range map[int64]string{ann.ID: "member", bob.ID: "left", st.Bot().ID: "member"} {
		if got := ok[struct{ Status string }](st, "getChatMember", params{"chat_id": group.ID, "user_id": id}); got.Status != want {
			t.Errorf("%d is %s; want %s", id, got.Status, want)
		}
	}
	type member struct {
		Status    string
		Anonymous bool `json:"is_anonymous"`
	}
	st.Say(group, ann, "hello", telegramtest.AsAnonymousAdmin())
	st.Promote(group, bob, true)
	for id, want := range map[int64]member{ann.ID: {"administrator", true}, bob.ID: {"administrator", false}} {
		if got := ok[member](st, "getChatMember", params{"chat_id": group.ID, "user_id": id}); got != want {
			t.Errorf("%d is %+v; want %+v", id, got, want)
		}
	}
	st.refused("getChatMember", params{"chat_id": group.ID, "user_id": 1}, "Bad Request: user not found")
	st.refused("getChatMember", params{"chat_id": group.ID}, "Bad Request: invalid user_id specified")
}
