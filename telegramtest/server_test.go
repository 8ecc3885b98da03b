package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/telegramtest"
)

func (st *stage) get(path string) string {
	st.t.Helper()
	resp, err := st.http.Client().Get(st.http.URL + path)
	if err != nil {
		st.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	return string(body)
}

func TestAddresses(t *testing.T) {
	st := newStage(t)
	for path, want := range map[string]string{
		"/bot" + telegramtest.DefaultToken + "/getNothing":       `{"description":"Not Found: method not found","error_code":404,"ok":false}`,
		"/bot1234567890:AAwrongwrongwrongwrongwrongwrongw/getMe": `{"description":"Unauthorized","error_code":401,"ok":false}`,
		"/bot/getMe":                `{"description":"Not Found","error_code":404,"ok":false}`,
		"/botnonsense/getMe":        `{"description":"Not Found","error_code":404,"ok":false}`,
		"/":                         `{"description":"Not Found","error_code":404,"ok":false}`,
		"/file/bot1:x/photos/1.png": `{"description":"Not Found","error_code":404,"ok":false}`,
	} {
		if got := st.get(path); got != want {
			t.Errorf("%s: %s; want %s", path, got, want)
		}
	}
	if got := st.get("/bot" + telegramtest.DefaultToken + "/GETME?x=1"); !strings.Contains(got, `"username":"goal_test_bot"`) {
		t.Errorf("GETME: %s", got)
	}
}

func TestParametersMayComeAsJSON(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	body := `{"chat_id":501,"text":"é","disable_notification":true,"parse_mode":null,"reply_markup":{"inline_keyboard":[[{"text":"x","callback_data":"y"}]]}}`
	req, err := http.NewRequest(http.MethodPost, st.http.URL+"/bot"+telegramtest.DefaultToken+"/sendMessage", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	a, err := st.do(req)
	if err != nil || !a.OK {
		t.Fatal(a.Description, err)
	}
	if m, _ := st.Last(chat.ID); m.Text != "é" || !m.Silent || len(m.Buttons) != 1 {
		t.Errorf("shown: %+v", m)
	}
}

func TestFaults(t *testing.T) {
	send := params{"chat_id": ann.ID, "text": "x"}
	for _, c := range []struct {
		name   string
		fault  telegramtest.Fault
		status int    // 0: no whole answer
		want   string // of the description
		sent   int
	}{
		{"429", telegramtest.TooManyRequests(7), 429, "Too Many Requests: retry after 7", 0},
		{"status", telegramtest.Status(400, "Bad Request: chat not found"), 400, "Bad Request: chat not found", 0},
		{"status after", telegramtest.Status(500, "Internal Server Error").After(), 500, "Internal Server Error", 1},
		{"blocked", telegramtest.Blocked(), 403, "Forbidden: bot was blocked by the user", 0},
		{"migrate", telegramtest.Migrate(-1007), 400, "Bad Request: group chat was upgraded to a supergroup chat", 0},
		{"conflict", telegramtest.Conflict409(), 409, otherPoll, 0},
		{"web page", telegramtest.ServerErrorHTML(502), 0, "", 0},
		{"EOF", telegramtest.EOF(), 0, "", 0},
		{"EOF after", telegramtest.EOF().After(), 0, "", 1},
		{"half", telegramtest.CutBody(), 0, "", 1},
		{"slow", telegramtest.SlowBody(time.Microsecond), 200, "", 1},
		{"huge", telegramtest.HugeBody(1 << 20), 200, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newStage(t)
			chat := st.Meet(ann)
			st.Fail("SendMessage", 1, c.fault)
			a, err := st.try("sendMessage", send)
			if (err == nil) != (c.status != 0) || err == nil && (a.Status != c.status || a.Description != c.want) {
				t.Errorf("got %d %q, %v; want %d %q", a.Status, a.Description, err, c.status, c.want)
			}
			if got := len(st.Messages(chat.ID)); got != c.sent {
				t.Errorf("%d messages arrived; want %d", got, c.sent)
			}
			if !st.Calls()[0].Faulty {
				t.Error("the call is not marked")
			}
			ok[message](st, "sendMessage", send)
		})
	}
}

func TestAHangingAnswerEndsWithItsClient(t *testing.T) {
	for name, c := range map[string]struct {
		fault telegramtest.Fault
		sent  int
	}{"before": {telegramtest.Hang(), 0}, "after": {telegramtest.HangAfter(), 1}} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			chat := st.Meet(ann)
			st.Fail("", -1, c.fault)
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() {
				_, err := st.post(ctx, "sendMessage", params{"chat_id": ann.ID, "text": "x"})
				ended <- err
			}()
			st.wait("the call hangs", func() bool { calls := st.Calls(); return len(calls) == 1 && calls[0].Faulty })
			if got := len(st.Messages(chat.ID)); got != c.sent {
				t.Errorf("%d messages arrived; want %d", got, c.sent)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			st.wait("the server noticed", func() bool { return st.Calls()[0].Done })
			st.Heal("")
			ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "x"})
		})
	}
}

func TestFaultsComeInOrderAndNamedOnesFirst(t *testing.T) {
	st := newStage(t)
	st.Fail("", 1, telegramtest.Status(500, "any"))
	st.Fail("getMe", 1, telegramtest.Status(500, "first"))
	st.Fail("getMe", 1, telegramtest.Status(500, "second"))
	for _, want := range []string{"first", "second", "any"} {
		st.refused("getMe", nil, want)
	}
	ok[json.RawMessage](st, "getMe", nil)
	st.Fail("sendChatAction", 1, telegramtest.Status(500, "named"))
	st.FailIf(func(c telegramtest.Call) bool { return c.Params["chat_id"] == "7" }, 1, telegramtest.Status(500, "matched"))
	action := params{"chat_id": 7, "action": "typing"}
	st.refused("sendChatAction", action, "matched")
	st.refused("sendChatAction", action, "named")
	st.refused("sendChatAction", action, "Bad Request: chat not found")
	st.Fail("getUpdates", 1, telegramtest.EmptyAtOnce())
	st.Say(st.Private(ann), ann, "x")
	if got := st.updates(params{"timeout": 50}); len(got) != 0 {
		t.Errorf("empty at once: %d updates", len(got))
	}
}

func TestManyAtOnce(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for range 20 {
				switch n % 4 {
				case 0:
					st.Say(chat, ann, "/goals")
				case 1:
					if _, err := st.try("sendMessage", params{"chat_id": ann.ID, "text": "x"}); err != nil {
						t.Error(err)
					}
				case 2:
					if _, err := st.try("getUpdates", nil); err != nil {
						t.Error(err)
					}
				case 3:
					st.Messages(chat.ID)
					st.Calls()
				}
			}
		})
	}
	wg.Wait()
	if got := len(st.Messages(chat.ID)); got != 80 {
		t.Errorf("%d messages; want 80", got)
	}
}

// TestTheLibrary is a whole conversation by the client that the bot uses.
func TestTheLibrary(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	bot, err := tgbotapi.NewBotAPIWithAPIEndpoint(telegramtest.DefaultToken, st.http.URL+"/bot%s/%s")
	if err != nil {
		t.Fatal(err)
	}
	if bot.Self.UserName != "goal_test_bot" || bot.Self.ID != 1234567890 {
		t.Errorf("getMe: %+v", bot.Self)
	}
	st.Say(chat, ann, "/addgoal call mother")
	updates, err := bot.GetUpdates(tgbotapi.UpdateConfig{Timeout: 50, AllowedUpdates: []string{"message", "callback_query"}})
	if err != nil || len(updates) != 1 {
		t.Fatalf("getUpdates: %+v, %v", updates, err)
	}
	m := updates[0].Message
	if m.Command() != "addgoal" || m.CommandArguments() != "call mother" || m.From.UserName != "ann" {
		t.Errorf("the message: %+v", m)
	}
	reply := tgbotapi.NewMessage(m.Chat.ID, "Added #1.")
	reply.ReplyToMessageID = m.MessageID
	reply.ReplyMarkup = tgbotapi.NewInlineKeyboardMarkup(tgbotapi.NewInlineKeyboardRow(tgbotapi.NewInlineKeyboardButtonData("Done", "v1:done:1")))
	sent, err := bot.Send(reply)
	if err != nil || sent.ReplyToMessage == nil {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	tap, err := st.Tap(chat, ann, sent.MessageID, "Done")
	if err != nil {
		t.Fatal(err)
	}
	updates, err = bot.GetUpdates(tgbotapi.UpdateConfig{Offset: updates[0].UpdateID + 1, Timeout: 50})
	if err != nil || len(updates) != 1 || updates[0].CallbackQuery == nil {
		t.Fatalf("getUpdates: %+v, %v", updates, err)
	}
	query := updates[0].CallbackQuery
	if _, err := bot.Request(tgbotapi.NewCallback(query.ID, "Well done")); err != nil || tap.Text() != "Well done" {
		t.Errorf("answered %q, %v", tap.Text(), err)
	}
	if _, err := bot.Send(tgbotapi.NewEditMessageText(query.Message.Chat.ID, query.Message.MessageID, "#1 is done.")); err != nil {
		t.Error(err)
	}
	if _, err := bot.Send(tgbotapi.NewDocument(m.Chat.ID, tgbotapi.FileBytes{Name: "goals.json", Bytes: []byte("[]")})); err != nil {
		t.Error(err)
	}
	shown := st.Messages(chat.ID)
	if len(shown) != 3 || shown[1].Text != "#1 is done." || shown[1].Buttons != nil || !bytes.Equal(shown[2].Document.Data, []byte("[]")) {
		t.Errorf("the chat shows %+v", shown)
	}
	_, err = bot.Send(tgbotapi.NewMessage(404, "x"))
	if refusal, ok := errors.AsType[*tgbotapi.Error](err); !ok || refusal.Code != 400 || refusal.Message != "Bad Request: chat not found" {
		t.Errorf("an unknown chat: %v", err)
	}
}

// What a script waits for on the phone and then counted among the calls was not
// there yet, for a moment.
func TestWhoSeesAMessageFindsTheCallThatSentIt(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	const messages = 30
	go func() {
		for range messages {
			st.try("sendMessage", params{"chat_id": chat.ID, "text": "hello"})
		}
	}()
	st.wait("all messages are seen", func() bool {
		seen, sent := len(st.Messages(chat.ID)), 0
		for _, c := range st.CallsTo("sendMessage") {
			if c.Done && c.Status == http.StatusOK {
				sent++
			}
		}
		if seen > sent {
			t.Fatalf("%d messages are seen and %d calls have sent one", seen, sent)
		}
		return seen == messages
	})
}
