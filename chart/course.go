package chart

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-analyze/charts"

	"goalbot/goals"
)

// CourseHeight is how tall the picture of a count is. It is as wide as [Width].
const CourseHeight = 900

// Course is how a count went from one time to another, which are in the reader's zone.
type Course struct {
	Count    goals.Count
	From, To time.Time
}

// CourseOf is how the count of a goal went until now, or until it was closed.
func CourseOf(g *goals.Goal, now time.Time) Course {
	c := Course{Count: g.Plan().Count, From: g.Created, To: now}
	if !g.Status.Open() {
		c.To = g.Updated
	}
	if log := c.Count.Log; len(log) > 0 {
		if first := log[0].Time(); first.Before(c.From) {
			c.From = first
		}
		if last := log[len(log)-1].Time(); last.After(c.To) || !g.Status.Open() && c.To.Sub(last) > 24*time.Hour {
			c.To = last
		}
	}
	c.From, c.To = c.From.In(now.Location()), c.To.In(now.Location())
	if c.To.Sub(c.From) < time.Minute {
		c.To = c.From.Add(time.Minute)
	}
	return c
}

// PNG draws the course, with a line for the target. There is nobody's text in it.
func (c Course) PNG() ([]byte, error) {
	data, err := c.draw().Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return data, nil
}

func (c Course) draw() *canvas {
	p := newCanvas(CourseHeight)
	p.begin(30, 30, Width-30, 240)
	said := c.Count.Value().String() + " / " + c.Count.Target.String()
	way := fmt.Sprintf("%d percent", c.Count.Percent())
	if c.Count.Start != 0 {
		said = fmt.Sprintf("%s, target %s", c.Count.Value(), c.Count.Target)
		way += ", from " + c.Count.Start.String()
	}
	pixels := float64(large)
	for _, less := range []float64{medium, small} {
		if p.MeasureText(said, 0, font(pixels, bright)).Width() > Width-60-2*margin {
			pixels = less
		}
	}
	p.write(said, 30+margin, 140, pixels, bright)
	p.write(way, 30+margin, 208, small, soft)

	p.begin(30, 260, Width-30, CourseHeight-30)
	x := 30 + margin
	for _, l := range []struct {
		name   string
		colour charts.Color
	}{{"count", created}, {"target", finished}} {
		p.bar(x, 294, x+36, 330, l.colour)
		x = p.write(l.name, x+54, 330, small, soft) + 60
	}
	c.lines(p)
	layout := "2 Jan 2006"
	if c.From.Format(time.DateOnly) == c.To.Format(time.DateOnly) {
		layout = "15:04"
	}
	p.write(c.From.Format(layout), 30+margin, CourseHeight-58, small, soft)
	to := c.To.Format(layout)
	p.write(to, Width-30-margin-p.MeasureText(to, 0, font(small, soft)).Width(), CourseHeight-58, small, soft)
	return p
}

// lines draws the axis, the target and the count.
func (c Course) lines(p *canvas) {
	const top, bottom = 390, 770
	values := append(c.Count.Values(), c.Count.Start, c.Count.Target)
	marks := axis(slices.Min(values), slices.Max(values))
	left := 0
	for _, m := range marks {
		left = max(left, p.MeasureText(shortAmount(m), 0, font(small, soft)).Width())
	}
	left += 30 + margin
	low, high := marks[0], marks[len(marks)-1]
	y := func(a goals.Amount) int { return bottom - int(float64(bottom-top)*float64(a-low)/float64(high-low)) }
	right := Width - 30 - margin
	for _, m := range marks {
		p.FilledRect(left+16, y(m)-1, right, y(m)+1, faint, faint, 0)
		p.write(shortAmount(m), left-p.MeasureText(shortAmount(m), 0, font(small, soft)).Width(), y(m)+16, small, soft)
	}
	left, right = left+24, right-12
	x := func(at time.Time) int {
		return left + int(float64(right-left)*float64(at.Sub(c.From))/float64(c.To.Sub(c.From)))
	}
	target := []charts.Point{{X: left, Y: y(c.Count.Target)}, {X: right, Y: y(c.Count.Target)}}
	p.DashedLineStroke(target, finished, 6, []float64{24, 14})
	path := []charts.Point{{X: left, Y: y(c.Count.Start)}}
	var dots []charts.Point
	for i, e := range c.Count.Log {
		at := charts.Point{X: x(e.Time()), Y: y(values[i])}
		if !e.Set { // it was what it was until then
			path = append(path, charts.Point{X: at.X, Y: path[len(path)-1].Y})
		}
		path, dots = append(path, at), append(dots, at)
	}
	path = append(path, charts.Point{X: right, Y: y(c.Count.Value())})
	p.LineStroke(path, created, 8)
	p.lines = append(p.lines, target, path)
	if len(dots) <= 40 {
		for _, d := range dots { // each by itself: a path through all of them would be filled
			p.Circle(10, d.X, d.Y, created, created, 1)
		}
	}
}

// axis are the marks of an axis from low to high, which are not the same: three to six
// multiples of 1, 2, 3, 4, 5 or 8 times a power of ten.
func axis(low, high goals.Amount) (marks []goals.Amount) {
	for power := goals.Amount(1); ; power *= 10 {
		for _, digit := range []goals.Amount{1, 2, 3, 4, 5, 8} {
			step := digit * power
			first := low / step * step
			if first > low {
				first -= step
			}
			if first+4*step < high {
				continue
			}
			for m := first; len(marks) < 3 || marks[len(marks)-1] < high; m += step {
				marks = append(marks, m)
			}
			return marks
		}
	}
}

// shortAmount is a mark of an axis in few letters.
func shortAmount(a goals.Amount) string {
	text := a.String()
	for _, s := range []struct{ zeros, letter string }{{"000000", "M"}, {"000", "k"}} {
		if short, ok := strings.CutSuffix(text, s.zeros); ok && !strings.Contains(text, ".") && len(text) > 4 {
			return short + s.letter
		}
	}
	return text
}
