package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"goalbot/alert"
	"goalbot/clock"
	"goalbot/settings"
	"goalbot/store"
)

// A loop that cannot save what it has in hand does not poll either, and that
// was said to be Telegram's silence. Broken on purpose: not looking at what is
// in hand.
func TestAStalledPollSaysWhoseFaultItIs(t *testing.T) {
	started := time.Now().Add(-time.Hour)
	long := time.Now().Add(-10 * time.Minute)
	busy := time.Date(2026, 3, 1, 12, 3, 4, 0, time.UTC)
	zone := time.FixedZone("", 3600)
	for _, test := range []struct {
		name         string
		polled, busy time.Time
		want         string // its detail, empty for no finding
	}{
		{"it polls", time.Now(), time.Time{}, ""},
		{"it handles what has just come", time.Now(), busy, ""},
		{"Telegram is silent", long, time.Time{}, "Telegram has not answered for 10 min."},
		{"it never answered", time.Time{}, time.Time{}, "Telegram has not answered for 1 h."},
		{"a command is not saved", long, busy, "I have been trying to save a command since 13:03:04; I fetch no more until that works."},
	} {
		found, _ := PollStalled(started, 3*time.Minute, loop{polled: test.polled, busy: test.busy}, in{zone})(t.Context())
		if test.want == "" {
			if len(found) > 0 {
				t.Errorf("%s: %v", test.name, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Cause != alert.PollStalled || found[0].Detail != test.want {
			t.Errorf("%s: %v, want %q", test.name, found, test.want)
		}
	}
}

// Messages that had just been queued were called stuck where the clock was set
// ahead, and of an outbox that could not be read nothing was known to be wrong.
func TestStuckKnowsHowLongAMessageWaits(t *testing.T) {
	var d store.Depth
	var err error
	source := OutboxStuck(depth(func() (store.Depth, error) { return d, err }), 10*time.Minute, clock.New(), slog.New(slog.DiscardHandler))
	look := func() string {
		found, unsure := source(t.Context())
		if len(unsure) > 0 {
			return "unsure"
		}
		if len(found) > 0 {
			return found[0].Detail
		}
		return ""
	}
	for _, tt := range []struct {
		messages int
		age      time.Duration
		err      error
		want     string
	}{
		{0, 0, nil, ""},
		{1, 9 * time.Minute, nil, ""},
		{1, -time.Hour, nil, ""}, // queued by a clock that was ahead
		{2, 11 * time.Minute, nil, "2 are waiting, the oldest for 11 min."},
		{0, 0, errors.New("no"), "unsure"},
	} {
		d, err = store.Depth{Messages: tt.messages, Oldest: time.Now().Add(-tt.age)}, tt.err
		if got := look(); got != tt.want {
			t.Errorf("%d, the oldest of %v ago: %q, want %q", tt.messages, tt.age, got, tt.want)
		}
	}
}

// A program that ends leaves no error in its log. Red without the look at the
// context, which must not be looked at where the program goes on.
func TestABrokenOffLookAtTheOutboxIsNoError(t *testing.T) {
	for _, ends := range []bool{true, false} {
		ctx, end := context.WithCancel(t.Context())
		var log bytes.Buffer
		source := OutboxStuck(depth(func() (store.Depth, error) {
			if ends {
				end()
			}
			return store.Depth{}, errors.New("broken off")
		}), time.Minute, clock.New(), slog.New(slog.NewTextHandler(&log, nil)))
		if _, unsure := source(ctx); len(unsure) != 1 || ends != (log.Len() == 0) {
			t.Errorf("ends %v: unsure of %v, logged %q", ends, unsure, log.String())
		}
		end()
	}
}

// loop is a poll loop.
type loop struct{ polled, busy, first, last time.Time }

func (l loop) Polled() time.Time                 { return l.polled }
func (l loop) Busy() time.Time                   { return l.busy }
func (l loop) Conflict() (first, last time.Time) { return l.first, l.last }

// in are settings with a time zone.
type in struct{ zone *time.Location }

func (i in) Values() settings.Values { return settings.Values{Zone: i.zone} }

// depth is a store that says how many messages wait.
type depths struct {
	store.Store
	of func() (store.Depth, error)
}

func depth(of func() (store.Depth, error)) Store { return depths{of: of} }

func (d depths) Depth(context.Context) (store.Depth, error) { return d.of() }
