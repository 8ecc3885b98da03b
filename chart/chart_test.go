package chart

import (
	"bytes"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-analyze/charts"

	"goalbot/goals"
)

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

func goal(number int64, status goals.Status, created, updated time.Time) *goals.Goal {
	return &goals.Goal{Number: number, Status: status, Created: created, Updated: updated}
}

func daysAgo(n float64) time.Time { return now.Add(-time.Duration(n * 24 * float64(time.Hour))) }

// some are n goals of a life: most are finished some time later.
func some(n int) []*goals.Goal {
	var all []*goals.Goal
	for i := range n {
		created := daysAgo(float64(i*i%97) + float64(i%7)/7)
		took := time.Duration(i*i*i%(20*24)) * time.Hour
		status := goals.Statuses[i*7%len(goals.Statuses)]
		if i%3 == 0 {
			status = goals.Done
		}
		all = append(all, goal(int64(i+1), status, created, created.Add(took)))
	}
	return all
}

// Each case is drawn. With PICTURES=<folder> the pictures are kept, to be looked
// at.
func TestPictures(t *testing.T) {
	for name, all := range map[string][]*goals.Goal{
		"empty": nil, "one": {goal(1, goals.Pending, daysAgo(1), daysAgo(1))}, "hundred": some(100), "many": some(99_000),
		"years": {goal(1, goals.Blocked, daysAgo(9000), daysAgo(9000)), goal(2, goals.Done, daysAgo(400), daysAgo(1))},
	} {
		data, err := Count(all, nil, now).PNG()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != Width || c.Height != Height || len(data) > 300_000 {
			t.Errorf("%s: %+v of %d bytes, %v", name, c, len(data), err)
		}
		if folder := os.Getenv("PICTURES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, name+".png"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The same numbers give the same picture.
func TestPictureIsDeterministic(t *testing.T) {
	first, err := Count(some(100), nil, now).PNG()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Count(some(100), nil, now).PNG()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the second picture differs, %v", err)
	}
}

// Whatever the numbers are, each word stays well inside its panel, clear of
// other words and of the bars, and no bar leaves its panel.
func TestNothingIsCutOrCovered(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	upTo := func(most int) int { return int(math.Pow(float64(most+1), dice.Float64())) - 1 } // small ones as often as large ones
	inside := func(m mark) {
		const by = margin / 2
		t.Helper()
		if m.box.Left < m.panel.Left+by || m.box.Right > m.panel.Right-by || m.box.Top < m.panel.Top+by || m.box.Bottom > m.panel.Bottom-by {
			t.Errorf("%q at %v is too close to the border of %v", m.words, m.box, m.panel)
		}
	}
	for range 30 {
		n := Count(nil, nil, now.AddDate(0, 0, dice.IntN(400)))
		for i := range n.Weeks {
			n.Weeks[i].Created, n.Weeks[i].Finished = upTo(100_000), upTo(100_000)
		}
		for _, s := range goals.Statuses {
			n.Counts[s] = upTo(100_000)
		}
		n.Oldest = goal(1, goals.Pending, n.At.Add(-time.Duration(upTo(math.MaxInt64/2))), n.At)
		n.Timed, n.Median = upTo(3), time.Duration(upTo(math.MaxInt64/2))
		c := n.draw()
		for i, a := range c.texts {
			inside(a)
			for _, b := range append(c.texts[:i:i], c.bars...) {
				if a.box.Left < b.box.Right && b.box.Left < a.box.Right && a.box.Top < b.box.Bottom && b.box.Top < a.box.Bottom {
					t.Errorf("%q at %v meets %q at %v", a.words, a.box, b.words, b.box)
				}
			}
		}
		for _, b := range c.bars {
			inside(b)
		}
		if t.Failed() {
			t.Fatalf("%+v", n)
		}
	}
}

// A phone shows a third of the pixels, and 14 points can be read there.
func TestWordsCanBeRead(t *testing.T) {
	for _, pixels := range []int{small, plain, medium, large} {
		if pixels < 3*14 {
			t.Errorf("words of %d pixels are too small", pixels)
		}
	}
	for _, c := range []charts.Color{bright, soft, created, finished} {
		if got := contrast(c, panel); got < 7 {
			t.Errorf("words of %v have a contrast of %.1f", c, got)
		}
	}
	for status, c := range statuses {
		if got := contrast(c, panel); got < 4.5 {
			t.Errorf("the bar of %s has a contrast of %.1f", status, got)
		}
	}
}

// contrast is as WCAG 2 defines it, from 1 to 21.
func contrast(a, b charts.Color) float64 {
	luminance := func(c charts.Color) float64 {
		linear := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	light, dark := luminance(a), luminance(b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func TestNumbers(t *testing.T) {
	done, pending := goals.Done, goals.Pending
	for _, c := range []struct {
		name     string
		all      []*goals.Goal
		finished map[int64]time.Time
		week     map[int][2]int // created and finished, by how many weeks ago
		age      time.Duration
		median   time.Duration
		timed    int
	}{
		{name: "nothing"},
		{name: "one open", all: []*goals.Goal{goal(1, pending, daysAgo(1), daysAgo(0))},
			week: map[int][2]int{0: {1, 0}}, age: 24 * time.Hour},
		{name: "Monday 0:00 is this week, a second before is not",
			all:  []*goals.Goal{goal(1, done, daysAgo(2.5), daysAgo(2.5)), goal(2, done, daysAgo(2.5).Add(-time.Second), daysAgo(2.5).Add(-time.Second))},
			week: map[int][2]int{0: {1, 1}, 1: {1, 1}}, timed: 2},
		{name: "twelve weeks are shown, what is older counts for the rest",
			all: []*goals.Goal{goal(1, pending, daysAgo(79.5), daysAgo(0)), goal(2, pending, daysAgo(79.5).Add(-time.Second), daysAgo(0))},
			age: 79*24*time.Hour + 12*time.Hour + time.Second, week: map[int][2]int{11: {1, 0}}},
		{name: "a note does not finish a goal again", all: []*goals.Goal{goal(7, done, daysAgo(20), daysAgo(0))}, finished: map[int64]time.Time{7: daysAgo(10)},
			week: map[int][2]int{3: {1, 0}, 2: {0, 1}}, median: 10 * 24 * time.Hour, timed: 1},
		{name: "the median of three", all: []*goals.Goal{goal(1, done, daysAgo(3), daysAgo(2)), goal(2, done, daysAgo(99), daysAgo(90)), goal(3, done, daysAgo(2), daysAgo(0))},
			week: map[int][2]int{0: {1, 2}, 1: {1, 0}}, median: 2 * 24 * time.Hour, timed: 3},
		{name: "the median of two", all: []*goals.Goal{goal(1, done, daysAgo(1), daysAgo(0)), goal(2, done, daysAgo(2), daysAgo(0))},
			week: map[int][2]int{0: {2, 2}}, median: 36 * time.Hour, timed: 2},
		{name: "reopened since", all: []*goals.Goal{goal(1, pending, daysAgo(1), daysAgo(0))}, finished: map[int64]time.Time{1: daysAgo(0)},
			week: map[int][2]int{0: {1, 0}}, age: 24 * time.Hour},
		{name: "done before it was created, by a foreign clock", all: []*goals.Goal{goal(1, done, daysAgo(0), daysAgo(1))},
			week: map[int][2]int{0: {1, 1}}, timed: 1},
		{name: "from the future", all: []*goals.Goal{goal(1, pending, daysAgo(-30), daysAgo(-30)), goal(2, done, daysAgo(-5), daysAgo(-5))}, timed: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := Count(c.all, c.finished, now)
			for i, w := range n.Weeks {
				ago := Weeks - 1 - i
				if want := c.week[ago]; w.Created != want[0] || w.Finished != want[1] {
					t.Errorf("%d weeks ago, from %s: %d created, %d finished, want %v", ago, w.Monday, w.Created, w.Finished, want)
				}
			}
			if n.Age() != c.age || n.Median != c.median || n.Timed != c.timed {
				t.Errorf("age %s, median %s of %d; want %s, %s, %d", n.Age(), n.Median, n.Timed, c.age, c.median, c.timed)
			}
			if n.Total() != len(c.all) {
				t.Errorf("%d of %d goals are counted", n.Total(), len(c.all))
			}
		})
	}
}

// Weeks begin at midnight where the reader is, also where the clock is changed
// between. Weeks of 168 hours turn this red.
func TestWeeksFollowTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("there are no time zones here: ", err)
	}
	n := Count(nil, nil, time.Date(2026, 4, 5, 23, 59, 0, 0, berlin)) // a Sunday, after the change of 29 March
	for _, w := range n.Weeks {
		if w.Monday.Weekday() != time.Monday || w.Monday.Hour() != 0 {
			t.Errorf("a week begins at %s", w.Monday)
		}
	}
	if got := n.Weeks[Weeks-1].Monday.Format(time.DateOnly); got != "2026-03-30" {
		t.Errorf("this week begins on %s", got)
	}
}
