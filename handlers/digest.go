package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// recently is how far back a digest looks for what was finished.
const recently = 7 * 24 * time.Hour

// finishedLately reports whether a goal was done in the last week.
func finishedLately(g *goals.Goal, finished map[int64]time.Time, now time.Time) bool {
	done, ok := finished[g.Number]
	if !ok {
		done = g.Updated
	}
	return g.Status == goals.Done && now.Sub(done) < recently
}

// digest is the view of a day for whoever did not ask: what is overdue, due today, in
// progress, blocked and to do, what was finished in the last week, and what is next.
// finished tells of goals when they were, by their numbers; of those that were done
// elsewhere it knows nothing. ok is false where there is nothing to say.
func digest(list goals.List, finished map[int64]time.Time, r reader) (m message.Message, ok bool) {
	items := agendaItems(list, nil, r.now.Location())
	plan := agenda.Today(items, r.now)
	groups := dayGroups(list, plan)
	due := slices.Concat(groups[0].all, groups[1].all)
	with := func(head string, keep func(*goals.Goal) bool) {
		g := dayGroup{head: head}
		for _, goal := range list.All() {
			if keep(goal) && !slices.Contains(due, goal) {
				g.all = append(g.all, goal)
			}
		}
		groups = append(groups, g)
	}
	with("Blocked", func(g *goals.Goal) bool { return g.Status == goals.Blocked })
	with("To do", func(g *goals.Goal) bool { return g.Status == goals.Pending })
	with("Done in the last week", func(g *goals.Goal) bool { return finishedLately(g, finished, r.now) })
	t := shortened(func(limit int) *message.Text {
		var t message.Text
		t.Bold("Your goals")
		r.writeGroups(&t, groups, limit)
		if len(items) > 1 {
			t.Add("\n\n")
			writeNext(&t, list, plan.Next, shownIn(groups), limit)
		}
		return &t
	})
	for _, g := range groups {
		ok = ok || len(g.all) > 0
	}
	rows := [][]message.Button{{{Label: "Show the list", Command: "goals"}}}
	if plan.Next != nil {
		rows[0] = append([]message.Button{{Label: "✅ Finish", Command: "mode " + modeFinish + " " + todayView}}, rows[0]...)
	}
	return t.Message(rows...), ok
}

// digestState is what is known of the digests so far.
type digestState struct {
	// Since is until when no digest is missing. It holds for that schedule in
	// that zone.
	Since time.Time `json:"since"`
	Spec  string    `json:"spec,omitempty"`
	Zone  string    `json:"zone"`

	// Last is the time of the last digest by the clock of LastZone, as in
	// "2026-03-01 08:00"; "" where there was none.
	Last     string `json:"last,omitempty"`
	LastZone string `json:"last_zone,omitempty"`
}

const (
	digestName = "state"
	// lateAfter is how late a digest must be to say so.
	lateAfter = 5 * time.Minute
)

func readDigestState(tx store.Tx) (s digestState, err error) {
	err = readRecord(tx, store.DigestRecord, digestName, &s)
	return s, err
}

func (s digestState) keep(tx store.Tx) error {
	return keepRecord(tx, store.DigestRecord, digestName, s)
}

// follow makes it the state of a schedule in a zone from now on, where it is that
// of another one: what was due before by the new one is not missing.
func (s digestState) follow(v settings.Values, now time.Time) (digestState, bool) {
	if !s.Since.IsZero() && s.Spec == v.Digest && s.Zone == v.Zone.String() {
		return s, false
	}
	s.Since, s.Spec, s.Zone = now, v.Digest, v.Zone.String()
	return s, true
}

// digestFollows notes that the digest comes by other settings from now on.
func (c *call) digestFollows(v settings.Values) error {
	s, err := readDigestState(c.tx)
	if err != nil {
		return err
	}
	if s, changed := s.follow(v, c.now()); changed {
		return s.keep(c.tx)
	}
	return nil
}

// DigestSince is until when no digest is missing: the last one, or when its
// schedule was changed. It is to be asked before the first is sent.
func (h *Handlers) DigestSince(ctx context.Context, now time.Time) (since time.Time, err error) {
	var s digestState
	var changed bool
	read := func(tx store.Tx) error {
		v, err := h.setting.Read(tx)
		if err != nil {
			return err
		}
		if s, err = readDigestState(tx); err == nil {
			s, changed = s.follow(v, now)
		}
		return err
	}
	if err := h.store.View(ctx, read); err != nil || !changed {
		return s.Since, err
	}
	o := store.Origin{Key: "digest/since/" + newID(), Name: "digest", At: now, Once: true}
	err = h.store.Update(ctx, o, func(tx store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		return s.keep(tx)
	})
	return s.Since, unlessBehind(err)
}

// SendDigest queues a digest for the owners, if there is anything to say. due
// says when it was due, of what was due since the time that it is given. Where
// the zone has changed since the last digest, none is sent for what the clock
// there showed then already: the same day has one.
func (h *Handlers) SendDigest(tx store.Tx, now time.Time, due func(since time.Time) time.Time) error {
	state, err := readDigestState(tx)
	if err != nil {
		return err
	}
	v, err := h.setting.Read(tx)
	if err != nil {
		return err
	}
	since := state.Since
	state, _ = state.follow(v, now)
	state.Since = now
	clock, zone := now.In(v.Zone).Format("2006-01-02 15:04"), v.Zone.String()
	if state.Last != "" && state.LastZone != zone && clock <= state.Last {
		return state.keep(tx)
	}
	state.Last, state.LastZone = clock, zone
	if err := state.keep(tx); err != nil {
		return err
	}
	finished, err := tx.Last("done")
	if err != nil {
		return err
	}
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	late := new(message.Text)
	if at := due(since); !at.IsZero() && now.Sub(at) >= lateAfter {
		layout := "15:04"
		if at.In(v.Zone).YearDay() != now.In(v.Zone).YearDay() {
			layout = "Monday 15:04"
		}
		late.Italic("This was due at " + at.In(v.Zone).Format(layout) + ".").Add("\n\n")
	}
	for _, chat := range people.Owners() {
		m, ok := digest(*tx.List(), finished, reader{id: chat, now: now.In(v.Zone), people: people})
		if !ok {
			return nil
		}
		m = reworded(new(message.Text).Append(late).Append(m.Words()), m)
		m.Quiet, m.For = !v.Rings(settings.RingEverything, now), forOwners
		if err := unlessFull(queue(tx, chat, m)); err != nil {
			return fmt.Errorf("queue digest: %w", err)
		}
	}
	return nil
}
