// Package health says what is wrong with goals.json, when a finding becomes an
// alert, and when it is told again.
package health

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// File is what the monitor looks after.
type File interface {
	Path() string
	// Check looks at the whole file and returns what is wrong with it, in a
	// form that [Diagnose] understands.
	Check(context.Context) error
	// Restore writes it from the palace; see cache.Mirror.
	Restore(context.Context) (kept string, err error)
}

// Monitor checks goals.json and tells the alert chats what changes.
type Monitor struct {
	file     File
	store    goals.Store
	schedule Schedule
	repeat   time.Duration
	chats    func() []int64
	zone     *time.Location
	log      *slog.Logger
	polled   func() time.Time // when Telegram last answered a poll
	heard    func([]Finding, []Notice)
	others   []Source

	mu sync.Mutex // one check at a time

	latest sync.Mutex // guards what the last check found
	last   time.Time
	found  []Finding
}

// Settings of a monitor.
type Settings struct {
	Schedule Schedule
	Repeat   time.Duration    // remind of what lasts
	Chats    func() []int64   // where alerts go
	Zone     *time.Location   // for times that are shown
	Polled   func() time.Time // when Telegram last answered a poll; zero for never

	// Heard is told what every check found and what becomes of alerts. It must
	// return at once.
	Heard func([]Finding, []Notice)

	Others []Source // what else is looked at in every check
}

// A Source says what is wrong with something beside goals.json. It answers at
// once: what takes long is looked at elsewhere, and a source tells what was
// found there last.
type Source func(context.Context) []Finding

// NewMonitor takes the file, and the store that keeps which alerts stand.
func NewMonitor(file File, store goals.Store, s Settings, log *slog.Logger) *Monitor {
	return &Monitor{file: file, store: store, schedule: s.Schedule, repeat: s.Repeat, chats: s.Chats, zone: s.Zone, polled: s.Polled, heard: s.Heard, others: s.Others, log: log}
}

// lookAgain is how long a new finding waits for a second look: a program that
// writes the file in place leaves a piece of it for a moment.
const lookAgain = time.Second

const alertRecord = "alert"

// Check looks at the file and queues what is to be told about it. The error is
// the store's; what is wrong with the file is no error of the check.
func (m *Monitor) Check(ctx context.Context) ([]Finding, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	standing, err := m.standing(ctx)
	if err != nil {
		return nil, err
	}
	found := m.look(ctx)
	if slices.ContainsFunc(found, func(f Finding) bool { _, known := standing[f.Cause]; return !known }) {
		select {
		case <-ctx.Done():
			return found, ctx.Err()
		case <-time.After(lookAgain):
		}
		found = m.look(ctx)
	}
	now := time.Now()
	m.latest.Lock()
	m.last, m.found = now, found
	m.latest.Unlock()
	next, notices := Step(standing, found, now, m.repeat)
	if err := m.tell(ctx, next, notices, now); err != nil {
		return found, err
	}
	m.heard(found, notices)
	return found, nil
}

// Last is when the last check was and what it found; the zero time before the first.
func (m *Monitor) Last() (time.Time, []Finding) {
	m.latest.Lock()
	defer m.latest.Unlock()
	return m.last, m.found
}

func (m *Monitor) look(ctx context.Context) []Finding {
	err := m.file.Check(ctx)
	found := Diagnose(err)
	for _, f := range found {
		m.log.Error("goals.json is not sound", "cause", f.Cause, "err", err)
	}
	for _, source := range m.others {
		found = append(found, source(ctx)...)
	}
	return found
}

// tell queues what is to be told and keeps which alerts stand, both or neither.
func (m *Monitor) tell(ctx context.Context, next map[Cause]Alert, notices []Notice, now time.Time) error {
	if len(notices) == 0 {
		return nil
	}
	o := goals.Origin{Key: "health/" + strconv.FormatInt(now.UnixNano(), 36), Name: "health", At: now}
	return m.store.Update(ctx, o, func(tx goals.Tx) error {
		for _, n := range notices {
			value := ""
			if a, stands := next[n.Alert.Cause]; stands {
				kept, err := json.Marshal(a)
				if err != nil {
					return err
				}
				value = string(kept)
			}
			if err := tx.SetRecord(alertRecord, string(n.Alert.Cause), value); err != nil {
				return err
			}
			if err := m.send(tx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *Monitor) send(tx goals.Tx, n Notice) error {
	words := n.Words(m.file.Path())
	words.Tag = fmt.Sprintf("alert/%s/%d", n.Alert.Cause, n.Alert.Since.Unix())
	body, err := words.Encode()
	if err != nil {
		return err
	}
	for _, chat := range m.chats() {
		if err := tx.Send(goals.Message{Chat: chat, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// standing reads the alerts that people have been told of.
func (m *Monitor) standing(ctx context.Context) (map[Cause]Alert, error) {
	standing := map[Cause]Alert{}
	err := m.store.View(ctx, func(tx goals.Tx) error {
		records, err := tx.Records(alertRecord)
		if err != nil {
			return err
		}
		for cause, value := range records {
			var a Alert
			if err := json.Unmarshal([]byte(value), &a); err != nil {
				return fmt.Errorf("read alert %q: %w", cause, err)
			}
			standing[Cause(cause)] = a
		}
		return nil
	})
	return standing, err
}

// Run checks at once and then whenever the schedule says so, until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	check := func(ctx context.Context) {
		if _, err := m.Check(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("goals.json could not be checked", "err", err)
		}
	}
	m.log.Info("goals.json is checked " + m.schedule.Describe(time.Now()))
	check(ctx)
	Run(ctx, m.schedule, m.log, check)
}

// Report checks now and says how everything is.
func (m *Monitor) Report(ctx context.Context) message.Message {
	before, _ := m.Last()
	found, err := m.Check(ctx)
	var t message.Text
	var rows []message.Button
	switch {
	case err != nil:
		m.log.Error("goals.json could not be checked", "err", err)
		t.Add("⚠️ ").Bold("goals.json could not be checked").Add(". The log says why.")
	case len(found) == 0:
		t.Add("✅ ").Bold("goals.json is sound.")
	}
	standing, err := m.standing(ctx)
	if err != nil {
		m.log.Error("the alerts that stand could not be read", "err", err)
	}
	for _, f := range found {
		t.Add("🚨 ").Bold(f.Headline())
		if a, ok := standing[f.Cause]; ok {
			t.Addf("\nsince %s", a.Since.In(m.zone).Format("2006-01-02 15:04"))
		}
		t.Add("\n" + f.Detail)
		if f.Excerpt != "" {
			t.Add("\n").Pre(f.Excerpt)
		}
		if f.OfFile() {
			rows = []message.Button{{Label: "♻️ Restore", Command: "restore"}}
		}
	}
	now := time.Now()
	t.Addf("\n\nChecked just now, and %s.", m.schedule.Words())
	if !before.IsZero() {
		t.Addf(" The check before was %s ago.", Lasting(now.Sub(before)))
	}
	if next := m.schedule.Next(now); !next.IsZero() {
		t.Addf("\nNext check: %s, in %s.", next.In(m.zone).Format("2006-01-02 15:04:05"), Lasting(next.Sub(now)))
	}
	if at := m.polled(); !at.IsZero() {
		t.Addf("\nTelegram last answered %s ago.", Lasting(now.Sub(at)))
	}
	t.Add("\n").Code(m.file.Path())
	return t.Message(rows)
}

// Restore writes goals.json from the palace and looks at it again, so that the
// all-clear follows at once.
func (m *Monitor) Restore(ctx context.Context) (kept string, err error) {
	kept, err = m.file.Restore(ctx)
	if err != nil {
		return kept, err
	}
	if _, cerr := m.Check(ctx); cerr != nil {
		m.log.Error("goals.json could not be checked", "err", cerr)
	}
	return kept, nil
}
