package health

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"goalbot/alert"
	"goalbot/store"
)

// Whoever may write into the directory of goals.json could silence every alert:
// a state in alerts.json with a high revision in which all is told and muted won
// over the palace's. Broken on purpose: without a look at the seal all go red.
func TestABookThatSomebodyPlantedSilencesNothing(t *testing.T) {
	quiet := alert.New()
	quiet.Revision, quiet.Count = 1e15, 1e15
	quiet.Chats[chat] = alert.Chat{Told: 1e15}
	quiet.Alerts[alert.Missing] = alert.Alert{Finding: alert.Finding{Cause: alert.Missing}, Phase: alert.Firing, First: 1, News: 1, MutedUntil: 1 << 62}
	planted, err := json.Marshal(quiet)
	if err != nil {
		t.Fatal(err)
	}
	seals := map[string]func(own []byte) []byte{
		"without a seal": func([]byte) []byte { return planted },
		"with another's seal": func([]byte) []byte {
			return fmt.Appendf(nil, `{"seal":%q,"book":%s}`, seal([]byte("x"), planted), planted)
		},
		"with an empty secret": func([]byte) []byte { return fmt.Appendf(nil, `{"seal":%q,"book":%s}`, seal(nil, planted), planted) },
		"under our own seal": func(own []byte) []byte {
			var s sealed
			if err := json.Unmarshal(own, &s); err != nil {
				t.Fatal(err)
			}
			return fmt.Appendf(nil, `{"seal":%q,"book":%s}`, s.Seal, planted)
		},
		"nonsense": func([]byte) []byte { return []byte("\x00\x1b[2J") },
	}
	for name, plant := range seals {
		synctest.Test(t, func(t *testing.T) {
			w := newWard(t)
			w.check(t)
			w.shelf.broken = errors.New("no")
			w.file.err = differing
			w.check(t) // one of our own is aside
			w.note.data = plant(w.note.data)
			w.shelf.broken = nil
			w.restart(t)
			w.forget()
			w.file.err = gone
			w.check(t)
			one(t, w.sends(t), "🚨 goals.json is missing")
			if w.note.data != nil {
				t.Errorf("%s: it still lies there", name)
			}
			if r := w.State().Revision; r >= 1e15 {
				t.Errorf("%s: revision %d", name, r)
			}
		})
	}
}

// The secret is as old as the palace, so that what was kept aside by one run is
// known by the next; and it is not in the file.
func TestTheSecretOfTheSealStaysInThePalace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.check(t)
		first := bytes.Clone(w.secret)
		w.shelf.broken = store.ErrFull
		w.file.err = gone
		w.check(t)
		if len(first) != 32 || w.note.data == nil || bytes.Contains(w.note.data, first) || bytes.Contains(w.note.data, fmt.Appendf(nil, "%x", first)) {
			t.Errorf("the secret has %d bytes, and aside is kept %s", len(first), w.note.data)
		}
		w.restart(t)
		w.check(t)
		if !bytes.Equal(w.secret, first) || len(w.State().Active()) == 0 {
			t.Errorf("another secret, or what was kept aside is not known: %v", w.State().Active())
		}
	})
}
