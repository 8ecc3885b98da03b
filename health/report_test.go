package health

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Broken on purpose: no such words, no unit of its own, no check before its
// time; each test here went red.

// "/mute until 18:00" and "/mute until tomorrow" once muted for seven days, and
// "/mute 1h 30m" nothing at all: what stood behind the first word was passed
// over. Cutting the words off in parseMute turns this red.
func TestMuteTakesWhatAPersonWrites(t *testing.T) {
	now := time.Date(2026, 11, 28, 14, 30, 0, 0, time.UTC) // a Saturday
	for words, want := range map[string]time.Duration{
		"8h": 8 * time.Hour, "8 h": 8 * time.Hour, "8 hours": 8 * time.Hour, "8hours": 8 * time.Hour, "1 Hour": time.Hour,
		"30m": 30 * time.Minute, "30 min": 30 * time.Minute, "90 minutes": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"1h 30m": 90 * time.Minute, "1 hour and 30 minutes": 90 * time.Minute, "for 2 h": 2 * time.Hour,
		"2d": 48 * time.Hour, "2 days": 48 * time.Hour, "1 week": MaxMute, "over": MaxMute, "until it is over": MaxMute, "Until it’s over": MaxMute, "": 0,
		"until 18:00": 210 * time.Minute, "until 6pm": 210 * time.Minute, "until 18": 210 * time.Minute, "18:00": 210 * time.Minute, "until 14:00": 23*time.Hour + 30*time.Minute,
		"until tomorrow": 17*time.Hour + 30*time.Minute, "until tomorrow at 18:00": 27*time.Hour + 30*time.Minute, "until monday": 41*time.Hour + 30*time.Minute, "until noon": 21*time.Hour + 30*time.Minute,
	} {
		if most, which, err := parseMute(words, now); err != nil || most != want || which != "" {
			t.Errorf("/mute %s: %v of %q, %v; want %v", words, most, which, err, want)
		}
	}
	for _, words := range []string{"8 h malformed", "8h malformed", "2 days malformed", "over malformed", "1h 30m Malformed", "until 18:00 malformed", "until tomorrow malformed"} {
		if most, which, err := parseMute(words, now); err != nil || most == 0 || which != "malformed" {
			t.Errorf("/mute %s: %v of %q, %v", words, most, which, err)
		}
	}
	for _, words := range []string{
		"sometimes", "8", "8 weeks", "h", "8 days", "10s", "-1 h", "99999999999999999999 days", "1e9 h",
		"until", "until then", "until sunday week", "until 25:00", "until 2027-01-01", "until 14:30:00", "until 18:00 or so", "until it is time", "over there", "1h please", "8h nonsense", "1h malformed disk-low", "until yesterday", "@17 over", "for", "for ever",
	} {
		if most, _, err := parseMute(words, now); err == nil {
			t.Errorf("/mute %s is taken as %v", words, most)
		}
	}
	if _, which, err := parseMute("over @17", now); which != "@17" || err != nil {
		t.Errorf("a button mutes %q, %v", which, err)
	}
}

// A mute ends when it was said to, on the clock of the time zone.
func TestAMuteUntilATimeEndsThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			t.Fatal(err)
		}
		w.Zone = func() *time.Location { return tokyo } // where it is 9:00 when a bubble begins
		w.Others = []Source{func(context.Context) ([]Finding, []Cause) { return []Finding{{Cause: Rival}}, nil }}
		w.check(t)
		time.Sleep(2 * lookAgain)
		w.check(t)
		if text := w.Mute(t.Context(), "until 18:00").Text; !strings.Contains(text, "Muted until it is over, at most until 18:00") {
			t.Error(text)
		}
		if text := w.Mute(t.Context(), "until tomorrow").Text; !strings.Contains(text, "at most until ") || !strings.Contains(text, "08:00") {
			t.Error(text)
		}
		if text := w.Mute(t.Context(), "until further notice").Text; text != howToMute {
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
	for cause, want := range map[Cause]bool{Deaf: true, PalaceDamaged: true, Internal: false, Differs: false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.Others = []Source{func(context.Context) ([]Finding, []Cause) { return []Finding{{Cause: cause}}, nil }}
			text := w.Report(t.Context()).Text
			if strings.Contains(text, "goals.json itself is sound.") != want || !strings.Contains(text, "🚨 ") {
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
		var found []Finding
		w.Swift = []Source{func(context.Context) ([]Finding, []Cause) {
			mu.Lock()
			defer mu.Unlock()
			return found, nil
		}}
		set := func(f ...Finding) {
			mu.Lock()
			defer mu.Unlock()
			found = f
		}
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { w.Run(ctx, nil) })
		time.Sleep(time.Minute)
		set(Finding{Cause: Rival})
		time.Sleep(w.Watch + 2*lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "🚨 Another program")
		set(Finding{Cause: Rival, Detail: "another measure"})
		w.forget()
		time.Sleep(time.Minute)
		synctest.Wait()
		w.mu.Lock()
		if n := len(w.heard); n > 0 {
			t.Errorf("%d checks although nothing began or ended", n)
		}
		w.mu.Unlock()
		set()
		time.Sleep(w.Watch + 2*lookAgain)
		synctest.Wait()
		one(t, w.sends(t), "✅ Nobody but the keeper")
		stop()
		all.Wait()
	})
}
