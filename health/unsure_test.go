package health

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// What could not be looked for was taken for over: an outbox that cannot be
// read ended the alert that messages do not leave, and a check of goals.json
// that failed ended the alert that it is malformed, with "goals.json is sound
// again". Broken on purpose: what is unsure was judged, and a check was taken
// for one that looks for everything.

type malformed struct{ error }

func (malformed) Malformed() (where, excerpt string) { return "Line 1.", "" }

type unreadableFile struct{ error }

func (unreadableFile) Access() (writing bool, detail string) { return false, "The disk says no." }

func TestWhatCouldNotBeLookedForIsNotOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		var found []Finding
		var unsure []Cause
		w.Others = []Source{func(context.Context) ([]Finding, []Cause) { return found, unsure }}
		found = []Finding{{Cause: PalaceDamaged, Detail: "It is."}}
		w.check(t)
		one(t, w.sends(t), "🚨 The palace is damaged")

		found, unsure = nil, []Cause{PalaceDamaged, Stuck}
		for range 3 {
			w.check(t)
		}
		if said := w.sends(t); len(said) > 0 {
			t.Errorf("said %q", said)
		}
		if found := w.Found(); len(found) != 1 || found[0].Cause != PalaceDamaged || found[0].Detail != "It is." {
			t.Errorf("found %v", found)
		}
		if text := w.Report(t.Context()).Text; !strings.HasPrefix(text, "🚨 The palace is damaged") || !strings.Contains(text, "I could not find out whether messages leave, whether the palace is sound.") {
			t.Errorf("/health says:\n%s", text)
		}
		unsure = nil
		w.check(t)
		one(t, w.sends(t), "✅ The palace is sound again")
	})
}

func TestACheckSaysNothingOfWhatItDidNotComeTo(t *testing.T) {
	no := errors.New("no")
	for _, tt := range []struct {
		first, then error
		over        bool // the first is
	}{
		{malformed{no}, no, false},
		{malformed{no}, unreadableFile{no}, false},
		{differing{no}, malformed{no}, false},
		{malformed{no}, differing{no}, true},
		{malformed{no}, gone{no}, true},
		{unreadableFile{no}, malformed{no}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.file.err = tt.first
			cause := Diagnose(tt.first)[0].Cause
			w.check(t)
			w.sends(t)
			w.file.err = tt.then
			w.check(t)
			if standing := slices.Contains(w.Book().Standing(), cause); standing == tt.over {
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
		unsure := []Cause{PalaceDamaged}
		w.Others = []Source{func(context.Context) ([]Finding, []Cause) { return nil, unsure }}
		text := w.Report(t.Context()).Text
		if strings.Contains(text, "✅") || !strings.HasPrefix(text, "❔ ") || !strings.Contains(text, "I could not find out whether the palace is sound.") {
			t.Errorf("/health says:\n%s", text)
		}
		unsure = []Cause{DiskLow} // of which a warning would be green too
		if text := w.Report(t.Context()).Text; !strings.HasPrefix(text, "✅ goals.json is sound.\nI could not find out how much room") {
			t.Errorf("/health says:\n%s", text)
		}
	})
}

func TestEveryCauseThatMayBeUnsureHasAQuestion(t *testing.T) {
	for cause, c := range known {
		byCheck := slices.Contains(inTurn, cause)
		if own := cause == Silent || cause == Trial || cause == PalaceUnread; !byCheck && !own && c.question == "" {
			t.Errorf("%s has no question", cause)
		}
	}
}
