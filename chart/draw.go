package chart

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-analyze/charts"

	"goalbot/goals"
)

// The picture is as wide as a phone shows it, times three: nothing in it is
// smaller than 30 pixels, which are 10 points there.
const (
	Width  = 1080
	Height = 1350
)

// The picture brings its own dark ground, which stands out neither from a
// light nor from a dark chat. Each colour has a contrast of more than 4.5 on it.
var (
	ground   = charts.ColorFromHex("#1c2530")
	panel    = charts.ColorFromHex("#26313f")
	bright   = charts.ColorFromHex("#f2f5f8")
	soft     = charts.ColorFromHex("#a9b7c6")
	faint    = charts.ColorFromHex("#3a4858")
	created  = charts.ColorFromHex("#5aa9f5")
	finished = charts.ColorFromHex("#5fcf80")
	statuses = map[goals.Status]charts.Color{goals.Pending: soft, goals.InProgress: created, goals.Blocked: charts.ColorFromHex("#f5a65a")}
)

// Sizes of text, in points of 1/72 inch at the library's 92 dots per inch.
const (
	small = 24.0
	plain = 27.0
	large = 52.0
)

// PNG draws the numbers. There is nobody's text in the picture, so it shows
// right with the few letters that its font has.
func (n Numbers) PNG() ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: Width, Height: Height})
	p.FilledRect(0, 0, Width, Height, ground, ground, 0)
	n.tiles(p)
	if err := n.weeks(p); err != nil {
		return nil, fmt.Errorf("draw weeks: %w", err)
	}
	n.open(p)
	data, err := p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return data, nil
}

// tiles are the four numbers at the top.
func (n Numbers) tiles(p *charts.Painter) {
	age, took := "–", "–"
	if n.Oldest != nil {
		age = Span(n.Age())
	}
	if n.Timed > 0 {
		took = Span(n.Median)
	}
	for i, t := range []struct {
		value, name string
		colour      charts.Color
	}{
		{short(n.Open()), "open", created},
		{short(n.Counts[goals.Done]), "done", finished},
		{age, "age of the oldest open goal", bright},
		{took, "from added to done (median)", bright},
	} {
		x, y := 40+(i%2)*510, 40+(i/2)*210
		p.FilledRect(x, y, x+490, y+190, panel, panel, 0)
		p.Text(t.value, x+30, y+100, 0, font(large, t.colour))
		p.Text(t.name, x+30, y+158, 0, font(small, soft))
	}
}

// weeks are two bars for each week: what was added, what was done.
func (n Numbers) weeks(p *charts.Painter) error {
	p.FilledRect(40, 460, Width-40, 980, panel, panel, 0)
	p.Text("Per week", 70, 520, 0, font(plain, bright))
	x := 420
	for _, l := range []struct {
		name   string
		colour charts.Color
	}{{"added", created}, {"done", finished}} {
		p.FilledRect(x, 494, x+28, 522, l.colour, l.colour, 0)
		p.Text(l.name, x+42, 520, 0, font(small, soft))
		x += 210
	}
	values := [][]float64{nil, nil}
	labels := make([]string, 0, Weeks)
	most := 0
	for _, w := range n.Weeks {
		values[0] = append(values[0], float64(w.Created))
		values[1] = append(values[1], float64(w.Finished))
		labels = append(labels, w.Monday.Format("2 Jan"))
		most = max(most, w.Created, w.Finished)
	}
	step := niceStep(most)
	opt := charts.NewBarChartOptionWithData(values)
	opt.Theme = charts.MakeTheme(charts.ThemeOption{
		IsDarkMode: true, BackgroundColor: panel, TextColor: soft, AxisStrokeColor: faint, AxisSplitLineColor: faint,
		SeriesColors: []charts.Color{created, finished},
	})
	opt.Padding = charts.NewBoxEqual(0)
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis.Labels = labels
	opt.CategoryAxis.LabelCount = 4
	opt.CategoryAxis.LabelFontStyle = font(small, soft)
	opt.ValueAxis = []charts.ValueAxisOption{{
		Min: charts.Ptr(0.0), Max: charts.Ptr(float64(4 * step)), LabelCount: 5, RangeValuePaddingScale: charts.Ptr(0.0),
		PreferNiceIntervals: charts.Ptr(false), LabelFontStyle: font(small, soft),
		ValueFormatter: func(v float64) string { return short(int(math.Round(v))) },
	}}
	return p.Child(charts.PainterBoxOption(charts.NewBox(70, 560, Width-70, 965))).BarChart(opt)
}

// open is a bar for each status in which a goal is open.
func (n Numbers) open(p *charts.Painter) {
	p.FilledRect(40, 1000, Width-40, Height-40, panel, panel, 0)
	p.Text("Open by status", 70, 1060, 0, font(plain, bright))
	const left, right = 330, Width - 210
	most := max(1, n.Counts[goals.Pending], n.Counts[goals.InProgress], n.Counts[goals.Blocked])
	for i, s := range []struct {
		status goals.Status
		name   string
	}{{goals.Pending, "pending"}, {goals.InProgress, "in progress"}, {goals.Blocked, "blocked"}} {
		y := 1100 + i*68
		count := n.Counts[s.status]
		p.Text(s.name, 70, y+34, 0, font(small, soft))
		width := max(4, (right-left)*count/most)
		p.FilledRect(left, y, left+width, y+44, statuses[s.status], statuses[s.status], 0)
		p.Text(short(count), left+width+20, y+34, 0, font(plain, bright))
	}
}

func font(size float64, colour charts.Color) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: colour}
}

// niceStep is a quarter of the height of an axis that goes up to most: 1, 2, 3
// or 5 times a power of ten.
func niceStep(most int) int {
	for power := 1; ; power *= 10 {
		for _, step := range []int{power, 2 * power, 3 * power, 5 * power} {
			if 4*step >= most {
				return step
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

// Span is a duration in words, in one unit, as people say how old something is.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		from, unit time.Duration
		name       string
	}{
		{2 * 365 * day, 365 * day, "year"},
		{60 * day, 30 * day, "month"},
		{2 * day, day, "day"},
		{2 * time.Hour, time.Hour, "hour"},
		{2 * time.Minute, time.Minute, "minute"},
	} {
		if d >= u.from {
			return fmt.Sprintf("%d %ss", d/u.unit, u.name)
		}
	}
	return "a minute"
}
