package chart

import (
	"bytes"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"goalbot/goals"
)

// counted is a goal with entries, a day between them.
func counted(start, target float64, sets bool, entries ...float64) *goals.Goal {
	amount := func(n float64) goals.Amount { return goals.Amount(n * 1000) }
	g := goal(1, goals.Pending, now.AddDate(0, 0, -len(entries)-1), now)
	count := goals.Count{Start: amount(start), Target: amount(target)}
	for i, n := range entries {
		count.Log = append(count.Log, goals.Entry{At: now.AddDate(0, 0, i-len(entries)).UnixMilli(), Set: sets, Amount: amount(n)})
	}
	g.SetPlan(goals.Plan{Count: count})
	return g
}

// Each is drawn. With PICTURES=<folder> the pictures are kept, to be looked at.
func TestCourses(t *testing.T) {
	today := counted(0, 10, false)
	today.Created = now.Add(-5 * time.Hour)
	today.ChangePlan(func(p *goals.Plan) {
		p.Count.Log = []goals.Entry{{At: now.Add(-time.Hour).UnixMilli(), Amount: goals.Whole(3)}}
	})
	year := slices.Repeat([]float64{2, 0, 5, 1}, goals.MaxEntries/4)
	for name, g := range map[string]*goals.Goal{
		"books": counted(0, 50, false, 5, 3, 8, -1, 10, 5, 5), "weight": counted(90, 80, true, 89.5, 88.9, 89.1, 87, 86.4), "beyond": counted(0, 10, false, 4, 4, 5),
		"none": counted(0, 10, false), "today": today, "year": counted(0, 1000, false, year...), "money": counted(0, 5000, true, 120, 1300.5, 1250), "below": counted(0, 10, false, -3, 5),
		"huge": counted(-1e9, 1e9, true, 1e9, -1e9), "tiny": counted(0, 0.003, false, 0.001, 0.001),
	} {
		data, err := CourseOf(g, now).PNG()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != Width || c.Height != CourseHeight || len(data) > 200_000 {
			t.Errorf("%s: %+v of %d bytes, %v", name, c, len(data), err)
		}
		if folder := os.Getenv("PICTURES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, "course-"+name+".png"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Whatever is counted, each word stays well inside its panel and clear of others, and
// the line inside the panel, from the left to the right.
func TestNoCourseIsCut(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	amount := func() float64 { // small ones as often as large ones, with decimals or without
		n := float64(dice.Int64N([]int64{3, 100, 10_000, 1_000_000_000}[dice.IntN(4)]))
		n += []float64{0, 0, 0.5, 0.125}[dice.IntN(4)]
		return n * float64(1-2*dice.IntN(2))
	}
	for range 40 {
		var entries []float64
		for range dice.IntN(30) {
			entries = append(entries, amount())
		}
		g := counted(amount(), amount()+0.25, dice.IntN(2) == 0, entries...)
		c := CourseOf(g, now).draw()
		for i, a := range c.texts {
			const by = margin / 2
			if a.box.Left < a.panel.Left+by || a.box.Right > a.panel.Right-by || a.box.Top < a.panel.Top+by || a.box.Bottom > a.panel.Bottom-by {
				t.Errorf("%q at %v is too close to the border of %v", a.words, a.box, a.panel)
			}
			for _, b := range append(c.texts[:i:i], c.bars...) {
				if a.box.Left < b.box.Right && b.box.Left < a.box.Right && a.box.Top < b.box.Bottom && b.box.Top < a.box.Bottom {
					t.Errorf("%q at %v meets %q at %v", a.words, a.box, b.words, b.box)
				}
			}
		}
		for _, line := range c.lines {
			last := 30 + margin
			for _, p := range line {
				if p.X < last || p.X > Width-30-margin || p.Y < 390 || p.Y > 770 {
					t.Errorf("a line goes through %v, behind %d", p, last)
				}
				last = p.X
			}
		}
		if t.Failed() {
			t.Fatalf("%+v", g.Plan().Count)
		}
	}
}

// The picture begins where the goal was added, or where something was logged before,
// and ends now, or where a closed goal was last changed or logged for.
func TestFromWhenToWhen(t *testing.T) {
	for _, c := range []struct {
		status           goals.Status
		created, updated float64 // days ago
		logged           []float64
		from, to         float64
	}{
		{goals.Pending, 9, 2, []float64{5, 3}, 9, 0},
		{goals.Pending, 4, 2, []float64{5, 3}, 5, 0},
		{goals.Pending, 9, 2, nil, 9, 0},
		{goals.Done, 9, 2, []float64{5, 2.5}, 9, 2},
		{goals.Done, 9, 2, []float64{5, 4}, 9, 4}, // a note was added since
		{goals.Pending, 9, 2, []float64{5, -3}, 9, -3},
	} {
		g := goal(1, c.status, daysAgo(c.created), daysAgo(c.updated))
		g.ChangePlan(func(p *goals.Plan) { p.Count.Target = goals.Whole(10) })
		for _, n := range c.logged {
			g.ChangePlan(func(p *goals.Plan) {
				p.Count.Log = append(p.Count.Log, goals.Entry{At: daysAgo(n).UnixMilli(), Amount: goals.Whole(1)})
			})
		}
		if got := CourseOf(g, now); !got.From.Equal(daysAgo(c.from)) || !got.To.Equal(daysAgo(c.to)) {
			t.Errorf("%+v: from %s to %s", c, got.From, got.To)
		}
	}
	g := goal(1, goals.Pending, now, now)
	if c := CourseOf(g, now); !c.To.After(c.From) {
		t.Errorf("at once it is from %s to %s", c.From, c.To)
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct{ low, high goals.Amount }{{0, 50_000}, {80_000, 90_000}, {0, 1}, {-1, 1}, {-goals.MaxAmount, goals.MaxAmount}, {goals.MaxAmount - 1, goals.MaxAmount}, {-7_000, -3_000}, {-3_000, 10_000}} {
		marks := axis(c.low, c.high)
		if len(marks) < 3 || len(marks) > 6 || marks[0] > c.low || marks[len(marks)-1] < c.high || !slices.IsSorted(marks) {
			t.Errorf("from %s to %s: %v", c.low, c.high, marks)
		}
	}
}
