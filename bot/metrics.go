package main

import (
	"context"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"goalbot/alert"
	"goalbot/bot/telegram"
	"goalbot/cache"
	"goalbot/clock"
	"goalbot/goals"
	"goalbot/health"
	"goalbot/palace"
)

// metrics is what a Prometheus server sees of the program. It holds numbers
// and the names of causes; no text of a goal, no name and no id of a person.
type metrics struct {
	truth   *palace.Palace
	client  *telegram.Client
	poller  *telegram.Poller
	monitor *health.Monitor
	beacon  *beacon
	clock   *clock.Clock
	files   map[string]string // name to path
	started time.Time

	checks *prometheus.HistogramVec
}

var (
	pollAge = prometheus.NewDesc("goalbot_poll_age_seconds", "Time since Telegram last answered a poll, or since the start.", nil, nil)
	updates = prometheus.NewDesc("goalbot_updates_total", "Updates that came, by kind and by who sent them.", []string{"kind", "from"}, nil)
	calls   = prometheus.NewDesc("goalbot_calls_total", "Calls of the Bot API, by method and by how they went: ok, the code of the error, or unreachable.", []string{"method", "result"}, nil)
	waiting = prometheus.NewDesc("goalbot_outbox_messages", "Messages that wait to be sent.", nil, nil)
	weight  = prometheus.NewDesc("goalbot_outbox_bytes", "Size of the messages that wait to be sent.", nil, nil)
	oldest  = prometheus.NewDesc("goalbot_outbox_oldest_seconds", "How long the oldest message has waited; 0 without one.", nil, nil)
	retries = prometheus.NewDesc("goalbot_retries_total", "What was tried again, by what it is: a command, a message, a ping or a post to the webhook.", []string{"what"}, nil)
	parked  = prometheus.NewDesc("goalbot_parked_messages", "Messages that Telegram refused for good.", nil, nil)
	posting = prometheus.NewDesc("goalbot_webhook_posts", "Posts that wait for the webhook.", nil, nil)
	checked = prometheus.NewDesc("goalbot_last_check_timestamp_seconds", "When goals.json was last checked.", nil, nil)
	alerts  = prometheus.NewDesc("goalbot_alert", "1 for every cause that is suspected, wrong or keeps coming and going; state is ok where it is gone just now. The others are true or false: people muted it, somebody knows of it, it comes and goes.", []string{"cause", "state", "muted", "acknowledged", "flapping"}, nil)
	byState = prometheus.NewDesc("goalbot_goals", "Goals, by status.", []string{"status"}, nil)
	sizes   = prometheus.NewDesc("goalbot_file_bytes", "Size of a file; a missing one is left out.", []string{"file"}, nil)
)

func newMetrics(c Config, truth *palace.Palace, client *telegram.Client, poller *telegram.Poller, monitor *health.Monitor, beacon *beacon, clock *clock.Clock, checks *prometheus.HistogramVec) *metrics {
	path := c.PalaceFile()
	return &metrics{truth: truth, client: client, poller: poller, monitor: monitor, beacon: beacon, clock: clock, checks: checks, started: time.Now(),
		files: map[string]string{"goals.json": c.GoalsFile(), "palace.db": path, "palace.db-wal": path + "-wal"}}
}

// checkDurations is filled by measured.
func checkDurations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "goalbot_check_duration_seconds", Help: "How long a check of goals.json took, by what it found.",
		Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10},
	}, []string{"result"})
}

// registry holds these metrics and those of the Go runtime and the process.
func (m *metrics) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(m, m.checks, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(d chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{pollAge, updates, calls, retries, waiting, weight, oldest, parked, posting, checked, alerts, byState, sizes} {
		d <- desc
	}
}

// Collect implements prometheus.Collector. What cannot be found out is left out.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc) func(telegram.Counted, uint64) {
		return func(c telegram.Counted, n uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), c.What, c.How)
		}
	}
	last := m.poller.Polled()
	if last.IsZero() {
		last = m.started
	}
	gauge(pollAge, time.Since(last).Seconds())
	m.poller.Updates.Each(count(updates))
	m.client.Calls.Each(count(calls))
	again := map[string]uint64{"command": m.poller.Retries.Load(), "message": m.client.Retries.Load(), "ping": m.beacon.pingsAgain.Load(), "webhook": m.beacon.postsAgain.Load()}
	for what, n := range again {
		out <- prometheus.MustNewConstMetric(retries, prometheus.CounterValue, float64(n), what)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if d, err := m.truth.Depth(ctx); err == nil {
		gauge(waiting, float64(d.Messages))
		gauge(weight, float64(d.Bytes))
		age := 0.0
		if d.Messages > 0 {
			age = m.clock.Since(d.Oldest).Seconds()
		}
		gauge(oldest, age)
		gauge(parked, float64(d.Parked))
	}
	gauge(posting, float64(len(m.monitor.Posts())))
	if at := m.monitor.Last(); !at.IsZero() {
		gauge(checked, float64(at.UnixMilli())/1000)
	}
	for cause, a := range m.monitor.State().Alerts {
		if a.Phase != alert.Inactive || a.Active() {
			state := string(a.Phase)
			if a.Phase == alert.Inactive {
				state = "ok"
			}
			gauge(alerts, 1, string(cause), state, strconv.FormatBool(a.Muted()), strconv.FormatBool(a.By != ""), strconv.FormatBool(a.Flapping))
		}
	}
	n := map[goals.Status]int{}
	for _, g := range m.truth.List().All() {
		n[g.Status]++
	}
	for _, s := range goals.Statuses {
		gauge(byState, float64(n[s]), string(s))
	}
	for name, path := range m.files {
		if info, err := os.Stat(path); err == nil {
			gauge(sizes, float64(info.Size()), name)
		}
	}
}

// measured is the mirror with its checks measured.
type measured struct {
	*cache.Mirror
	checks *prometheus.HistogramVec
}

// Check implements health.File.
func (m measured) Check(ctx context.Context) error {
	began := time.Now()
	err := m.Mirror.Check(ctx)
	result := "sound"
	for _, f := range health.Diagnose(err) {
		result = string(f.Cause)
	}
	m.checks.WithLabelValues(result).Observe(time.Since(began).Seconds())
	return err
}
