package chart

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"

	"goalbot/agenda"
	"goalbot/goals"
)

// The picture is three times as wide as a phone shows it, and not so tall that
// a phone makes it narrower.
const (
	Width  = 1080
	Height = 1420
)

// The picture brings its own dark ground, which reads well in a light chat and
// does not dazzle in a dark one. What is written has a contrast of at least 7
// on it, what is only shown of at least 4.5.
var (
	ground   = charts.ColorFromHex("#17202b")
	panel    = charts.ColorFromHex("#222d3a")
	bright   = charts.ColorFromHex("#f4f7fa")
	soft     = charts.ColorFromHex("#c8d3df")
	faint    = charts.ColorFromHex("#46556a")
	created  = charts.ColorFromHex("#7cbdff")
	finished = charts.ColorFromHex("#6bdb8f")
	statuses = map[goals.Status]charts.Color{goals.Pending: soft, goals.InProgress: created, goals.Blocked: charts.ColorFromHex("#ffb066")}
)

// Sizes of text, in pixels: 15 points and more on a phone.
const (
	small  = 46
	plain  = 52
	medium = 58
	large  = 96
)

const margin = 36 // between a panel and what is in it

// PNG draws the numbers. There is nobody's text in the picture, so it shows
// right with the few letters that its font has.
func (n Numbers) PNG() ([]byte, error) {
	data, err := n.draw().Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return data, nil
}

func (n Numbers) draw() *canvas {
	c := newCanvas(Height)
	n.tiles(c)
	n.weeks(c)
	n.open(c)
	return c
}

// canvas knows what was put on it, and where.
type canvas struct {
	*charts.Painter
	panel charts.Box // the latest
	texts []mark
	bars  []mark
	lines [][]charts.Point
}

func newCanvas(height int) *canvas {
	c := &canvas{Painter: charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: Width, Height: height})}
	c.FilledRect(0, 0, Width, height, ground, ground, 0)
	return c
}

type mark struct {
	words      string // none for a bar
	box, panel charts.Box
}

// begin draws a panel for what follows.
func (c *canvas) begin(left, top, right, bottom int) {
	c.panel = charts.NewBox(left, top, right, bottom)
	c.FilledRect(left, top, right, bottom, panel, panel, 0)
}

// write writes words from x on, above the line y, and returns where they end.
func (c *canvas) write(words string, x, y int, pixels float64, colour charts.Color) int {
	font := font(pixels, colour)
	end := x + c.MeasureText(words, 0, font).Width()
	c.Text(words, x, y, 0, font)
	c.texts = append(c.texts, mark{words, charts.NewBox(x, y-int(pixels*0.75), end, y+int(pixels*0.22)), c.panel})
	return end
}

func (c *canvas) bar(left, top, right, bottom int, colour charts.Color) {
	c.FilledRect(left, top, right, bottom, colour, colour, 0)
	c.bars = append(c.bars, mark{"", charts.NewBox(left, top, right, bottom), c.panel})
}

// font has its size in points of 1/72 inch, at the library's 92 dots per inch.
func font(pixels float64, colour charts.Color) charts.FontStyle {
	return charts.FontStyle{FontSize: pixels * 72 / 92, FontColor: colour}
}

// tiles are the four numbers at the top.
func (n Numbers) tiles(c *canvas) {
	age, took := "–", "–"
	if n.Oldest != nil {
		age = agenda.Roughly(n.Age())
	}
	if n.Timed > 0 {
		took = agenda.Roughly(n.Median)
	}
	for i, t := range []struct {
		value, name string
		colour      charts.Color
	}{
		{short(n.Open()), "open", created},
		{short(n.Counts[goals.Done]), "done", finished},
		{age, "oldest open goal", bright},
		{took, "median time to done", bright},
	} {
		x, y := 30+(i%2)*520, 30+(i/2)*230
		c.begin(x, y, x+500, y+210)
		number, unit, _ := strings.Cut(strings.Replace(t.value, "a ", "1 ", 1), " ")
		end := c.write(number, x+margin, y+110, large, t.colour)
		if unit != "" {
			c.write(unit, end+18, y+110, medium, t.colour)
		}
		c.write(t.name, x+margin, y+178, small, soft)
	}
}

// weeks are two bars for each week: what was added, what was done.
func (n Numbers) weeks(c *canvas) {
	c.begin(30, 490, Width-30, 1030)
	c.write("Per week", 30+margin, 560, plain, bright)
	x := 470
	for _, l := range []struct {
		name   string
		colour charts.Color
	}{{"added", created}, {"done", finished}} {
		c.bar(x, 524, x+36, 560, l.colour)
		x = c.write(l.name, x+54, 560, small, soft) + 60
	}

	most := 0
	for _, w := range n.Weeks {
		most = max(most, w.Created, w.Finished)
	}
	const top, bottom = 630, 940
	step := niceStep(most)
	labels := []string{"0", short(step), short(2 * step)}
	left := 0
	for _, l := range labels {
		left = max(left, c.MeasureText(l, 0, font(small, soft)).Width())
	}
	left += 30 + margin
	right := Width - 30 - margin
	for i, l := range labels {
		y := bottom - i*(bottom-top)/2
		c.FilledRect(left+16, y-1, right, y+1, faint, faint, 0)
		c.write(l, left-c.MeasureText(l, 0, font(small, soft)).Width(), y+16, small, soft)
	}
	left += 16
	for i, w := range n.Weeks {
		from, to := left+i*(right-left)/Weeks, left+(i+1)*(right-left)/Weeks
		middle, wide := (from+to)/2, (to-from)*2/5
		for _, b := range []struct {
			count, from, to int
			colour          charts.Color
		}{{w.Created, middle - wide, middle - 1, created}, {w.Finished, middle + 1, middle + wide, finished}} {
			if b.count > 0 {
				height := max(4, (bottom-top)*b.count/(2*step))
				c.bar(b.from, bottom-height, b.to, bottom, b.colour)
			}
		}
		if (Weeks-1-i)%4 == 0 { // the present one, and some before it
			l := w.Monday.Format("2 Jan")
			width := c.MeasureText(l, 0, font(small, soft)).Width()
			c.write(l, min(middle-width/2, right-width), bottom+58, small, soft)
		}
	}
}

// open is a bar for each status in which a goal is open.
func (n Numbers) open(c *canvas) {
	c.begin(30, 1050, Width-30, Height-30)
	c.write("Open by status", 30+margin, 1120, plain, bright)
	const left, right = 350, Width - 200
	most := max(1, n.Counts[goals.Pending], n.Counts[goals.InProgress], n.Counts[goals.Blocked])
	for i, s := range []struct {
		status goals.Status
		name   string
	}{{goals.Pending, "to do"}, {goals.InProgress, "in progress"}, {goals.Blocked, "blocked"}} {
		y := 1152 + i*78
		count := n.Counts[s.status]
		c.write(s.name, 30+margin, y+42, small, soft)
		end := left
		if count > 0 {
			end += max(4, (right-left)*count/most)
			c.bar(left, y, end, y+54, statuses[s.status])
			end += 22
		}
		c.write(short(count), end, y+44, plain, bright)
	}
}

// niceStep is half of the height of an axis that goes up to most: 1, 2, 3, 4, 5
// or 8 times a power of ten.
func niceStep(most int) int {
	for power := 1; ; power *= 10 {
		for _, digit := range []int{1, 2, 3, 4, 5, 8} {
			if 2*digit*power >= most {
				return digit * power
			}
		}
	}
}

// short is a number of at most four digits or so.
func short(n int) string {
	if n < 10_000 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa((n+500)/1000) + "k"
}
