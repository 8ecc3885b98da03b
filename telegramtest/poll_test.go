package telegramtest_test

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/telegramtest"
)

// poll calls getUpdates without a socket, so that time may be the bubble's.
func poll(s *telegramtest.Server, query string) (took time.Duration, status int, body string) {
	began := time.Now()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/bot"+telegramtest.DefaultToken+"/getUpdates?"+query, nil))
	return time.Since(began), w.Code, w.Body.String()
}

func TestHowLongAPollWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := telegramtest.New(telegramtest.Config{})
		for _, c := range []struct {
			query string
			want  time.Duration
		}{
			{"offset=1&timeout=0", 0},
			{"offset=1&timeout=0", 3 * time.Second}, // repeated at once
			{"offset=2&timeout=7", 7 * time.Second},
			{"offset=3&timeout=600", 50 * time.Second},
			{"offset=3&timeout=0", 0}, // repeated, but not at once
			{"offset=4&timeout=-1", 0},
			{"offset=5&timeout=x", 0},
		} {
			if took, status, body := poll(s, c.query); took != c.want || status != 200 || body != `{"ok":true,"result":[]}` {
				t.Errorf("%s: %d %s after %v; want none after %v", c.query, status, body, took, c.want)
			}
		}
	})
}

func TestConflictsAreHeldForThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := telegramtest.New(telegramtest.Config{})
		type end struct {
			after  time.Duration
			status int
		}
		ends := make(chan end, 3)
		for range 3 {
			go func() {
				took, status, _ := poll(s, "timeout=50")
				ends <- end{took, status}
			}()
			synctest.Wait()
			time.Sleep(time.Second)
		}
		// The second poll ends the first at 1 s; the third ends the second at 2 s, which is told it at 5 s, 4 s after
		// it came. The third waits its time out.
		for _, want := range []end{{time.Second, 409}, {4 * time.Second, 409}, {50 * time.Second, 200}} {
			if got := <-ends; got != want {
				t.Errorf("a poll ended %+v; want %+v", got, want)
			}
		}
	})
}

func TestConfirmationsAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := telegramtest.New(telegramtest.Config{})
		changed := s.Changed()
		m := s.Say(s.Private(ann), ann, "x")
		<-changed
		changed = s.Changed()
		select {
		case <-changed:
			t.Error("changed before anything did")
		default:
		}
		poll(s, "offset=1")
		if s.IsConfirmed(m.Update) {
			t.Error("confirmed by an offset below")
		}
		<-changed
	})
}
