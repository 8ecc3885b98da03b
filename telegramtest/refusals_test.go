package telegramtest_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"goalbot/telegramtest"
)

func TestRights(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	const text, photo, document = "Bad Request: not enough rights to send text messages to the chat",
		"Bad Request: not enough rights to send photos to the chat",
		"Bad Request: not enough rights to send documents to the chat"
	for name, c := range map[string]struct {
		rights                telegramtest.Rights
		admin                 bool
		text, photo, document string
	}{
		"all rights":     {},
		"no text":        {rights: telegramtest.Rights{NoText: true}, text: text},
		"no photos":      {rights: telegramtest.Rights{NoPhotos: true}, photo: photo},
		"no documents":   {rights: telegramtest.Rights{NoDocuments: true}, document: document},
		"none":           {rights: telegramtest.Silenced, text: text, photo: photo, document: document},
		"none, an admin": {rights: telegramtest.Silenced, admin: true},
		"unnoticed": {
			rights: telegramtest.Rights{NoPhotos: true, NoDocuments: true, Unnoticed: true},
			photo:  "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", document: "Bad Request: CHAT_SEND_DOCS_FORBIDDEN",
		},
		"none, unnoticed": {
			rights: telegramtest.Rights{NoText: true, NoPhotos: true, NoDocuments: true, Unnoticed: true},
			text:   "Bad Request: CHAT_WRITE_FORBIDDEN", photo: "Bad Request: CHAT_WRITE_FORBIDDEN", document: "Bad Request: CHAT_WRITE_FORBIDDEN",
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
			id := ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "before"}).MessageID
			st.SetAdmin(group, c.admin)
			st.Restrict(group, c.rights)
			where := params{"chat_id": group.ID}
			sent, err := st.try("sendMessage", params{"chat_id": group.ID, "text": "x"})
			if err != nil {
				t.Fatal(err)
			}
			for kind, got := range map[string]struct {
				answer
				want string
			}{
				"text":     {sent, c.text},
				"photo":    {st.upload("sendPhoto", "photo", "p.png", picture.Bytes(), where), c.photo},
				"document": {st.upload("sendDocument", "document", "f.txt", []byte("x"), where), c.document},
			} {
				if got.Description != got.want || got.want != "" && got.Status != 400 {
					t.Errorf("%s: %d %q, want %q", kind, got.Status, got.Description, got.want)
				}
			}
			ok[message](st, "editMessageText", params{"chat_id": group.ID, "message_id": id, "text": "edited"})
			st.Restrict(group, telegramtest.Rights{})
			ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "x"})
		})
	}
}

func TestMessagesThatAreGone(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	reply := func(to int, without bool) params {
		return params{"chat_id": ann.ID, "text": "x", "reply_parameters": params{"message_id": to, "allow_sending_without_reply": without}}
	}
	const notFound, invalid = "Bad Request: message to be replied not found", "Bad Request: REPLY_MESSAGE_ID_INVALID"

	said := st.Say(chat, ann, "one")
	st.Delete(chat, said.ID)
	st.refused("sendMessage", reply(said.ID, false), notFound)
	if m := ok[message](st, "sendMessage", reply(said.ID, true)); m.ReplyTo != nil {
		t.Error("a reply to nothing")
	}

	said = st.Say(chat, ann, "two")
	st.DeleteUnnoticed(chat, said.ID)
	st.refused("sendMessage", reply(said.ID, true), invalid)
	ok[message](st, "sendMessage", reply(said.ID, true)) // now the server knows
	st.refused("sendMessage", reply(said.ID, false), notFound)

	said = st.Say(chat, ann, "three")
	st.DeleteUnnoticed(chat, said.ID)
	st.pass(30 * time.Minute)
	ok[message](st, "sendMessage", reply(said.ID, true)) // forgotten

	mine := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "mine"})
	edit := params{"chat_id": ann.ID, "message_id": mine.MessageID, "text": "edited"}
	st.DeleteUnnoticed(chat, mine.MessageID)
	st.refused("editMessageText", edit, "Bad Request: MESSAGE_ID_INVALID")
	st.pass(30 * time.Minute)
	st.refused("editMessageText", edit, "Bad Request: message to edit not found")
}

func TestAnswersThatHideWhatHappened(t *testing.T) {
	send := params{"chat_id": ann.ID, "text": "x"}
	for _, c := range []struct {
		name   string
		fault  telegramtest.Fault
		status int
		want   string
		sent   bool
	}{
		{"gateway", telegramtest.ServerErrorJSON(502), 502, "Bad Gateway", false},
		{"gateway, sent", telegramtest.ServerErrorJSON(502).After(), 502, "Bad Gateway", true},
		{"restart", telegramtest.Restart(), 500, "Internal Server Error: restart", false},
		{"restart, sent", telegramtest.Restart().After(), 500, "Internal Server Error: restart", true},
		{"deleted", telegramtest.SentAndDeleted(), 500, "Internal Server Error: sent message was immediately deleted and can't be returned", true},
		{"no access", telegramtest.NoWriteAccess(), 400, "Bad Request: have no write access to the chat", false},
		{"no such reply", telegramtest.ReplyIDInvalid(), 400, "Bad Request: REPLY_MESSAGE_ID_INVALID", false},
		{"closed", telegramtest.TopicClosed(), 400, topicClosed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newStage(t)
			chat := st.Meet(ann)
			st.Fail("sendMessage", 1, c.fault)
			if a := st.refused("sendMessage", send, c.want); a.Status != c.status {
				t.Errorf("status %d, want %d", a.Status, c.status)
			}
			if got := len(st.Messages(chat.ID)) == 1; got != c.sent {
				t.Errorf("sent: %v, want %v", got, c.sent)
			}
		})
	}
}

func TestEditsThatAreRefused(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	id := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "one"}).MessageID
	edit := func(text string) params { return params{"chat_id": ann.ID, "message_id": id, "text": text} }
	for _, c := range []struct {
		fault       telegramtest.Fault
		text, want  string
		takesEffect bool
	}{
		{telegramtest.NoWriteAccess(), "two", "Bad Request: have no write access to the chat", false},
		{telegramtest.EditedButGone(), "four", "Bad Request: message not found", true},
	} {
		st.Fail("editMessageText", 1, c.fault)
		st.refused("editMessageText", edit(c.text), c.want)
		if m, _ := st.Last(chat.ID); (m.Text == c.text) != c.takesEffect {
			t.Errorf("%s: the message says %q", c.want, m.Text)
		}
	}
}

// A group that moved takes no new messages, but the old ones can still be edited; one that was deleted likewise.
func TestAGroupThatEndedTakesEdits(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*stage, telegramtest.Chat)
		want string
	}{
		"moved":   {func(st *stage, g telegramtest.Chat) { st.MigrateGroup(g.ID, -1007) }, "Bad Request: group chat was upgraded to a supergroup chat"},
		"deleted": {func(st *stage, g telegramtest.Chat) { st.DeleteGroup(g) }, "Forbidden: the group chat was deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			group := st.Group(-7, "Home", telegramtest.BasicGroup, ann)
			id := ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "one"}).MessageID
			c.end(st, group)
			ok[message](st, "editMessageText", params{"chat_id": group.ID, "message_id": id, "text": "two"})
			for _, method := range []string{"sendMessage", "sendChatAction"} {
				a := st.refused(method, params{"chat_id": group.ID, "message_id": id, "text": "x", "action": "typing"}, c.want)
				if name == "moved" && a.Parameters.MigrateTo != -1007 {
					t.Errorf("%s: migrate_to_chat_id %d", method, a.Parameters.MigrateTo)
				}
			}
			st.refused("setMyCommands", params{"commands": []any{}, "scope": params{"type": "chat", "chat_id": group.ID}}, c.want)
			ok[any](st, "getChatMember", params{"chat_id": group.ID, "user_id": ann.ID})
		})
	}
}

func TestASupergroupThatIsGone(t *testing.T) {
	st := newStage(t)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	st.DeleteGroup(group)
	st.refused("sendMessage", params{"chat_id": group.ID, "text": "x"}, "Forbidden: bot was kicked from the supergroup chat")
	st.refused("getChatMember", params{"chat_id": group.ID, "user_id": ann.ID}, "Forbidden: bot was kicked from the supergroup chat")
}
