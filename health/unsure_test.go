package health

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/alert"
)

// What could not be looked for was taken for over: an outbox that cannot be
// read ended the alert that messages do not leave, and a check of goals.json
// that failed ended the alert that it is malformed, with "goals.json is OK
// again". Broken on purpose: what is unsure was judged, and a check was taken
// for one that looks for everything.

func TestWhatCouldNotBeLookedForIsNotOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var found []alert.Finding
		var unsure []alert.Cause
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { return found, unsure }}
		found = []alert.Finding{{Cause: alert.PalaceDamaged, Detail: "It is."}}
		w.check(t)
		one(t, w.sends(t), "🚨 The bot's database is damaged")

		found, unsure = nil, []alert.Cause{alert.PalaceDamaged, alert.OutboxStuck}
		for range 3 {
			w.check(t)
		}
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("said %q", said)
		}
		if found := w.Found(); len(found) != 1 || found[0].Cause != alert.PalaceDamaged || found[0].Detail != "It is." {
			t.Errorf("found %v", found)
		}
		if text := w.Report(t.Context()).Text; !strings.HasPrefix(text, "🚨 The bot's database is damaged") || !strings.Contains(text, "I could not find out whether messages are being sent, whether the bot's database is OK.") {
			t.Errorf("/health says:\n%s", text)
		}
		unsure = nil
		w.check(t)
		one(t, w.sends(t), "✅ The bot's database is OK again")
	})
}

func TestACheckSaysNothingOfWhatItDidNotComeTo(t *testing.T) {
	no := errors.New("no")
	for _, tt := range []struct {
		first, then error
		over        bool // the first is
	}{
		{malformed, no, false},
		{malformed, unreadableFile, false},
		{differing, malformed, false},
		{malformed, differing, true},
		{malformed, gone, true},
		{unreadableFile, malformed, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.file.err = tt.first
			cause := Diagnose(tt.first)[0].Cause
			w.check(t)
			w.sends(t)
			w.file.err = tt.then
			w.check(t)
			if standing := slices.Contains(w.State().Active(), cause); standing == tt.over {
				t.Errorf("%s, and then a check that finds %s: it stands is %v", cause, Diagnose(tt.then)[0].Cause, standing)
			}
			for _, said := range w.sends(t) {
				if strings.Contains(said, "sound again") {
					t.Errorf("%s, and then %s: %s", cause, Diagnose(tt.then)[0].Cause, said)
				}
			}
		})
	}
}

// A bot that had not yet looked at its palace said that all is well.
func TestHealthDoesNotShowGreenWhereItCouldNotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		unsure := []alert.Cause{alert.PalaceDamaged}
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { return nil, unsure }}
		text := w.Report(t.Context()).Text
		if strings.Contains(text, "✅") || !strings.HasPrefix(text, "❔ ") || !strings.Contains(text, "I could not find out whether the bot's database is OK.") {
			t.Errorf("/health says:\n%s", text)
		}
		unsure = []alert.Cause{alert.DiskLow} // of which a warning would be green too
		if text := w.Report(t.Context()).Text; !strings.HasPrefix(text, "✅ goals.json is OK.\nI could not find out how much space") {
			t.Errorf("/health says:\n%s", text)
		}
	})
}

// After all of sm was removed, an alert that goals.json is missing still said that
// the goals are safe. Broken on purpose: saying so where nobody has looked, or
// where the palace is found damaged.
func TestGoalsAreCalledSafeWhereThatIsKnown(t *testing.T) {
	for _, tt := range []struct {
		found  []alert.Finding
		unsure []alert.Cause
		want   string
	}{
		{nil, nil, "Your goals are safe in the bot's database. Restore rebuilds"},
		{nil, []alert.Cause{alert.PollStalled}, "Your goals are safe in the bot's database. Restore rebuilds"},
		{nil, []alert.Cause{alert.PalaceDamaged}, "I could not find out whether your goals are safe"},
		{nil, []alert.Cause{alert.PalaceUnwritable}, "I could not find out whether your goals are safe"},
		{[]alert.Finding{{Cause: alert.PalaceDamaged}}, nil, "The bot's database is damaged or missing"},
		{[]alert.Finding{{Cause: alert.PalaceUnread}}, []alert.Cause{alert.PalaceDamaged}, "The bot's database could not be checked"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { return tt.found, tt.unsure }}
			w.file.err = gone
			w.check(t)
			said := w.sends(t)
			if len(said) != 1 || !strings.Contains(said[0], tt.want) || strings.Contains(said[0], "Your goals are safe") != strings.HasPrefix(tt.want, "Your") {
				t.Errorf("found %v, unsure of %v: %q", tt.found, tt.unsure, said)
			}
		})
	}
}

// A mute that was kept nowhere was confirmed like any other.
func TestWhatIsKeptNowhereIsSaidToBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.file.err = gone
		w.check(t)
		const lost = "when I am started anew, it is forgotten"
		if text := w.Mute(t.Context(), "1h").Text; strings.Contains(text, lost) {
			t.Errorf("kept in the palace: %s", text)
		}
		w.shelf.broken = errors.New("no")
		if text := w.Mute(t.Context(), "2h").Text; strings.Contains(text, lost) {
			t.Errorf("kept aside: %s", text)
		}
		w.Fallback = nil
		for what, text := range map[string]string{"a mute": w.Mute(t.Context(), "3h").Text, "known": w.Acknowledge(t.Context(), "", "Owner").Text, "unmuted": w.Unmute(t.Context()).Text} {
			if !strings.Contains(text, lost) {
				t.Errorf("%s: %s", what, text)
			}
		}
	})
}

func TestEveryCauseThatMayBeUnsureHasAQuestion(t *testing.T) {
	for _, cause := range alert.Causes() {
		byCheck := slices.Contains(inTurn, cause)
		if own := cause == alert.Silent || cause == alert.Test || cause == alert.PalaceUnread; !byCheck && !own && cause.Question() == "" {
			t.Errorf("%s has no question", cause)
		}
	}
}

// A webhook was told that goals.json is OK again while something else was
// wrong with it, and /health showed green of a check that did not come to an end.
func TestSoundIsSaidWhereItIsTrue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		found := []alert.Finding{{Cause: alert.Unwritable, Detail: "The bot is not allowed to write to the directory."}}
		w.Sources = []Source{func(context.Context) ([]alert.Finding, []alert.Cause) { return found, nil }}
		w.check(t)
		w.file.err = malformed
		w.check(t)
		found = nil
		w.file.err = gone
		w.check(t)
		w.file.err = nil
		w.check(t)
		var said []string
		for _, p := range w.Posts() {
			if p.Kind == "resolved" {
				first, _, _ := strings.Cut(p.Text, ", after")
				said = append(said, string(p.Cause)+" "+first)
			}
		}
		want := []string{"malformed ✅ One problem with goals.json is resolved", "missing ✅ goals.json is OK again", "unwritable ✅ goals.json is OK again"}
		if !slices.Equal(said, want) {
			t.Errorf("posted: %q", said)
		}

		w.file.hangs.begin()
		text := w.Report(t.Context()).Text
		w.file.hangs.end()
		if strings.Contains(text, "✅") || !strings.Contains(text, "⏳ I cannot tell whether goals.json is OK.") || !strings.Contains(text, "goals.json was OK then.") {
			t.Errorf("/health says:\n%s", text)
		}
		time.Sleep(time.Minute)
	})
}
