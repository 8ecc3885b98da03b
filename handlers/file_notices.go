package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file tells the owners what was done with a goals.json that others wrote.
// It is told in one message, which is edited. What a person may want to do something
// about is told by itself, as long as there is not much of it.

const (
	noticeWindow = 10 * time.Minute // in which so many are told by themselves, and after which so many are again
	maxNotices   = 5

	editEvery = 10 * time.Minute // is the longest time from one edit to the next
	owedFor   = 24 * time.Hour   // what cannot be told in that time is not told any more
)

// Notices queues its words in the transaction that does what they tell of.
type Notices struct {
	members  *access.Members
	settings *settings.Settings
	now      func() time.Time
}

// NewNotices tells the people who get alerts.
func NewNotices(members *access.Members, settings *settings.Settings) Notices {
	return Notices{members, settings, time.Now}
}

// Merged reports what was taken in.
func (n Notices) Merged(tx store.Tx, m goals.Merged, kept string) error {
	if m.Quiet() {
		return nil
	}
	rang, err := n.news(tx, m)
	if err != nil {
		return err
	}
	s, err := n.series(tx)
	if err != nil {
		return err
	}
	asks := len(m.Vanished) > 0 || len(m.Conflicts) > 0 || kept != "" || len(m.Added) == tx.List().Len()
	if !s.alone(asks, n.now()) {
		s.merged(*tx.List(), m, kept)
		return n.tellSeries(tx, s, rang)
	}
	t := shortened(func(limit int) *message.Text { return merged(*tx.List(), m, kept, limit) })
	decide, err := offerRemoval(tx, m.Vanished, n.now())
	if err != nil {
		return err
	}
	values, err := offerValues(tx, m.Conflicts, n.now())
	if err != nil {
		return err
	}
	said := t.Message(append(values, decide)...)
	said.Quiet = rang || !n.settings.Values().Rings(settings.RingEverything, n.now())
	return errors.Join(s.keep(tx), n.send(tx, said))
}

// Quarantined reports a file that was set aside, when another one is in its place.
func (n Notices) Quarantined(tx store.Tx, kept string, cause error) error {
	s, err := n.series(tx)
	if err != nil {
		return err
	}
	if !s.alone(true, n.now()) {
		s.Times++
		s.Aside++
		s.Kept = filepath.Base(kept)
		return n.tellSeries(tx, s, false)
	}
	var t message.Text
	t.Add(whyKept(cause) + " It is kept as ").Code(filepath.Base(kept)).
		Add(", and goals.json has been rebuilt from the bot's database.")
	said := t.Message()
	said.Quiet = !n.settings.Values().Rings(settings.RingAlerts, n.now())
	return errors.Join(s.keep(tx), n.send(tx, said))
}

// whyKept says why a file was set aside.
func whyKept(cause error) string {
	var large interface {
		error
		TooLarge() (detail string)
	}
	var merge interface {
		error
		Differs() (detail string)
	}
	var access interface {
		error
		Access() (writing bool, detail string)
	}
	switch {
	case errors.As(cause, &large):
		return "goals.json was too large to read before an update."
	case errors.As(cause, &merge):
		return "What another program wrote to goals.json could not be saved."
	case errors.As(cause, &access):
		return "goals.json could not be read before an update."
	}
	return "goals.json was damaged before an update."
}

// Settle tells what was left to be told, and reports whether nothing is any more.
func (n Notices) Settle(tx store.Tx) (settled bool, err error) {
	settled, err = n.settleNews(tx)
	if err != nil {
		return false, err
	}
	s, err := n.series(tx)
	if err != nil || !s.Owing {
		return settled && err == nil, err
	}
	err = n.tellSeries(tx, s, false)
	return settled && !s.Owing, err
}

// series is the state of the recent changes by other programs. After the first few they
// share one message.
type series struct {
	Alone []time.Time // when changes were told one by one

	// What is told together. The numbers are those of goals.
	Since   time.Time // zero where nothing is
	Routine bool      // nothing was told before it
	Full    bool      // nothing more is told one by one
	Last    time.Time // change
	Times   int       // that the file was changed, or set aside

	Added, Back, Changed, Missing []int64

	DuplicateIDs []int64 `json:"Doubled"`

	Aside int    // files that did not load
	Kept  string // the last of them, or of those that held an id more than once

	telling
	Chats chats `json:",omitempty"`
}

const (
	seriesName = "series"
	maxListed  = 200 // goals of a kind that a series tells apart; more are not counted
)

// series reads the record. One that has been still for long is over.
func (n Notices) series(tx store.Tx) (*series, error) {
	kept, err := tx.Record(store.NoticesRecord, seriesName)
	if err != nil {
		return nil, err
	}
	s := new(series)
	if kept != "" {
		if err := json.Unmarshal([]byte(kept), s); err != nil {
			return nil, fmt.Errorf("read what was told: %w", err)
		}
	}
	now := n.now()
	s.Alone = slices.DeleteFunc(s.Alone, func(at time.Time) bool { return !recent(at, now) })
	age := now.Sub(s.Last)
	if s.Since.IsZero() || recent(s.Last, now) || s.Owing && age > 0 && age < owedFor {
		return s, nil
	}
	return &series{Alone: s.Alone}, s.Chats.forget(tx)
}

// recent reports whether something was within the window, by a clock that may
// have been set back.
func recent(at, now time.Time) bool {
	age := now.Sub(at)
	return age < noticeWindow && age > -noticeWindow
}

func (s *series) keep(tx store.Tx) error {
	kept, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.SetRecord(store.NoticesRecord, seriesName, string(kept))
}

// alone reports whether a change gets a message of its own, and counts it. Only changes
// that a person may want to act on do.
func (s *series) alone(asks bool, now time.Time) bool {
	if asks && !s.Full && len(s.Alone) < maxNotices {
		s.Alone = append(s.Alone, now)
		return true
	}
	if s.Since.IsZero() {
		s.Since, s.Routine = now, len(s.Alone) == 0
	}
	s.Full = s.Full || asks
	s.Last = now
	return false
}

// merged adds what was taken in.
func (s *series) merged(list goals.List, m goals.Merged, kept string) {
	s.Times++
	add := func(numbers *[]int64, all []*goals.Goal) {
		for _, g := range all {
			if numbers == &s.Changed && (slices.Contains(s.Added, g.Number) || slices.Contains(s.Back, g.Number)) {
				continue // it is listed already
			}
			if i, found := slices.BinarySearch(*numbers, g.Number); !found && len(*numbers) < maxListed {
				*numbers = slices.Insert(*numbers, i, g.Number)
			}
		}
	}
	add(&s.Added, slices.DeleteFunc(slices.Clone(m.Added), func(g *goals.Goal) bool { return slices.Contains(m.Back, g) }))
	add(&s.Back, m.Back)
	add(&s.Changed, goals.After(m.Changed))
	add(&s.Missing, m.Vanished)
	for _, id := range m.DuplicateIDs[:min(len(m.DuplicateIDs), maxListed)] {
		if g := list.ID(id); g != nil {
			add(&s.DuplicateIDs, []*goals.Goal{g})
		}
	}
	if kept != "" {
		s.Kept = filepath.Base(kept)
	}
}

// tellSeries puts the series into the message of every chat, or owes it where
// one was told a moment ago or has not even left yet. It makes no sound where
// another message rang for the same.
func (n Notices) tellSeries(tx store.Tx, s *series, rang bool) error {
	now := n.now()
	s.Owing = true
	if !s.due(now, editEvery) {
		return s.keep(tx)
	}
	m := shortened(func(limit int) *message.Text { return s.words(*tx.List(), n.settings.Values().Zone, limit) }).Message()
	m.Quiet, m.For = rang || !n.settings.Values().Rings(settings.RingEverything, now), ForAlerts
	people, err := n.members.Read(tx)
	if err != nil {
		return err
	}
	if err := s.tell(tx, &s.Chats, people.AlertChats(), m, now); err != nil {
		return err
	}
	return s.keep(tx)
}

// words say what a series is about. Of a goal's text they show at most limit
// characters.
func (s *series) words(list goals.List, zone *time.Location, limit int) *message.Text {
	var t message.Text
	since, last := s.Since.In(zone).Format("15:04"), s.Last.In(zone).Format("15:04:05")
	switch {
	case s.Routine && s.Times == 1:
		t.Bold("Another program changed goals.json").Add(". Its next changes will be added to this message.")
	case s.Routine:
		t.Bold("Another program has changed goals.json").Addf(" %d times since %s, most recently at %s. All its changes are listed in this message.", s.Times, since, last)
	default:
		more := "once more"
		if s.Times > 1 {
			more = fmt.Sprintf("%d more times", s.Times)
		}
		t.Bold("Another program keeps changing goals.json").Addf(": %s since %s, most recently at %s. All its changes are listed in this message.", more, since, last)
	}
	group := func(head string, numbers []int64) {
		if len(numbers) == 0 {
			return
		}
		count := strconv.Itoa(len(numbers))
		if len(numbers) == maxListed {
			count += " or more"
		}
		t.Addf("\n\n%s (%s):", head, count)
		var present []*goals.Goal
		for _, number := range numbers {
			if g := list.Number(number); g != nil {
				present = append(present, g)
			}
		}
		some(&t, present, limit)
	}
	group("Added", s.Added)
	group("Deleted here but changed there later, so it is back", s.Back)
	group("Changed there, and updated here", s.Changed)
	group("Missing there, but kept here", s.Missing)
	group("More than once there; the newest version wins", s.DuplicateIDs)
	if s.Aside > 0 {
		t.Addf("\n\n%s the file could not be imported; a copy was kept, and goals.json has been rebuilt from the bot's database.", times(s.Aside))
	}
	if s.Kept != "" {
		t.Add("\nThe latest copy is ").Code(s.Kept).Add(".")
	}
	return &t
}

func times(n int) string {
	if n == 1 {
		return "Once"
	}
	return fmt.Sprintf("%d times", n)
}

// send queues a notice.
func (n Notices) send(tx store.Tx, m message.Message) error {
	people, err := n.members.Read(tx)
	if err != nil {
		return err
	}
	m.For = ForAlerts
	for _, chat := range people.AlertChats() {
		if err := unlessFull(queue(tx, chat, m)); err != nil {
			return err
		}
	}
	return nil
}
