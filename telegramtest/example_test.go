package telegramtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"

	"goalbot/telegramtest"
)

// A person speaks, a bot answers with a button, the person presses it.
func Example() {
	telegram := telegramtest.New(telegramtest.Config{})
	web := httptest.NewServer(telegram)
	defer web.Close()
	defer telegram.Close()

	ann := telegramtest.User{ID: 501, FirstName: "Ann"}
	chat := telegram.Private(ann)
	telegram.Say(chat, ann, "/addgoal call mother")

	resp, err := http.PostForm(web.URL+"/bot"+telegramtest.DefaultToken+"/sendMessage", url.Values{
		"chat_id":      {"501"},
		"text":         {"Added #1: call mother"},
		"reply_markup": {`{"inline_keyboard":[[{"text":"Done","callback_data":"done:1"}]]}`},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)

	answer, _ := telegram.Last(chat.ID)
	if _, err := telegram.Tap(chat, ann, answer.ID, "Done"); err != nil {
		fmt.Println(err)
		return
	}
	_, err = telegram.Tap(chat, ann, answer.ID, "Undo")
	fmt.Println(answer.Text)
	fmt.Println(telegram.Pending(), "updates wait for the bot")
	fmt.Println(err)
	// Output:
	// Added #1: call mother
	// 2 updates wait for the bot
	// tap "Undo": message 2 shows no such button
}
