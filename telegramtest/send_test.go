package telegramtest_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"goalbot/telegramtest"
)

const notModified = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"

func TestWhatIsSentIsShown(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	sent := ok[message](st, "sendMessage", params{
		"chat_id": ann.ID, "text": "\n  Well done, see /goals \n", "disable_notification": true, "made_up": "ignored",
		"reply_markup": keyboard([]params{button("Undo", "v1:undo"), {"text": "Help", "url": "https://example.org/help"}}, nil),
	})
	if sent.Text != "Well done, see /goals" || sent.From.Username != "goal_test_bot" || sent.Chat.ID != ann.ID {
		t.Errorf("the answer is %+v", sent)
	}
	m, _ := st.Last(chat.ID)
	if m.ID != sent.MessageID || m.Text != sent.Text || !m.FromBot || !m.Silent {
		t.Errorf("the chat shows %+v", m)
	}
	if len(m.Entities) != 1 || m.Entities[0] != (telegramtest.Entity{Type: "bot_command", Offset: 15, Length: 6}) {
		t.Errorf("entities %+v", m.Entities)
	}
	if len(m.Buttons) != 1 || len(m.Buttons[0]) != 2 || m.Buttons[0][0].Data != "v1:undo" {
		t.Errorf("buttons %+v", m.Buttons)
	}
	if got := st.CallsTo("SENDMESSAGE")[0]; got.Params["made_up"] != "ignored" || got.Status != 200 {
		t.Errorf("recorded %+v", got)
	}
}

func TestTextsAreCountedAsTelegramCounts(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	for _, c := range []struct{ name, text, want string }{
		{"none", "", "Bad Request: message text is empty"},
		{"white space", " \n\t\u200b\u3000", "Bad Request: message text is empty"},
		{"most letters", strings.Repeat("x", 4096), ""},
		{"one letter more", strings.Repeat("x", 4097), "Bad Request: message is too long"},
		{"most emoji", strings.Repeat("😀", 4096), ""},
		{"one emoji more", strings.Repeat("😀", 4097), "Bad Request: message is too long"},
		{"trimmed", strings.Repeat("x", 4096) + strings.Repeat(" ", 900), ""},
		{"most bytes", strings.Repeat(" ", 1<<15-1) + "x", ""},
		{"one byte more", strings.Repeat(" ", 1<<15) + "x", "Bad Request: text is too long"},
		{"not UTF-8", "caf\xe9", "Bad Request: strings must be encoded in UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			p := params{"chat_id": ann.ID, "text": c.text}
			if c.want == "" {
				ok[message](st, "sendMessage", p)
			} else {
				st.refused("sendMessage", p, c.want)
			}
		})
	}
}

// Markup would be shown as it is written, and a bot that asks for what the stand-in does not know is told.
func TestWhatTheStandInDoesNotKnow(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	const entitiesOnly = "Bad Request: the stand-in knows entities only"
	for _, mode := range []string{"HTML", "MarkdownV2", "Markdown", "none"} {
		st.refused("sendMessage", params{"chat_id": ann.ID, "text": "<b>x</b>", "parse_mode": mode}, entitiesOnly)
	}
	if a := st.upload("sendDocument", "document", "f.txt", []byte("x"), params{"chat_id": ann.ID, "caption": "x", "parse_mode": "HTML"}); a.Description != entitiesOnly {
		t.Errorf("a caption: %+v", a)
	}
	for method, p := range map[string]params{
		"setMyCommands":    {"language_code": "de"},
		"deleteMyCommands": {"language_code": "de"},
		"setMyName":        {"name": "x", "language_code": "de"},
	} {
		st.refused(method, p, "Bad Request: the stand-in knows texts for all languages only")
	}
	for _, method := range []string{"pinChatMessage", "getChat"} {
		st.refused(method, params{"chat_id": ann.ID}, "Not Found: method not found")
	}
}

func TestReactions(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	group := st.Group(-4001, "Family", telegramtest.BasicGroup, ann)
	said := st.Say(group, ann, "hello")
	react := func(reaction string) params {
		return params{"chat_id": group.ID, "message_id": said.ID, "reaction": reaction}
	}
	ok[bool](st, "setMessageReaction", react(`[{"type":"emoji","emoji":"👍"}]`))
	if got := st.Messages(group.ID)[0].Reaction; got != "👍" {
		t.Errorf("it has %q", got)
	}
	ok[bool](st, "setMessageReaction", react(""))
	if got := st.Messages(group.ID)[0].Reaction; got != "" {
		t.Errorf("it has %q", got)
	}
	st.refused("setMessageReaction", react(`[{"type":"emoji","emoji":"✅"}]`), "Bad Request: REACTION_INVALID")
	st.refused("setMessageReaction", react(`[{"type":"paid"}]`), "Bad Request: can't parse ReactionType: invalid reaction type specified")
	st.refused("setMessageReaction", react(`{`), "Bad Request: can't parse reaction types JSON object")
	st.refused("setMessageReaction", params{"chat_id": group.ID, "message_id": 99}, "Bad Request: message to react not found")
	st.NoReactions(group)
	st.refused("setMessageReaction", react(`[{"type":"emoji","emoji":"👍"}]`), "Bad Request: REACTION_INVALID")
}

func TestAnOlderServerKnowsLess(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	st.Lacks("date_time", "copy_text")
	st.refused("sendMessage", params{"chat_id": ann.ID, "text": "now", "entities": `[{"type":"date_time","offset":0,"length":3,"unix_time":1}]`}, "Bad Request: can't parse MessageEntity: Unsupported type specified")
	st.refused("sendMessage", params{"chat_id": ann.ID, "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":"a","copy_text":{"text":"b"}}]]}`},
		"Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
}

func TestKeyboards(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	row := func(n int) []params {
		var row []params
		for i := range n {
			row = append(row, button("x", fmt.Sprint(i)))
		}
		return row
	}
	rows := func(n, of int) params {
		var all [][]params
		for range n {
			all = append(all, row(of))
		}
		return keyboard(all...)
	}
	one := func(p params) params { return keyboard([]params{p}) }
	const tooLong, noData = "Bad Request: reply markup is too long", "Bad Request: BUTTON_DATA_INVALID"
	for _, c := range []struct {
		name   string
		markup any
		want   string
	}{
		{"8 in a row", keyboard(row(8)), ""},
		{"9 in a row", keyboard(row(9)), tooLong},
		{"100", rows(20, 5), ""},
		{"104", rows(13, 8), tooLong},
		{"64 bytes", one(button("x", strings.Repeat("é", 32))), ""},
		{"65 bytes", one(button("x", strings.Repeat("é", 32)+"x")), noData},
		{"no bytes", one(button("x", "")), noData},
		{"no text", one(button(" ", "d")), "Bad Request: inline keyboard button text must be non-empty"},
		{"text missing", one(params{"callback_data": "d"}), `Bad Request: can't parse inline keyboard button: Can't find field "text"`},
		{"no action", one(params{"text": "x"}), "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"two actions", one(params{"text": "x", "callback_data": "d", "url": "https://a.org"}), "Bad Request: can't parse inline keyboard button: exactly one of the fields url, callback_data must be used"},
		{"bad link", one(params{"text": "x", "url": "nonsense"}), "Bad Request: inline keyboard button URL 'nonsense' is invalid: Wrong HTTP URL"},
		{"style", one(params{"text": "x", "callback_data": "d", "style": "danger"}), ""},
		{"bad style", one(params{"text": "x", "callback_data": "d", "style": "pink"}), "Bad Request: can't parse inline keyboard button: Invalid button style specified"},
		{"copy", one(params{"text": "x", "copy_text": params{"text": "y"}}), ""},
		{"large", keyboard([]params{button(strings.Repeat("x", 10<<10), "d")}), tooLong},
		{"not JSON", "{", "Bad Request: can't parse reply keyboard markup JSON object"},
		{"not an object", "[]", "Bad Request: object expected as reply markup"},
		{"no rows", params{"inline_keyboard": "x"}, `Bad Request: field "inline_keyboard" must be of type Array`},
		{"a flat array", params{"inline_keyboard": []any{button("x", "y")}}, `Bad Request: field "inline_keyboard" must be an Array of Arrays`},
		{"forced reply", params{"force_reply": true, "input_field_placeholder": strings.Repeat("x", 64)}, ""},
		{"long placeholder", params{"force_reply": true, "input_field_placeholder": strings.Repeat("x", 65)}, "Bad Request: input field placeholder is too long"},
		{"reply keyboard", params{"keyboard": [][]any{{"yes"}}}, "Bad Request: the stand-in knows inline keyboards and forced replies only"},
		{"login", one(params{"text": "x", "login_url": params{"url": "https://a.org"}}), "Bad Request: the stand-in knows no buttons with login_url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			p := params{"chat_id": ann.ID, "text": "x", "reply_markup": c.markup}
			if c.want == "" {
				ok[message](st, "sendMessage", p)
			} else {
				st.refused("sendMessage", p, c.want)
			}
		})
	}
}

func TestEditing(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	keys := keyboard([]params{button("Done", "d:1")})
	id := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "one", "reply_markup": keys}).MessageID
	edit := func(text string, markup any) params {
		p := params{"chat_id": ann.ID, "message_id": id, "text": text}
		if markup != nil {
			p["reply_markup"] = markup
		}
		return p
	}
	st.refused("editMessageText", edit("one", keys), notModified)
	st.refused("editMessageText", edit(" one ", keys), notModified)
	ok[message](st, "editMessageText", edit("two", keys))
	ok[message](st, "editMessageText", edit("two", nil))
	m, _ := st.Last(chat.ID)
	if m.Text != "two" || m.Buttons != nil || m.Edited.IsZero() {
		t.Errorf("after an edit without reply_markup: %+v; want no buttons", m)
	}
	st.refused("editMessageText", edit("two", nil), notModified)
	st.refused("editMessageText", edit("", nil), "Bad Request: message text is empty")
	st.refused("editMessageText", edit("x", params{"force_reply": true}), "Bad Request: inline keyboard expected")
	ok[message](st, "editMessageReplyMarkup", params{"chat_id": ann.ID, "message_id": id, "reply_markup": keys})
	st.refused("editMessageReplyMarkup", params{"chat_id": ann.ID, "message_id": id, "reply_markup": keys}, notModified)

	theirs := st.Say(chat, ann, "mine")
	st.refused("editMessageText", params{"chat_id": ann.ID, "message_id": theirs.ID, "text": "x"}, "Bad Request: message can't be edited")
	st.refused("editMessageText", params{"chat_id": ann.ID, "message_id": 9999, "text": "x"}, "Bad Request: message to edit not found")
	st.refused("editMessageText", params{"text": "x"}, "Bad Request: message identifier is not specified")
	st.Delete(chat, id)
	st.refused("editMessageText", edit("three", nil), "Bad Request: message to edit not found")

	asked := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "Which?", "reply_markup": params{"force_reply": true}})
	st.refused("editMessageText", params{"chat_id": ann.ID, "message_id": asked.MessageID, "text": "x"}, "Bad Request: message can't be edited")
}

func TestRepliesAndTopics(t *testing.T) {
	st := newStage(t)
	forum := st.Group(-1007, "Family", telegramtest.Forum, ann)
	topic := st.Topic(forum, ann, "Garden")
	asked := st.Say(forum, ann, "/goals", telegramtest.InThread(topic))
	updates := st.updates(nil)
	if last := updates[len(updates)-1]; last.Message.Thread != topic {
		t.Errorf("the update has thread %d; want %d", last.Message.Thread, topic)
	}
	send := func(more params) params {
		p := params{"chat_id": forum.ID, "text": "x"}
		for name, value := range more {
			p[name] = value
		}
		return p
	}
	if m := ok[message](st, "sendMessage", send(params{"message_thread_id": topic})); m.Thread != topic {
		t.Errorf("sent to thread %d; want %d", m.Thread, topic)
	}
	m := ok[message](st, "sendMessage", send(params{"reply_parameters": params{"message_id": asked.ID}}))
	if m.Thread != topic || m.ReplyTo == nil || m.ReplyTo.MessageID != asked.ID {
		t.Errorf("the reply is %+v", m)
	}
	st.refused("sendMessage", send(params{"message_thread_id": 4040}), "Bad Request: message thread not found")
	st.refused("sendMessage", send(params{"message_thread_id": 1}), "Bad Request: message thread not found")
	st.refused("sendMessage", send(params{"reply_to_message_id": 4040}), "Bad Request: message to be replied not found")
	m = ok[message](st, "sendMessage", send(params{"reply_to_message_id": 4040, "allow_sending_without_reply": true}))
	if m.ReplyTo != nil {
		t.Error("a reply to nothing")
	}
	private := st.Meet(ann)
	st.refused("sendMessage", params{"chat_id": private.ID, "text": "x", "message_thread_id": topic}, "Bad Request: message thread not found")
}

func TestWhoCannotBeWrittenTo(t *testing.T) {
	st := newStage(t)
	send := func(chat any, want string) answer {
		t.Helper()
		return st.refused("sendMessage", params{"chat_id": chat, "text": "x"}, want)
	}
	send("", "Bad Request: chat_id is empty")
	send(ann.ID, "Bad Request: chat not found")
	send("@nobody", "Bad Request: chat not found")
	private := st.Private(ann)
	send(ann.ID, "Bad Request: chat not found")
	group := st.Group(-7, "Home", telegramtest.BasicGroup, ann)
	if a := send(ann.ID, "Forbidden: bot can't initiate conversation with a user"); a.Status != 403 {
		t.Errorf("status %d", a.Status)
	}
	st.Say(private, ann, "/start")
	ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "x"})
	st.Block(ann)
	send(ann.ID, "Forbidden: bot was blocked by the user")
	st.Say(private, ann, "I am back")
	ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "x"})
	var members []string
	for _, u := range st.updates(nil) {
		if u.Member != nil {
			members = append(members, u.Member.New.Status)
		}
	}
	if fmt.Sprint(members) != "[kicked member]" {
		t.Errorf("my_chat_member: %v", members)
	}

	st.Kick(group, bob)
	send(group.ID, "Forbidden: bot was kicked from the group chat")
	st.DeleteGroup(group)
	send(group.ID, "Forbidden: the group chat was deleted")
}

func TestAGroupMigrates(t *testing.T) {
	st := newStage(t)
	st.Group(-7, "Home", telegramtest.BasicGroup, ann)
	st.MigrateGroup(-7, -1007)
	got := st.updates(nil)
	if len(got) != 2 || got[0].Message.MigrateTo != -1007 || got[1].Message.Migrated != -7 || got[1].Message.Chat.Type != "supergroup" {
		t.Errorf("service messages: %+v", got)
	}
	a := st.refused("sendMessage", params{"chat_id": -7, "text": "x"}, "Bad Request: group chat was upgraded to a supergroup chat")
	if a.Parameters.MigrateTo != -1007 {
		t.Errorf("migrate_to_chat_id %d", a.Parameters.MigrateTo)
	}
	ok[message](st, "sendMessage", params{"chat_id": -1007, "text": "x"})
}

func TestFiles(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	if a := st.upload("sendDocument", "document", "goals.json", []byte("[]"), params{"chat_id": ann.ID, "caption": "all"}); !a.OK {
		t.Fatal(a.Description)
	}
	m, _ := st.Last(chat.ID)
	if m.Document == nil || m.Document.Name != "goals.json" || string(m.Document.Data) != "[]" || m.Caption != "all" {
		t.Errorf("shown: %+v", m)
	}
	for _, c := range []struct {
		field, want string
		data        []byte
		caption     string
	}{
		{"document", "Bad Request: file must be non-empty", nil, ""},
		{"other", "Bad Request: there is no document in the request", []byte("x"), ""},
		{"document", "Bad Request: message caption is too long", []byte("x"), strings.Repeat("x", 1025)},
		{"document", "", []byte("x"), strings.Repeat("😀", 1024)},
	} {
		if a := st.upload("sendDocument", c.field, "f.txt", c.data, params{"chat_id": ann.ID, "caption": c.caption}); a.Description != c.want {
			t.Errorf("sendDocument of %q: %q; want %q", c.data, a.Description, c.want)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	if a := st.upload("sendPhoto", "photo", "p.png", picture.Bytes(), params{"chat_id": ann.ID}); !a.OK {
		t.Error(a.Description)
	}
	if a := st.upload("sendPhoto", "photo", "p.png", []byte("no picture"), params{"chat_id": ann.ID}); a.Description != "Bad Request: IMAGE_PROCESS_FAILED" {
		t.Errorf("a photo that is none: %q", a.Description)
	}

	st.SendDocument(chat, ann, "import.json", []byte("[1]"), "take these")
	updates := st.updates(nil)
	got := updates[len(updates)-1].Message
	if got.Caption != "take these" || got.Document == nil || got.Document.FileSize != 3 {
		t.Fatalf("the update: %+v", got)
	}
	file := ok[struct {
		Path string `json:"file_path"`
	}](st, "getFile", params{"file_id": got.Document.FileID})
	if body := st.get("/file/bot" + telegramtest.DefaultToken + "/" + file.Path); body != "[1]" {
		t.Errorf("downloaded %q", body)
	}
	again := ok[message](st, "sendDocument", params{"chat_id": ann.ID, "document": got.Document.FileID, "caption": "yours"})
	if again.Document == nil || again.Document.FileID != got.Document.FileID {
		t.Errorf("sent again by file_id: %+v", again)
	}
	st.refused("editMessageText", params{"chat_id": ann.ID, "message_id": again.MessageID, "text": "x"}, "Bad Request: there is no text in the message to edit")
	st.refused("sendDocument", params{"chat_id": ann.ID, "document": "x"}, "Bad Request: wrong file identifier/HTTP URL specified")
	big := st.SendDocument(chat, ann, "big.json", make([]byte, 20<<20+1), "")
	st.refused("getFile", params{"file_id": big.Document.ID}, "Bad Request: file is too big")
	st.refused("getFile", params{"file_id": "x"}, "Bad Request: wrong file_id or the file is temporarily unavailable")
}

func TestActions(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	ok[bool](st, "sendChatAction", params{"chat_id": ann.ID, "action": "typing"})
	st.refused("sendChatAction", params{"chat_id": ann.ID, "action": "yawn"}, "Bad Request: wrong parameter action in request")
}
