package telegram

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/handlers"
	"goalbot/message"
)

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		text, name, args string
		notOurs          bool
	}{
		{text: "/done 3", name: "done", args: "3"},
		{text: "/done", name: "done"},
		{text: "  /done   3  ", name: "done", args: "3"},
		{text: "/DONE 3", name: "done", args: "3"},
		{text: "/done\n3", name: "done", args: "3"},
		{text: "/done\t3", name: "done", args: "3"},
		{text: "/done\u00a03", name: "done", args: "3"},
		{text: "/addgoal one\n- two\n\n- three", name: "addgoal", args: "one\n- two\n\n- three"},
		{text: "/done@goal_test_bot 3", name: "done", args: "3"},
		{text: "/done@Goal_Test_BOT", name: "done"},
		{text: "/done@goal_test_bot\n3", name: "done", args: "3"},
		{text: "/done@goal_test_bot\u00a03", name: "done", args: "3"},
		{text: "/done@other_bot 3", notOurs: true},
		{text: "/done@goal_test_bot2 3", notOurs: true},
		{text: "/done@goal_test_bo", notOurs: true},
		{text: "/done@", notOurs: true},
		{text: "/done@ goal_test_bot", notOurs: true},
		{text: "/start AbC-_1", name: "start", args: "AbC-_1"},
		{text: "/a_1", name: "a_1"},
		{text: "/az_09 x", name: "az_09", args: "x"},
		{text: ""},
		{text: " "},
		{text: "/", args: "/"},
		{text: "//", args: "//"},
		{text: "/ done 9", name: "done", args: "9"},
		{text: "／done 9", name: "done", args: "9"},
		{text: "／ｄｏｎｅ 9", name: "done", args: "9"},
		{text: "⁄done 9", name: "done", args: "9"},
		{text: "\u200b/done 9", name: "done", args: "9"},
		{text: "\u2068/\ufeffdone\u200d\u2069 9", name: "done", args: "9"},
		{text: "\u200b\n/done 9", name: "done", args: "9"},
		{text: "\u200b", args: "\u200b"},
		{text: "/done\u200b@goal_test_bot 9", name: "done", args: "9"},
		{text: "/\u00a0done 9", name: "done", args: "9"},
		{text: "/ DONE@goal_test_bot 9", name: "done", args: "9"},
		{text: "/done9", name: "done", args: "9"},
		{text: "/done#9 10", name: "done", args: "#9 10"},
		{text: "/done9,10", name: "done", args: "9,10"},
		{text: "/ usr/bin", args: "/ usr/bin"},
		{text: "/ my own words", args: "/ my own words"},
		{text: "/ keep 1", args: "/ keep 1"}, // which only buttons say
		{text: "/weather9", name: "weather9"},
		{text: "/weather#9", args: "/weather#9"},
		{text: "\\done 9", args: "\\done 9"},
		{text: "/usr/bin", args: "/usr/bin"},
		{text: "/done.", args: "/done."},
		{text: "/дело 3", args: "/дело 3"},
		{text: "/doné", args: "/doné"},
		{text: "words /done 3", args: "words /done 3"},
		{text: "@goal_test_bot /done", args: "@goal_test_bot /done"},
		{text: "/" + strings.Repeat("a", 32), name: strings.Repeat("a", 32)},
		{text: "/" + strings.Repeat("a", 33), args: "/" + strings.Repeat("a", 33)},
		{text: "/done \xff", name: "done", args: "\xff"},
	} {
		name, args, whose := command(tt.text, "goal_test_bot", true)
		if name != tt.name || args != tt.args || (whose == otherBot) != tt.notOurs {
			t.Errorf("command(%q) = %q, %q, %v", tt.text, name, args, whose)
		}
	}
	// In a group words are rather for others.
	if name, args, _ := command("/ done 9", "goal_test_bot", false); name != "" || args != "/ done 9" {
		t.Errorf("in a group it is %q, %q", name, args)
	}
	for kind, want := range map[string]string{"private": "done", "group": ""} {
		u, err := decode(raw(`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7},"chat":{"id":9,"type":"` + kind + `"},"text":"/ done 9"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if req, ok := u.request(us, time.Now()); !ok || req.Name != want {
			t.Errorf("%s: the command is %q, %v; want %q", kind, req.Name, ok, want)
		}
	}
}

// A quote picks the lines that it lies in. Looking only where the phone says
// that it lies, or for the first place that holds the same words, turns this red.
func TestAQuoteLiesInLinesOfTheMessage(t *testing.T) {
	const text = "😀 Open · 3\n\n⬜ #1 call mother\n⬜ #2 call father\n      she is away\n⬜ #3 call"
	var entities []entity
	for _, piece := range []string{"Open", "#1", "#2", "#3"} {
		entities = append(entities, entity{Type: "bold", Offset: message.UTF16Len(text[:strings.Index(text, piece)]), Length: message.UTF16Len(piece)})
	}
	at := func(part string) int { return message.UTF16Len(text[:strings.LastIndex(text, part)]) }
	for _, tt := range []struct {
		part      string
		position  int
		on, above string
	}{
		{"father", at("father"), "#2", "#1\nOpen"},
		{" ⬜ #2 call ", at("⬜ #2"), "#2", "#1\nOpen"},
		{"call", at("call"), "#3", "#2\n#1\nOpen"},
		{"call", at("#1") + 3, "#1", "Open"}, // only about there
		{"father", 3, "#2", "#1\nOpen"},
		{"father", -7, "#2", "#1\nOpen"},
		{"she is", at("she is"), "", "#2\n#1\nOpen"},
		{"mother\n⬜ #2", at("mother"), "#1\n#2", "Open"},
		{"😀 Op", 0, "Open", ""},
		{"call aunt", 5, "", ""}, // it said so once
		{"  ", 0, "", ""},
	} {
		q := &quote{tt.part, tt.position}
		want := handlers.Quote{Text: strings.TrimSpace(tt.part), On: tt.on, Above: tt.above}
		if got := q.of(text, entities); got != want {
			t.Errorf("%q at %d is %+v, want %+v", tt.part, tt.position, got, want)
		}
	}
	// Bold text may be the first of its line, and of the message.
	first := []entity{{Type: "bold", Offset: 0, Length: 2}, {Type: "bold", Offset: 10, Length: 2}}
	for part, want := range map[string]handlers.Quote{"mother": {Text: "mother", On: "#1"}, "father": {Text: "father", On: "#2", Above: "#1"}} {
		if got := (&quote{Text: part}).of("#1 mother\n#2 father", first); got != want {
			t.Errorf("%q is %+v, want %+v", part, got, want)
		}
	}
	// Bold text may come later in its line.
	if got, want := (&quote{Text: "call"}).of("call #1\nask #2", []entity{{Type: "bold", Offset: 5, Length: 2}, {Type: "bold", Offset: 12, Length: 2}}), (handlers.Quote{Text: "call", On: "#1"}); got != want {
		t.Errorf("before the number it is %+v, want %+v", got, want)
	}
	// And it may end the line above.
	if got, want := (&quote{Text: "call"}).of("goal 1\ncall", []entity{{Type: "bold", Offset: 5, Length: 1}}), (handlers.Quote{Text: "call", Above: "1"}); got != want {
		t.Errorf("in the next line it is %+v, want %+v", got, want)
	}
	if got := (*quote)(nil).of(text, entities); got != (handlers.Quote{}) {
		t.Errorf("no quote is %+v", got)
	}
}

// us is the bot of these tests.
var us = user{ID: 1, Username: "our_bot"}

func TestRequest(t *testing.T) {
	const from, private = `"from":{"id":7,"first_name":"Ann","last_name":"Lee"}`, `"chat":{"id":7,"type":"private"}`
	now := time.Unix(2_000_000_000, 0)
	ann := handlers.Person{ID: 7, Name: "Ann Lee"}
	home := handlers.Chat{ID: 7, Private: true}
	for _, tt := range []struct {
		name, in string
		want     *handlers.Request // nil: nobody meant us
	}{
		{"a command", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/done 3"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Name: "done", Args: "3", Message: 3, At: time.Unix(100, 0)}},
		{"words", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"call mother"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "call mother", Message: 3, At: time.Unix(100, 0)}},
		{"a caption", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"photo":[],"caption":"/addgoal this"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Name: "addgoal", Args: "this", Message: 3, At: time.Unix(100, 0), Media: "photo"}},
		{"a picture alone", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"photo":[{"file_id":"x"}],"media_group_id":"77"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "photo", Album: "77", Files: []goals.File{{Kind: goals.Photo, ID: "x", At: 100}}}},
		{"a picture in several sizes", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"photo":[{"file_id":"s","width":90},{"file_id":"x","file_unique_id":"u","width":800,"file_size":12}]}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "photo", Files: []goals.File{{Kind: goals.Photo, ID: "x", Same: "u", Size: 12, At: 100}}}},
		{"music", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"audio":{"file_id":"x","title":"So What"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "audio", Files: []goals.File{{Kind: goals.Audio, ID: "x", Name: "So What", At: 100}}}},
		{"a voice", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"voice":{"file_id":"x"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "voice", Files: []goals.File{{Kind: goals.Voice, ID: "x", At: 100}}}},
		{"a video note", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"video_note":{"file_id":"x"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "video_note", Files: []goals.File{{Kind: goals.VideoNote, ID: "x", At: 100}}}},
		{"a video without an id", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"video":{"file_name":"x"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "video"}},
		{"a sticker", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"sticker":{"file_id":"x"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "sticker"}},
		{"a moving picture", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"animation":{"file_id":"x"},"document":{"file_id":"x","file_name":"a.mp4"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "animation", Files: []goals.File{{Kind: goals.Animation, ID: "x", At: 100}}}},
		{"a file", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"document":{"file_id":"f9","file_unique_id":"u","file_name":"goals.json","file_size":3000000000},"caption":"/import"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Name: "import", Message: 3, At: time.Unix(100, 0), Media: "document", Files: []goals.File{{Kind: goals.DocFile, ID: "f9", Same: "u", Name: "goals.json", Size: 3_000_000_000, At: 100}}}},
		{"a file alone", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"document":{"file_id":"f9"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Message: 3, At: time.Unix(100, 0), Media: "document", Files: []goals.File{{Kind: goals.DocFile, ID: "f9", At: 100}}}},
		{"an edit", `"edited_message":{"message_id":3,"date":100,"edit_date":160,` + from + `,` + private + `,"text":"/addgoal x"}`,
			&handlers.Request{Key: "tg/5/160", From: ann, Chat: home, Name: "addgoal", Args: "x", Message: 3, Edited: true, At: time.Unix(160, 0)}},
		{"an edit without its date", `"edited_message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"x"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "x", Message: 3, Edited: true, At: time.Unix(100, 0)}},
		{"a tap", `"callback_query":{"id":"99",` + from + `,"data":" Done 3 anyway ","message":{"message_id":3,` + private + `}}`,
			&handlers.Request{Key: "tg/5/99", From: ann, Chat: home, Name: "done", Args: "3 anyway", Message: 3, Tap: true, At: now}},
		{"a tap in a topic", `"callback_query":{"id":"99",` + from + `,"data":"goals","message":{"message_id":3,"message_thread_id":8,"is_topic_message":true,"chat":{"id":-100,"type":"supergroup"}}}`,
			&handlers.Request{Key: "tg/5/99", From: ann, Chat: handlers.Chat{ID: -100, Thread: 8}, Name: "goals", Message: 3, Tap: true, At: now}},
		{"in a topic", `"message":{"message_id":3,"message_thread_id":8,"is_topic_message":true,"date":100,` + from + `,"chat":{"id":-100,"type":"supergroup"},"text":"/goals@our_bot"}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: handlers.Chat{ID: -100, Thread: 8}, Name: "goals", Message: 3, Named: true, At: time.Unix(100, 0)}},
		{"in a thread of replies", `"message":{"message_id":3,"message_thread_id":2,"date":100,` + from + `,"chat":{"id":-100,"type":"supergroup"},"text":"yes","reply_to_message":{"message_id":2,"from":{"id":1,"username":"Our_Bot"}}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: handlers.Chat{ID: -100}, Args: "yes", Message: 3, Reply: true, Answered: 2, At: time.Unix(100, 0)}},
		{"ids of 52 bits", `"message":{"message_id":3,"date":100,"from":{"id":4503599627370495,"username":"big"},"chat":{"id":-4503599627370495,"type":"supergroup"},"text":"/goals"}`,
			&handlers.Request{Key: "tg/5/100", From: handlers.Person{ID: 4503599627370495, Name: "big", Username: "big"}, Chat: handlers.Chat{ID: -4503599627370495}, Name: "goals", Message: 3, At: time.Unix(100, 0)}},

		{"a reply to what we said about a goal", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/done","reply_to_message":{"message_id":2,"from":{"id":1,"username":"our_bot"},"text":"Done: #1 x #2","entities":[{"type":"bold","offset":0,"length":4},{"type":"bold","offset":6,"length":2},{"type":"italic","offset":11,"length":2}]}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Name: "done", Message: 3, Reply: true, Answered: 2, Marked: "Done\n#1", At: time.Unix(100, 0)}},
		{"a reply to a part of it", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"done","quote":{"text":" #2 y ","position":4,"is_manual":true},"reply_to_message":{"message_id":2,"from":{"id":1,"username":"our_bot"},"text":"#1 x\n#2 y"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "done", Message: 3, Reply: true, Answered: 2, Quote: handlers.Quote{Text: "#2 y"}, At: time.Unix(100, 0)}},
		{"a reply to who has no name either", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"done","reply_to_message":{"message_id":2,"from":{"id":9},"text":"#1"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "done", Message: 3, At: time.Unix(100, 0)}},
		{"a reply to us under another name", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"done","reply_to_message":{"message_id":2,"from":{"id":1,"username":"our_old_bot"},"text":"#1"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "done", Message: 3, Reply: true, Answered: 2, At: time.Unix(100, 0)}},
		{"a reply to somebody else", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/done","reply_to_message":{"message_id":2,"from":{"id":9,"username":"another"},"text":"#1","entities":[{"type":"bold","offset":0,"length":2}]}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Name: "done", Message: 3, At: time.Unix(100, 0)}},
		{"a forwarded command", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/delete 3 yes","forward_origin":{"type":"user","sender_user":{"id":8,"first_name":"Bob"}}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "/delete 3 yes", Message: 3, Source: "Bob", At: time.Unix(100, 0)}},
		{"forwarded from one who hides", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"x","forward_origin":{"type":"hidden_user","sender_user_name":"Hidden"}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "x", Message: 3, Source: "Hidden", At: time.Unix(100, 0)}},
		{"forwarded from a channel", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"x","forward_origin":{"type":"channel","chat":{"id":-9,"title":"News"}}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "x", Message: 3, Source: "News", At: time.Unix(100, 0)}},
		{"forwarded from nobody known", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"x","forward_origin":{}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "x", Message: 3, Source: "somebody", At: time.Unix(100, 0)}},
		{"one's own words forwarded", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/done 3","forward_origin":{"type":"user","sender_user":{"id":7,"first_name":"Ann"}}}`,
			&handlers.Request{Key: "tg/5/100", From: ann, Chat: home, Args: "/done 3", Message: 3, At: time.Unix(100, 0)}},
		{"a command by way of another bot", `"message":{"message_id":3,"date":100,` + from + `,` + private + `,"text":"/delete 3 yes","via_bot":{"id":9,"is_bot":true}}`, nil},

		{"another bot's command", `"message":{"message_id":3,"date":100,` + from + `,"chat":{"id":-1,"type":"group"},"text":"/done@other_bot 3"}`, nil},
		{"an anonymous administrator", `"message":{"message_id":3,"date":100,"from":{"id":1087968824},"sender_chat":{"id":-1,"title":"Club"},"chat":{"id":-1,"type":"group"},"text":"/done 3"}`,
			&handlers.Request{Key: "tg/5/100", From: handlers.Person{ID: -1, Name: "Club"}, Chat: handlers.Chat{ID: -1}, Name: "done", Args: "3", Message: 3, At: time.Unix(100, 0)}},
		{"a member hidden behind a channel", `"message":{"message_id":3,"date":100,` + from + `,"sender_chat":{"id":-2},"chat":{"id":-1,"type":"group"},"text":"/done 3"}`,
			&handlers.Request{Key: "tg/5/100", From: handlers.Person{ID: -2}, Chat: handlers.Chat{ID: -1}, Name: "done", Args: "3", Message: 3, At: time.Unix(100, 0)}},
		{"a chat with the id of a user", `"message":{"message_id":3,"date":100,` + from + `,"sender_chat":{"id":7},"chat":{"id":-1,"type":"group"},"text":"/done 3"}`, nil},
		{"a post of a channel", `"channel_post":{"message_id":3,"date":100,"chat":{"id":-1,"type":"channel"},"text":"/done 3"}`, nil},
		{"nobody", `"message":{"message_id":3,"date":100,` + private + `,"text":"/done 3"}`, nil},
		{"nowhere", `"message":{"message_id":3,"date":100,` + from + `,"text":"/done 3"}`, nil},
		{"a tap on who knows what", `"callback_query":{"id":"99",` + from + `,"data":"done 3","inline_message_id":"x"}`,
			&handlers.Request{Key: "tg/5/99", From: ann, Chat: home, Name: "done", Args: "3", Tap: true, At: now}},
		{"a tap on a message that is gone", `"callback_query":{"id":"99",` + from + `,"data":"done 3","message":{"message_id":3,"date":0,"chat":{"id":-1,"type":"group","title":"Club"}}}`,
			&handlers.Request{Key: "tg/5/99", From: ann, Chat: handlers.Chat{ID: -1, Title: "Club"}, Name: "done", Args: "3", Message: 3, Tap: true, At: now}},
		{"a tap by nobody", `"callback_query":{"id":"99","data":"done 3","message":{"message_id":3,` + private + `}}`, nil},
		{"a tap on nothing", `"callback_query":{"id":"99",` + from + `,"game_short_name":"x","message":{"message_id":3,` + private + `}}`, nil},
		{"blocked", `"my_chat_member":{"chat":{"id":7},"from":{"id":7}}`, nil},
		{"from the future", `"telepathy":{}`, nil},
	} {
		u, err := decode(json.RawMessage(`{"update_id":5,` + tt.in + `}`))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, ok := u.request(us, now)
		if tt.want != nil {
			tt.want.Bot = "our_bot"
		}
		switch {
		case ok != (tt.want != nil):
			t.Errorf("%s: taken %v", tt.name, ok)
		case ok && !reflect.DeepEqual(got, *tt.want):
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, *tt.want)
		}
	}
}

func TestTheIDOfWhatCannotBeReadIsRead(t *testing.T) {
	for in, want := range map[string]int64{
		`{"update_id":5,"message":{"date":"x"}}`: 5,
		`{"message":[],"update_id":5}`:           5,
		`{"update_id":"5","message":{}}`:         0,
		`{"update_id":5.5}`:                      0,
		`[]`:                                     0,
		`7`:                                      0,
		``:                                       0,
		`{`:                                      0,
	} {
		if u, err := decode(json.RawMessage(in)); err == nil || u.ID != want {
			t.Errorf("%s: id %d, error %v", in, u.ID, err)
		}
	}
}

func TestRecentKnowsWhatCameLast(t *testing.T) {
	var r recent
	for i := range 10 * maxBatch {
		if !r.add(fmt.Sprint(i)) {
			t.Fatalf("%d has come before", i)
		}
		for j := max(0, i-maxBatch+1); j <= i; j += 7 { // a whole batch may come again
			if r.add(fmt.Sprint(j)) {
				t.Fatalf("%d is forgotten after %d", j, i)
			}
		}
	}
	if len(r) > 2*maxBatch {
		t.Errorf("%d are kept", len(r))
	}
}

// What a request promises to the handlers, whatever Telegram or a hostile
// client sends.
func FuzzUpdate(f *testing.F) {
	for _, in := range []string{
		`{"update_id":5,"message":{"message_id":3,"date":100,"from":{"id":7,"first_name":"A"},"chat":{"id":7,"type":"private"},"text":"/done@our_bot 3"}}`,
		`{"update_id":5,"edited_message":{"message_id":3,"date":100,"edit_date":5,"from":{"id":7},"chat":{"id":-7},"caption":"x","is_topic_message":true,"message_thread_id":4,"reply_to_message":{}}}`,
		`{"update_id":5,"callback_query":{"id":"1","from":{"id":7},"data":"done 3","message":{"message_id":1,"chat":{"id":1}}}}`,
		`{"update_id":-5,"callback_query":{"id":"","from":{},"data":"\u0000","message":{"chat":{}}}}`,
		`{"update_id":1e3,"message":null,"callback_query":{}}`, `null`, `[]`, `{"update_id":5,"message":{"from":{},"chat":{},"text":"/\ud800"}}`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		u, err := decode(in)
		key := u.key()
		if prefix := fmt.Sprintf("tg/%d", u.ID); !strings.HasPrefix(key, prefix) {
			t.Errorf("key %q of update %d", key, u.ID)
		}
		next := u
		next.ID++
		if err != nil || next.key() == key {
			if err == nil {
				t.Errorf("key %q of two updates", key)
			}
			return
		}
		req, ok := u.request(us, time.Unix(1, 0))
		if !ok {
			return
		}
		if req.Key != key || strings.TrimSpace(req.Args) != req.Args || strings.ToLower(req.Name) != req.Name ||
			slices.ContainsFunc([]byte(req.Name), func(b byte) bool { return !req.Tap && !isCommandByte(b) }) {
			t.Errorf("%+v", req)
		}
	})
}

func TestFormattingIsGivenBack(t *testing.T) {
	for _, tt := range []struct {
		text     string
		entities []entity
		want     string
	}{
		{"run go test now", []entity{{Type: "code", Offset: 4, Length: 7}}, "run `go test` now"},
		{"😀 go", []entity{{Type: "code", Offset: 3, Length: 2}}, "😀 `go`"},
		{"see the docs.", []entity{{Type: "bold", Offset: 4, Length: 8}, {Type: "text_link", Offset: 4, Length: 8, URL: "https://a.example/?b=c_d"}}, "see the docs (https://a.example/?b=c_d)."},
		{"https://a.example", []entity{{Type: "text_link", Offset: 0, Length: 17, URL: "https://a.example"}}, "https://a.example"},
		{"a\nb", []entity{{Type: "pre", Offset: 0, Length: 3}}, "```a\nb```"},
		{"x a\nb", []entity{{Type: "pre", Offset: 2, Length: 3, Language: "go"}}, "x ```go\na\nb\n```"},
		{"a\n", []entity{{Type: "pre", Offset: 0, Length: 2, Language: "go"}}, "```go\na\n```"},
		{"ab", []entity{{Type: "code", Offset: 0, Length: 1}, {Type: "code", Offset: 1, Length: 1}}, "`a``b`"},
		{"@someone _x_ *y*", []entity{{Type: "mention", Offset: 0, Length: 8}}, "@someone _x_ *y*"},
		{"ab", []entity{{Type: "code", Offset: -1, Length: 2}, {Type: "code", Offset: 1, Length: 2}, {Type: "code", Offset: 1 << 62, Length: 1 << 62}, {Type: "code"}}, "ab"},
		{"/done 3", []entity{{Type: "code", Offset: 0, Length: 7}}, "`/done 3`"},
	} {
		if got := asTyped(tt.text, tt.entities); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzEntities(f *testing.F) {
	f.Add("a😀b", "code", 1, 2)
	f.Add("x", "bold", -1, 9)
	f.Fuzz(func(t *testing.T, text, kind string, offset, length int) {
		e := []entity{{Type: kind, Offset: offset, Length: length, URL: "u"}, {Type: "pre", Offset: length, Length: offset}}
		asTyped(text, e)
		bold(text, e)
	})
}
