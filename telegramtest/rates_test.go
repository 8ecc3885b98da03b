package telegramtest_test

import (
	"testing"
	"time"

	"goalbot/telegramtest"
)

func TestRates(t *testing.T) {
	st := newStage(t)
	st.LimitRates(true)
	st.Meet(ann)
	group := st.Group(-7, "Home", telegramtest.BasicGroup)
	send := func(chat int64) answer {
		a, err := st.try("sendMessage", params{"chat_id": chat, "text": "x"})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for range 5 {
		if a := send(ann.ID); !a.OK {
			t.Fatalf("within the burst: %s", a.Description)
		}
	}
	a := send(ann.ID)
	if a.Status != 429 || a.Parameters.RetryAfter != 5 || a.Description != "Too Many Requests: retry after 5" {
		t.Errorf("beyond the burst: %+v", a)
	}
	st.pass(5 * time.Second)
	if a := send(ann.ID); !a.OK {
		t.Errorf("after waiting: %s", a.Description)
	}
	for n := range 20 {
		st.pass(time.Second)
		if a := send(group.ID); !a.OK {
			t.Fatalf("message %d to the group: %s", n, a.Description)
		}
	}
	if a := send(group.ID); a.Parameters.RetryAfter != 41 {
		t.Errorf("21st message in 19 s to a group: %+v; want retry after 41", a)
	}
}
