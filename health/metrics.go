package health

import (
	"context"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"goalbot/alert"
	"goalbot/clock"
	"goalbot/goals"
	"goalbot/store"
)

// metrics is what a Prometheus server sees of the program. It holds numbers
// and the names of causes; no text of a goal, no name and no id of a person.
type metrics struct {
	truth    counted
	traffic  Traffic
	monitor  *Monitor
	notifier *Notifier
	clock    *clock.Clock
	files    map[string]string // name to path
	started  time.Time

	checks *prometheus.HistogramVec
}

// counted is a palace: what it holds is counted.
type counted interface {
	List() goals.List
	Depth(context.Context) (store.Depth, error)
}

var (
	pollAgeDesc        = prometheus.NewDesc("goalbot_poll_age_seconds", "Time since Telegram last answered a poll, or since the start.", nil, nil)
	updatesDesc        = prometheus.NewDesc("goalbot_updates_total", "Updates that came, by kind and by who sent them.", []string{"kind", "from"}, nil)
	callsDesc          = prometheus.NewDesc("goalbot_calls_total", "Calls of the Bot API, by method and by how they went: ok, the code of the error, or unreachable.", []string{"method", "result"}, nil)
	outboxMessagesDesc = prometheus.NewDesc("goalbot_outbox_messages", "Messages that wait to be sent.", nil, nil)
	outboxBytesDesc    = prometheus.NewDesc("goalbot_outbox_bytes", "Size of the messages that wait to be sent.", nil, nil)
	outboxOldestDesc   = prometheus.NewDesc("goalbot_outbox_oldest_seconds", "How long the oldest message has waited; 0 without one.", nil, nil)
	retriesDesc        = prometheus.NewDesc("goalbot_retries_total", "What was tried again, by what it is: a command, a message, a ping or a post to the webhook.", []string{"what"}, nil)
	deadLettersDesc    = prometheus.NewDesc("goalbot_dead_letters", "Messages that Telegram refused for good.", nil, nil)
	webhookPostsDesc   = prometheus.NewDesc("goalbot_webhook_posts", "Posts that wait for the webhook.", nil, nil)
	lastCheckDesc      = prometheus.NewDesc("goalbot_last_check_timestamp_seconds", "When goals.json was last checked.", nil, nil)
	alertDesc          = prometheus.NewDesc("goalbot_alert", "1 for every cause that is suspected, wrong or keeps coming and going; state is ok where it is gone just now. The others are true or false: people muted it, somebody knows of it, it comes and goes.", []string{"cause", "state", "muted", "acknowledged", "flapping"}, nil)
	goalsDesc          = prometheus.NewDesc("goalbot_goals", "Goals, by status.", []string{"status"}, nil)
	fileBytesDesc      = prometheus.NewDesc("goalbot_file_bytes", "Size of a file; a missing one is left out.", []string{"file"}, nil)
)

// counts hands out numbers, each by two labels.
type counts interface {
	Each(func(what, how string, n uint64))
}

// Traffic is what is counted of the exchange with Telegram.
type Traffic struct {
	Polled                       func() time.Time // when it last answered a poll; zero for never
	Updates, Calls               counts
	CommandsAgain, MessagesAgain func() uint64 // how often one was tried again
}

func NewMetrics(s Storage, goalsFile string, truth counted, traffic Traffic, monitor *Monitor, notifier *Notifier, clock *clock.Clock, checks *prometheus.HistogramVec) *metrics {
	path := s.Palace.File
	return &metrics{truth: truth, traffic: traffic, monitor: monitor, notifier: notifier, clock: clock, checks: checks, started: time.Now(),
		files: map[string]string{"goals.json": goalsFile, "palace.db": path, "palace.db-wal": path + "-wal"}}
}

// CheckDurations is filled by [Measured].
func CheckDurations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "goalbot_check_duration_seconds", Help: "How long a check of goals.json took, by what it found.",
		Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10},
	}, []string{"result"})
}

// Registry holds these metrics and those of the Go runtime and the process.
func (m *metrics) Registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(m, m.checks, leads(1), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(d chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{pollAgeDesc, updatesDesc, callsDesc, retriesDesc, outboxMessagesDesc, outboxBytesDesc, outboxOldestDesc, deadLettersDesc, webhookPostsDesc, lastCheckDesc, alertDesc, goalsDesc, fileBytesDesc} {
		d <- desc
	}
}

// Collect implements prometheus.Collector. What cannot be found out is left out.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc) func(what, how string, n uint64) {
		return func(what, how string, n uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), what, how)
		}
	}
	last := m.traffic.Polled()
	if last.IsZero() {
		last = m.started
	}
	gauge(pollAgeDesc, time.Since(last).Seconds())
	m.traffic.Updates.Each(count(updatesDesc))
	m.traffic.Calls.Each(count(callsDesc))
	again := map[string]uint64{"command": m.traffic.CommandsAgain(), "message": m.traffic.MessagesAgain(), "ping": m.notifier.pingsAgain.Load(), "webhook": m.notifier.postsAgain.Load()}
	for what, n := range again {
		out <- prometheus.MustNewConstMetric(retriesDesc, prometheus.CounterValue, float64(n), what)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if d, err := m.truth.Depth(ctx); err == nil {
		gauge(outboxMessagesDesc, float64(d.Messages))
		gauge(outboxBytesDesc, float64(d.Bytes))
		age := 0.0
		if d.Messages > 0 {
			age = m.clock.Since(d.Oldest).Seconds()
		}
		gauge(outboxOldestDesc, age)
		gauge(deadLettersDesc, float64(d.DeadLetters))
	}
	gauge(webhookPostsDesc, float64(len(m.monitor.Posts())))
	if at := m.monitor.status().last; !at.IsZero() {
		gauge(lastCheckDesc, float64(at.UnixMilli())/1000)
	}
	for cause, a := range m.monitor.State().Alerts {
		if a.Phase != alert.Inactive || a.Active() {
			state := string(a.Phase)
			if a.Phase == alert.Inactive {
				state = "ok"
			}
			gauge(alertDesc, 1, string(cause), state, strconv.FormatBool(a.Muted()), strconv.FormatBool(a.By != ""), strconv.FormatBool(a.Flapping))
		}
	}
	n := map[goals.Status]int{}
	for _, g := range m.truth.List().All() {
		n[g.Status]++
	}
	for _, s := range goals.Statuses {
		gauge(goalsDesc, float64(n[s]), string(s))
	}
	for name, path := range m.files {
		if info, err := os.Stat(path); err == nil {
			gauge(fileBytesDesc, float64(info.Size()), name)
		}
	}
}

// Measured is the file with the duration of its checks measured.
func Measured(file File, checks *prometheus.HistogramVec) File { return measuredFile{file, checks} }

type measuredFile struct {
	File
	checks *prometheus.HistogramVec
}

// Check implements [File].
func (m measuredFile) Check(ctx context.Context) error {
	began := time.Now()
	err := m.File.Check(ctx)
	result := "sound"
	for _, f := range Diagnose(err) {
		result = string(f.Cause)
	}
	m.checks.WithLabelValues(result).Observe(time.Since(began).Seconds())
	return err
}
