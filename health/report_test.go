package health

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
	"goalbot/palace"
)

// Broken on purpose: no such words, no unit of its own, no check before its
// time; each test here went red.

// A mute ends when it was said to, on the clock of the time zone.
func TestAMuteUntilATimeEndsThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			t.Fatal(err)
		}
		w.values.Zone = tokyo // where it is 9:00 when a bubble begins
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) {
			return []alert.Finding{{Cause: alert.TokenConflict}}, nil
		}}
		w.check(t)
		time.Sleep(2 * lookAgain)
		w.check(t)
		if text := w.Mute(t.Context(), "until 18:00").Text; !strings.Contains(text, "Muted until fixed (18:00 at the latest)") {
			t.Error(text)
		}
		if text := w.Mute(t.Context(), "until tomorrow").Text; !strings.Contains(text, "at the latest") || !strings.Contains(text, "08:00") {
			t.Error(text)
		}
		if text := w.Mute(t.Context(), "until further notice").Text; text != alert.HowToMute {
			t.Error(text)
		}
	})
}

func TestNothingToMuteIsSaid(t *testing.T) {
	w := newWard(t)
	w.check(t)
	if text := w.Mute(t.Context(), "").Text; text != "Nothing is wrong, so there is nothing to mute." {
		t.Error(text)
	}
}

// What is wrong with something else leaves open how goals.json is, unless it is said.
func TestHealthSaysHowTheFileIs(t *testing.T) {
	for cause, want := range map[alert.Cause]bool{alert.PollStalled: true, alert.PalaceDamaged: true, alert.Internal: false, alert.Differs: false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { return []alert.Finding{{Cause: cause}}, nil }}
			text := w.Report(t.Context()).Text
			if strings.Contains(text, "goals.json itself is OK.") != want || !strings.Contains(text, "🚨 ") {
				t.Errorf("%s: %s", cause, text)
			}
		})
	}
}

// A rival was told after up to seven minutes, which the schedule added to the two.
func TestWhatASwiftSourceFindsBringsTheCheckForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.Schedule = mustParse(t, "@every 1h")
		var mu sync.Mutex
		var found []alert.Finding
		w.Immediate = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) {
			mu.Lock()
			defer mu.Unlock()
			return found, nil
		}}
		set := func(f ...alert.Finding) {
			mu.Lock()
			defer mu.Unlock()
			found = f
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Minute)
		set(alert.Finding{Cause: alert.TokenConflict})
		time.Sleep(w.Limits.Watch + 2*lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 Another program")
		set(alert.Finding{Cause: alert.TokenConflict, Detail: "another measure"})
		w.forget()
		time.Sleep(time.Minute)
		synctest.Wait()
		w.mu.Lock()
		if n := len(w.heard); n > 0 {
			t.Errorf("%d checks although nothing began or ended", n)
		}
		w.mu.Unlock()
		set()
		time.Sleep(w.Limits.Watch + 2*lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "✅ No other program")
		stop()
		all.Wait()
	})
}

// Where there may be several bots, /health names them.
func TestHealthSaysWhoLeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		since := time.Now()
		time.Sleep(time.Hour)
		for _, tt := range []struct {
			now  palace.Leadership
			err  error
			want string
		}{
			{palace.Leadership{}, nil, ""},
			{palace.Leadership{Leader: palace.Leader{Holder: "one", Since: since}}, nil, "\nLeading since today 00:00: one. No other bot stands by.\n"},
			{palace.Leadership{Leader: palace.Leader{Holder: "one", Since: since}, Standbys: []palace.StandbyState{
				{Holder: "two", Copied: true, Age: 3 * time.Second}, {Holder: "three", Copied: true, Age: 5 * time.Minute}, {Holder: "four"}, {Holder: "five", Copied: true, Trouble: "malformed"},
			}}, nil, "\nLeading since today 00:00: one.\nStanding by: two. Its goals.json is up to date.\nStanding by: three. Its goals.json is 5 min old.\n" +
				"Standing by: four. It has no goals.json yet.\nStanding by: five. There, goals.json is damaged and can't be read (Serde corruption).\n"},
			{palace.Leadership{}, errors.New("no"), "\nWhich bot leads cannot be read; the log says why.\n"},
		} {
			w.Leadership = func(context.Context) (palace.Leadership, error) { return tt.now, tt.err }
			text := w.Report(t.Context()).Text
			if !strings.Contains(text, tt.want) || tt.want == "" && strings.Contains(text, "Leading") {
				t.Errorf("/health says:\n%s\nand not:%s", text, tt.want)
			}
		}
	})
}
