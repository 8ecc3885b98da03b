package handlers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"goalbot/access"
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
	digestName = "state" // of the record of the list's digest
	// lateAfter is how late a digest must be to say so.
	lateAfter = 5 * time.Minute
)

// ownDigest is the name of the record of a member's own digest.
func ownDigest(user int64) string { return "digest/" + strconv.FormatInt(user, 10) }

func readDigestState(tx store.Tx, name string) (s digestState, err error) {
	err = readRecord(tx, store.DigestRecord, name, &s)
	return s, err
}

func (s digestState) keep(tx store.Tx, name string) error {
	return keepRecord(tx, store.DigestRecord, name, s)
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

// digestFollows notes that a digest comes by other settings from now on.
func (c *call) digestFollows(name string, v settings.Values) error {
	s, err := readDigestState(c.tx, name)
	if err != nil {
		return err
	}
	if s, changed := s.follow(v, c.now()); changed {
		return s.keep(c.tx, name)
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
		if s, err = readDigestState(tx, digestName); err == nil {
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
		return s.keep(tx, digestName)
	})
	return s.Since, unlessBehind(err)
}

// comes reports whether a digest is to be sent now, and notes that it was. due says when
// it was due, of what was due since the time that it is given. Where the zone has changed
// since the last digest, none is sent for what the clock there showed then already: the
// same day has one. late says what stands above one that is.
func (s digestState) comes(tx store.Tx, name string, v settings.Values, now time.Time, due func(since time.Time) time.Time) (late *message.Text, ok bool, err error) {
	since := s.Since
	s, _ = s.follow(v, now)
	s.Since = now
	clock, zone := now.In(v.Zone).Format("2006-01-02 15:04"), v.Zone.String()
	if s.Last != "" && s.LastZone != zone && clock <= s.Last {
		return nil, false, s.keep(tx, name)
	}
	s.Last, s.LastZone = clock, zone
	late = new(message.Text)
	if at := due(since); !at.IsZero() && now.Sub(at) >= lateAfter {
		layout := "15:04"
		if at.In(v.Zone).YearDay() != now.In(v.Zone).YearDay() {
			layout = "Monday 15:04"
		}
		late.Italic("This was due at " + at.In(v.Zone).Format(layout) + ".").Add("\n\n")
	}
	return late, true, s.keep(tx, name)
}

// SendDigest queues the list's digest, if there is anything to say, for the owners who
// have not set one of their own; see [digestState.comes].
func (h *Handlers) SendDigest(tx store.Tx, now time.Time, due func(since time.Time) time.Time) error {
	state, err := readDigestState(tx, digestName)
	if err != nil {
		return err
	}
	v, err := h.setting.Read(tx)
	if err != nil {
		return err
	}
	late, ok, err := state.comes(tx, digestName, v, now, due)
	if err != nil || !ok {
		return err
	}
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	own, err := h.setting.WithDigest(tx)
	if err != nil {
		return err
	}
	for _, owner := range people.Owners() {
		if _, has := own[owner]; has {
			continue
		}
		if err := h.queueDigest(tx, people, owner, late, now, *tx.List(), forOwners); err != nil {
			return err
		}
	}
	return nil
}

// queueDigest queues a digest of a list for somebody.
func (h *Handlers) queueDigest(tx store.Tx, people *access.Roster, user int64, late *message.Text, now time.Time, list goals.List, whom string) error {
	finished, err := tx.Last("done")
	if err != nil {
		return err
	}
	r, v, err := h.readerIn(tx, people, user, now)
	if err != nil {
		return err
	}
	m, ok := digest(r.list(list), finished, r)
	if !ok {
		return nil
	}
	m = reworded(new(message.Text).Append(late).Append(m.Words()), m)
	m.Quiet, m.For = !v.Rings(settings.RingEverything, now), whom
	if err := unlessFull(queue(tx, user, m)); err != nil {
		return fmt.Errorf("queue digest: %w", err)
	}
	return nil
}

// OwnDigests sends the digests that members have set for themselves, where one is due. due
// says when one was, by these settings and after since; zero for not at all. One that is
// later than that is left out.
func (h *Handlers) OwnDigests(ctx context.Context, now time.Time, late time.Duration, due func(v settings.Values, since time.Time) time.Time) error {
	waiting := map[int64]bool{}
	err := h.store.View(ctx, func(tx store.Tx) error {
		own, err := h.setting.WithDigest(tx)
		for user, v := range own {
			state, wrong := readDigestState(tx, ownDigest(user))
			err = cmp.Or(err, wrong)
			if _, new := state.follow(v, now); v.Digest != "" && (new || !due(v, state.Since).IsZero()) {
				waiting[user] = true
			}
		}
		return err
	})
	for _, user := range slices.Sorted(maps.Keys(waiting)) {
		o := store.Origin{Key: ownDigest(user) + "/" + newID(), Name: "digest", At: now, Once: true}
		err = cmp.Or(err, unlessBehind(h.store.Update(ctx, o, func(tx store.Tx) error { return h.sendOwnDigest(tx, user, now, late, due) })))
	}
	return err
}

// sendOwnDigest queues the digest of one member, if it is due, and notes that it was.
func (h *Handlers) sendOwnDigest(tx store.Tx, user int64, now time.Time, most time.Duration, due func(settings.Values, time.Time) time.Time) error {
	own, err := h.setting.WithDigest(tx)
	if err != nil {
		return err
	}
	state, err := readDigestState(tx, ownDigest(user))
	if err != nil {
		return err
	}
	people, err := h.members.Read(tx)
	if err != nil {
		return err
	}
	v := own[user]
	if v.Digest == "" || people.Role(user) == 0 {
		return nil // set anew meanwhile
	}
	if state, anew := state.follow(v, now); anew {
		return state.keep(tx, ownDigest(user))
	}
	at := due(v, state.Since)
	if at.IsZero() {
		return nil
	}
	if now.Sub(at) > most {
		state.Since = now
		return state.keep(tx, ownDigest(user))
	}
	late, ok, err := state.comes(tx, ownDigest(user), v, now, func(time.Time) time.Time { return at })
	if err != nil || !ok {
		return err
	}
	theirs, err := theirsOf(tx, user)
	if err != nil {
		return err
	}
	return h.queueDigest(tx, people, user, late, now, theirs, forWhoAsked)
}

// theirsOf are the goals that are assigned to a member or that they added.
func theirsOf(tx store.Tx, user int64) (goals.List, error) {
	var theirs []*goals.Goal
	for _, g := range tx.List().All() {
		mine := g.Plan().Assignee == user
		if !mine && (g.Status.Open() || g.Status == goals.Done) {
			added, err := tx.AddedBy(g.Number)
			if err != nil {
				return goals.List{}, err
			}
			mine = added == user
		}
		if mine {
			theirs = append(theirs, g)
		}
	}
	return goals.NewList(tx.List().LastNumber(), theirs), nil
}
