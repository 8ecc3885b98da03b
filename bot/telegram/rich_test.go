package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"goalbot/telegramtest"
)

// Text that is pasted from a web page, and what Premium users format, comes
// without any text. Not reading the blocks turns all of this red.
func TestTheWordsOfRichMessagesAreRead(t *testing.T) {
	for _, tt := range []struct{ name, blocks, want string }{
		{"a paragraph", `{"type":"paragraph","text":"call mother"}`, "call mother"},
		{"a command", `{"type":"paragraph","text":[{"type":"bot_command","text":"/addgoal","bot_command":"/addgoal"}," read ",{"type":"bold","text":{"type":"italic","text":"books"}}]}`, "/addgoal read books"},
		{"a heading and a list", `{"type":"heading","text":"Trip","size":1},{"type":"list","items":[
			{"label":"•","blocks":[{"type":"paragraph","text":"book"},{"type":"paragraph","text":"cheaply"}]},
			{"label":"•","blocks":[{"type":"paragraph","text":"pack"},{"type":"list","items":[{"label":"•","blocks":[{"type":"paragraph","text":"socks"}]}]}]}]}`,
			"Trip\n- book\n  cheaply\n- pack\n  - socks"},
		{"a list with numbers", `{"type":"list","items":[{"label":"1.","value":1,"type":"1","blocks":[{"type":"paragraph","text":"a"}]},{"label":"b","value":2,"type":"a","blocks":[{"type":"paragraph","text":"b"}]},{"label":"","value":3,"blocks":[{"type":"paragraph","text":"c"}]}]}`,
			"1. a\nb. b\n- c"},
		{"a list with boxes", `{"type":"list","items":[{"label":"","has_checkbox":true,"is_checked":true,"blocks":[{"type":"paragraph","text":"a"}]},{"label":"","has_checkbox":true,"blocks":[{"type":"paragraph","text":"b"}]}]}`,
			"- [x] a\n- [ ] b"},
		{"code", `{"type":"paragraph","text":["run ",{"type":"code","text":"go test"}]},{"type":"pre","text":"a\n  b","language":"go"},{"type":"pre","text":"c"}`,
			"run `go test`\n```go\na\n  b\n```\n```c```"},
		{"links", `{"type":"paragraph","text":[{"type":"url","text":"docs","url":"https://a.example"}," ",{"type":"url","text":"https://b.example","url":"https://b.example"}," ",{"type":"email_address","text":"a@b.example","email_address":"a@b.example"}]}`,
			"docs (https://a.example) https://b.example a@b.example"},
		{"odd pieces", `{"type":"paragraph","text":[{"type":"custom_emoji","custom_emoji_id":"1","alternative_text":"🎉"},{"type":"mathematical_expression","expression":"x^2"},{"type":"anchor","name":"top"},{"type":"date_time","text":"tomorrow","unix_time":1,"date_time_format":"d"}]},
			{"type":"mathematical_expression","expression":"y"},{"type":"divider"},{"type":"anchor","name":"x"}`, "🎉x^2tomorrow\ny"},
		{"a quotation, and what can be opened", `{"type":"blockquote","blocks":[{"type":"paragraph","text":"said"}],"credit":"Ann"},{"type":"details","summary":"More","blocks":[{"type":"paragraph","text":"inside"}]}`, "said\nMore\ninside"},
		{"a table", `{"type":"table","cells":[[{"text":"a","align":"left","valign":"top"},{"align":"left","valign":"top"},{"text":["b","\n","c"]}],[{}],[{"text":"d"}]],"caption":"Table 1"}`, "a | b c\nd\nTable 1"},
		{"a picture", `{"type":"photo","photo":[],"caption":{"text":"below","credit":"x"}},{"type":"collage","blocks":[{"type":"photo","photo":[],"caption":{"text":"one"}}]}`, "below\none"},
		{"a block of tomorrow", `{"type":"hologram","text":"still words","blocks":[{"type":"paragraph","text":"and more"}]}`, "still words\nand more"},
		{"lines", `{"type":"paragraph","text":" one \n\n two"},{"type":"paragraph","text":"  "}`, "one\n two"},
		{"nothing", `{"type":"divider"},{"type":"photo","photo":[]}`, ""},
		{"nonsense", `5,"x",null,[],{"type":7,"text":{"text":[[[8]]]}},{"items":{"a":1}},{"items":[5]},{"cells":[5,[6]]},{"blocks":"x"}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, with := range []string{"", `"text":"part of it",`} {
				u, err := decode(json.RawMessage(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":7,"type":"private"},` + with + `"rich_message":{"blocks":[` + tt.blocks + `]}}}`))
				if err != nil {
					t.Fatal(err)
				}
				got, _ := u.Message.words()
				if want := tt.want; got != want && (with == "" || want != "" || got != "part of it") {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestCommandsInRichMessagesAreCommands(t *testing.T) {
	u, err := decode(json.RawMessage(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":7,"type":"private"},
		"rich_message":{"blocks":[{"type":"paragraph","text":[{"type":"bot_command","text":"/addgoal"}," trip"]},{"type":"list","items":[{"label":"•","blocks":[{"type":"paragraph","text":"book"}]}]}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	req, ok := u.request(us, time.Now())
	if !ok || req.Name != "addgoal" || req.Args != "trip\n- book" || req.Media != "rich_message" {
		t.Errorf("got %+v, %v", req, ok)
	}
}

func TestTheTasksOfAChecklistAreRead(t *testing.T) {
	u, err := decode(json.RawMessage(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":7,"type":"private"},
		"checklist":{"title":"Shopping","tasks":[{"id":1,"text":"milk"},{"id":2,"text":"bread","completion_date":100,"completed_by_user":{"id":7}},{"id":3,"text":"tea","completion_date":0},{"id":4},5,{"id":6,"text":"rice","completed_by_chat":{"id":-7}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	req, ok := u.request(us, time.Now())
	if want := "Shopping\n- [ ] milk\n- [x] bread\n- [ ] tea\n- [x] rice"; !ok || req.Args != want {
		t.Errorf("got %q, want %q", req.Args, want)
	}
}

// Whoever sends or forwards a poll was told that the bot understands words only.
func TestTheWordsOfAPollAreRead(t *testing.T) {
	for poll, want := range map[string]string{
		`{"id":"1","question":"What shall we cook?","options":[{"text":"soup","voter_count":0},{"text":"bread"},{},5],"is_closed":false}`: "What shall we cook?\n- soup\n- bread",
		`{"question":"Where to?","description":"For the holidays.","options":[]}`:                                                         "Where to?\nFor the holidays.",
		`{"question":5,"options":{}}`: "", `null`: "", `"x"`: "",
	} {
		u, err := decode(json.RawMessage(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":7,"type":"private"},"poll":` + poll + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if req, ok := u.request(us, time.Now()); req.Args != want || ok != (poll != "null") || ok && req.Media != "poll" {
			t.Errorf("%s: got %q of a %s, %v", poll, req.Args, req.Media, ok)
		}
	}
}

// Anybody who may write to the bot can send such a message, and what reads it
// must come to an end. Without the bound on depth, and without that on size,
// this is red.
func TestRichMessagesAreReadWithinBounds(t *testing.T) {
	deep := func(open, in, end string, n int) json.RawMessage {
		return json.RawMessage(`{"blocks":[` + strings.Repeat(open, n) + in + strings.Repeat(end, n) + `]}`)
	}
	nested := func(n int) json.RawMessage {
		return deep(`{"blocks":[`, `{"type":"paragraph","text":"deep"}`, `]}`, n)
	}
	if got := richWords(nested(maxRichDepth - 1)); got != "deep" {
		t.Errorf("not so deep: %q", got)
	}
	for name, raw := range map[string]json.RawMessage{
		"blocks": nested(3000), "items": deep(`{"items":[{"blocks":[`, `{"text":"deep"}`, `]}]}`, 2000),
		"text": deep(`{"text":{"text":[`, `"deep"`, `]}}`, 2000), "text of pieces of pieces": deep(`{"type":"paragraph","text":`+strings.Repeat("[", 2000), `"deep"`, strings.Repeat("]", 2000)+`}`, 1),
		"too deep for JSON": nested(20_000), "cut": json.RawMessage(`{"blocks":[`),
	} {
		if got := richWords(raw); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	wide := make([]string, 3000)
	for i := range wide {
		wide[i] = `{"type":"paragraph","text":"` + strings.Repeat("ü", 50) + `"}`
	}
	long := `{"type":"paragraph","text":"` + strings.Repeat("ü", maxRichWords) + `"}`
	if got := richWords(json.RawMessage(`{"blocks":[` + long + `]}`)); len(got) != maxRichWords {
		t.Errorf("%d bytes of one text", len(got))
	}
	if got := richWords(json.RawMessage(`{"blocks":[` + strings.Join(wide, ",") + `]}`)); len(got) < maxRichWords/2 || len(got) > 2*maxRichWords || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzRichMessage(f *testing.F) {
	for _, in := range []string{
		`{"blocks":[{"type":"list","items":[{"label":"1.","value":1,"blocks":[{"type":"paragraph","text":["a",{"type":"code","text":"b"}]}]}]}]}`,
		`{"blocks":[{"type":"table","cells":[[{"text":"a"}]],"caption":{"text":"x"}},{"type":"pre","text":"\n","language":"go"}]}`,
		`{"title":{"text":"x"},"tasks":[{"text":["a"],"completion_date":1e99}]}`, `[]`, `{"blocks":{}}`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, got := range []string{richWords(in), checklistWords(in), pollWords(in)} {
			if !utf8.ValidString(got) || strings.TrimSpace(got) != got || len(got) > 8*maxRichWords {
				t.Errorf("%d bytes: %q", len(got), got)
			}
		}
	})
}

// services are the members of Message by which the Bot API 10.5 tells of
// something that nobody said, with the rest of those that come without words.
var services = []string{
	"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo", "delete_chat_photo",
	"group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed", "migrate_from_chat_id",
	"pinned_message", "successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift", "unique_gift", "gift_upgrade_sent",
	"connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added", "chat_background_set",
	"checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created", "forum_topic_edited",
	"forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
	"giveaway", "giveaway_winners", "giveaway_completed", "managed_bot_created", "paid_message_price_changed", "poll_option_added",
	"poll_option_deleted", "suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
	"suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
	"web_app_data", "something_of_tomorrow",
}

// A timer, a background, a boost: each was answered "I only understand text".
// Taking whatever is not known for something that a person sent turns this red.
func TestNobodySaysAServiceMessage(t *testing.T) {
	for _, kind := range services {
		for _, body := range []string{`{"title":"x"}`, `true`, `[{"id":7}]`, `"words"`} {
			u, err := decode(json.RawMessage(fmt.Sprintf(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":7,"type":"private"},%q:%s}}`, kind, body)))
			if err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if req, ok := u.request(us, time.Now()); ok {
				t.Errorf("%s: %+v", kind, req)
			}
		}
	}
}

// All that reaches a bot without words, by the stand-in's list.
func TestServiceMessagesAreNotAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.poller(c)
		group := w.Group(-1004001, "Club", telegramtest.Forum, ann)
		n := 0
		for _, kind := range telegramtest.ServiceKinds() {
			for _, chat := range []telegramtest.Chat{w.Private(ann), group} {
				w.Service(chat, ann, kind)
				n++
			}
		}
		w.Say(w.Private(ann), ann, "words")
		c.did(t, "words")
		if n < 60 || w.Pending() != 0 {
			t.Errorf("of %d, %d updates are not confirmed", n, w.Pending())
		}
	})
}
