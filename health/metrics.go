package health

import (
	"context"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	lib "github.com/VictoriaMetrics/metrics"

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

	checks *Durations
}

// counted is a palace: what it holds is counted.
type counted interface {
	List() goals.List
	Depth(context.Context) (store.Depth, error)
}

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

func NewMetrics(s Storage, goalsFile string, truth counted, traffic Traffic, monitor *Monitor, notifier *Notifier, clock *clock.Clock, checks *Durations) *metrics {
	path := s.Palace.File
	return &metrics{truth: truth, traffic: traffic, monitor: monitor, notifier: notifier, clock: clock, checks: checks, started: time.Now(),
		files: map[string]string{"goals.json": goalsFile, "palace.db": path, "palace.db-wal": path + "-wal"}}
}

// Write writes these metrics and those of the Go runtime and the process. What
// cannot be found out is left out.
func (m *metrics) Write(w io.Writer) {
	page := page{w}
	last := m.traffic.Polled()
	if last.IsZero() {
		last = m.started
	}
	m.writeAlerts(page)
	page.leads(1)
	page.gauge("goalbot_poll_age_seconds", "Time since Telegram last answered a poll, or since the start.").sample(time.Since(last).Seconds())
	each := func(f family, what, how string, c counts) {
		c.Each(func(is, went string, n uint64) { f.sample(float64(n), what, is, how, went) })
	}
	each(page.counter("goalbot_updates_total", "Updates that came, by kind and by who sent them."), "kind", "from", m.traffic.Updates)
	each(page.counter("goalbot_calls_total", "Calls of the Bot API, by method and by how they went: ok, the code of the error, or unreachable."), "method", "result", m.traffic.Calls)
	again := map[string]uint64{"command": m.traffic.CommandsAgain(), "message": m.traffic.MessagesAgain(), "ping": m.notifier.pingsAgain.Load(), "webhook": m.notifier.postsAgain.Load()}
	retries := page.counter("goalbot_retries_total", "What was tried again, by what it is: a command, a message, a ping or a post to the webhook.")
	for _, what := range slices.Sorted(maps.Keys(again)) {
		retries.sample(float64(again[what]), "what", what)
	}
	m.writeOutbox(page)
	page.gauge("goalbot_webhook_posts", "Posts that wait for the webhook.").sample(float64(len(m.monitor.Posts())))
	if at := m.monitor.status().last; !at.IsZero() {
		page.gauge("goalbot_last_check_timestamp_seconds", "When goals.json was last checked.").sample(float64(at.UnixMilli()) / 1000)
	}
	m.writeGoals(page)
	m.checks.write(page)
	writeProcess(w)
}

func (m *metrics) writeOutbox(page page) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d, err := m.truth.Depth(ctx)
	if err != nil {
		return
	}
	age := 0.0
	if d.Messages > 0 {
		age = m.clock.Since(d.Oldest).Seconds()
	}
	page.gauge("goalbot_outbox_messages", "Messages that wait to be sent.").sample(float64(d.Messages))
	page.gauge("goalbot_outbox_bytes", "Size of the messages that wait to be sent.").sample(float64(d.Bytes))
	page.gauge("goalbot_outbox_oldest_seconds", "How long the oldest message has waited; 0 without one.").sample(age)
	page.gauge("goalbot_dead_letters", "Messages that Telegram refused for good.").sample(float64(d.DeadLetters))
}

func (m *metrics) writeAlerts(page page) {
	f := page.gauge("goalbot_alert", "1 for every cause that is suspected, wrong or keeps coming and going; state is ok where it is gone just now. The others are true or false: people muted it, somebody knows of it, it comes and goes.")
	for cause, a := range m.monitor.State().Alerts {
		if a.Phase != alert.Inactive || a.Active() {
			state := string(a.Phase)
			if a.Phase == alert.Inactive {
				state = "ok"
			}
			f.sample(1, "cause", string(cause), "state", state, "muted", strconv.FormatBool(a.Muted()), "acknowledged", strconv.FormatBool(a.By != ""), "flapping", strconv.FormatBool(a.Flapping))
		}
	}
}

func (m *metrics) writeGoals(page page) {
	n := map[goals.Status]int{}
	for _, g := range m.truth.List().All() {
		n[g.Status]++
	}
	byStatus := page.gauge("goalbot_goals", "Goals, by status.")
	for _, s := range goals.Statuses {
		byStatus.sample(float64(n[s]), "status", string(s))
	}
	size := page.gauge("goalbot_file_bytes", "Size of a file; a missing one is left out.")
	for name, path := range m.files {
		if info, err := os.Stat(path); err == nil {
			size.sample(float64(info.Size()), "file", name)
		}
	}
}

// Durations counts checks of goals.json by how long they took.
type Durations struct{ set *lib.Set }

// CheckDurations is filled by [Measured].
func CheckDurations() *Durations { return &Durations{lib.NewSet()} }

const durationName = "goalbot_check_duration_seconds"

func (d *Durations) add(result string, took time.Duration) {
	d.set.GetOrCreatePrometheusHistogramExt(series(durationName, "result", result), []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10}).Update(took.Seconds())
}

func (d *Durations) write(page page) {
	page.family(durationName, "histogram", "How long a check of goals.json took, by what it found.")
	d.set.WritePrometheus(page)
}

// Measured is the file with the duration of its checks measured.
func Measured(file File, checks *Durations) File { return measuredFile{file, checks} }

type measuredFile struct {
	File
	checks *Durations
}

// Check implements [File].
func (m measuredFile) Check(ctx context.Context) error {
	began := time.Now()
	err := m.File.Check(ctx)
	result := "sound"
	for _, f := range Diagnose(err) {
		result = string(f.Cause)
	}
	m.checks.add(result, time.Since(began))
	return err
}
