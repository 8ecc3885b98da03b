package handlers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file tells at once, and with a sound, of what another program did to a
// goal that a person wants to know: it is blocked, a task failed, or all of its
// tasks are verified. Each goal has one message for it, which is edited.

const (
	newsName = "news"

	// newsEdited is how long more news of a goal goes into its message. An edit makes
	// no sound, so what comes later is said anew.
	newsEdited = time.Hour
	newsEvery  = time.Minute    // is the longest time from one edit to the next
	newsKept   = 24 * time.Hour // how long a message tells what was before
	maxEvents  = 6              // of one goal that are told, the newest
	maxTasks   = 3              // that one event names
	// maxNews is how many goals have a message of their own within the window of
	// notices. The others are listed with all that was changed.
	maxNews     = 10
	maxGoalNews = 100 // goals whose messages are known
)

// event is something that another program did to a goal.
type event struct {
	Kind  string // as in the setting
	At    time.Time
	Tasks []string `json:",omitempty"` // that failed
	Count int      `json:",omitempty"` // of tasks
	Why   string   `json:",omitempty"`
}

// goalNews is what is known of the message about one goal.
type goalNews struct {
	Events []event
	Fresh  bool `json:",omitempty"` // some of them have not been told
	telling
	Since time.Time // when the message was first said
	Chats chats     `json:",omitempty"`
	Left  []int64   `json:",omitempty"` // chats that are told no more before there is another event
}

// newsOf finds out what in a change is news. Of a goal that is closed nothing is.
func newsOf(before, after *goals.Goal, wanted settings.News, now time.Time) (events []event) {
	if !after.Status.Open() {
		return nil
	}
	if before == nil {
		before = &goals.Goal{}
	}
	was := map[string]goals.SessionState{}
	for _, s := range before.Sessions {
		was[s.ID] = s.State
	}
	failed := event{Kind: "failed", At: now}
	for _, s := range after.Sessions {
		if s.State != goals.Failed || was[s.ID] == goals.Failed {
			continue
		}
		if failed.Count++; failed.Count <= maxTasks {
			failed.Tasks = append(failed.Tasks, clip(s.Task, maxInEvent))
		}
		if s.Evidence != nil && goals.Shows(*s.Evidence) {
			failed.Why = clip(*s.Evidence, maxInEvent)
		}
	}
	if failed.Count > 1 {
		failed.Why = "" // nobody could tell whose it is
	}
	if wanted.Failed && failed.Count > 0 {
		events = append(events, failed)
	}
	if wanted.Blocked && after.Status == goals.Blocked && before.Status != goals.Blocked {
		events = append(events, event{Kind: "blocked", At: now, Why: clip(after.BlockedBy(), maxInEvent)})
	}
	if wanted.Verified && allVerified(after) && !allVerified(before) {
		events = append(events, event{Kind: "verified", At: now, Count: len(after.Sessions)})
	}
	return events
}

func allVerified(g *goals.Goal) bool {
	verified, total := g.Verified()
	return total > 0 && verified == total
}

// news tells what of a merge is news, and reports whether it told anything.
func (n Notices) news(tx store.Tx, m goals.Merged) (told bool, err error) {
	wanted, now := n.settings.Values().News, n.now()
	fresh := map[int64][]event{}
	add := func(before, after *goals.Goal) {
		if events := newsOf(before, after, wanted, now); len(events) > 0 {
			fresh[after.Number] = events
		}
	}
	for _, c := range m.Changed {
		add(c.Before, c.After)
	}
	if m.Routine { // else it may have been so for long
		for _, g := range m.Added {
			add(nil, g)
		}
	}
	all, err := n.readNews(tx)
	if err != nil {
		return false, err
	}
	for _, c := range m.Changed {
		if about := all[c.After.Number]; about != nil && now.Sub(about.last()).Abs() < newsEdited {
			about.Owing = true // what it says of the goal is out of date
		}
	}
	for _, number := range slices.Sorted(maps.Keys(fresh)) {
		about := all[number]
		if about == nil || now.Sub(about.last()).Abs() >= newsEdited {
			if all.said(now) >= maxNews {
				continue
			}
			next := &goalNews{Since: now}
			if about != nil {
				next.Events = about.Events
			}
			if err := all.forget(tx, number); err != nil {
				return false, err
			}
			if err := all.makeRoom(tx); err != nil {
				return false, err
			}
			about = next
			all[number] = about
		}
		about.Events = append(about.Events, fresh[number]...)
		about.Events = about.Events[max(0, len(about.Events)-maxEvents):]
		about.Owing, about.Fresh, about.Left, told = true, true, nil, true
	}
	return told, n.tellNews(tx, all)
}

// allNews are the messages about goals, by number.
type allNews map[int64]*goalNews

// said is how many were first said within the window of notices.
func (a allNews) said(now time.Time) (count int) {
	for _, about := range a {
		if recent(about.Since, now) {
			count++
		}
	}
	return count
}

// forget forgets the message about a goal.
func (a allNews) forget(tx store.Tx, number int64) error {
	if a[number] == nil {
		return nil
	}
	err := a[number].Chats.forget(tx)
	delete(a, number)
	return err
}

// makeRoom forgets the oldest where there are too many.
func (a allNews) makeRoom(tx store.Tx) error {
	if len(a) < maxGoalNews {
		return nil
	}
	oldest := slices.MinFunc(slices.Sorted(maps.Keys(a)), func(x, y int64) int { return a[x].last().Compare(a[y].last()) })
	return a.forget(tx, oldest)
}

// last is when something was done to the goal last.
func (g *goalNews) last() time.Time { return g.Events[len(g.Events)-1].At }

// readNews reads the record, without what is too old to be told.
func (n Notices) readNews(tx store.Tx) (allNews, error) {
	all := allNews{}
	if err := readRecord(tx, store.NoticesRecord, newsName, &all); err != nil {
		return nil, err
	}
	now := n.now()
	for number, about := range all {
		about.Events = slices.DeleteFunc(about.Events, func(e event) bool { return now.Sub(e.At).Abs() >= newsKept })
		if len(about.Events) > 0 && tx.List().Number(number) != nil {
			continue
		}
		if err := all.forget(tx, number); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tellNews puts what is owed into the messages, or owes it longer where one was
// edited a moment ago or has not even left yet.
func (n Notices) tellNews(tx store.Tx, all allNews) error {
	v, now := n.settings.Values(), n.now()
	people, err := n.members.Read(tx)
	if err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(all)) {
		about := all[number]
		if !about.Owing || !about.due(now, newsEvery) {
			continue
		}
		m := about.words(tx.List().Number(number), v.Zone, now)
		m.Quiet, m.For = !v.RingsNews(now), ForAlerts
		chats := slices.DeleteFunc(people.AlertChats(), func(chat int64) bool { return slices.Contains(about.Left, chat) })
		if err := about.tell(tx, &about.Chats, chats, m, now); err != nil {
			return err
		}
		about.Fresh = about.Fresh && about.Owing
	}
	if len(all) == 0 {
		return tx.SetRecord(store.NoticesRecord, newsName, "")
	}
	return keepRecord(tx, store.NoticesRecord, newsName, all)
}

// leaveNews leaves the message about a goal to a chat where somebody has tapped one of its
// buttons: the answer has taken its place, and what happens from now on is said anew.
func (c *call) leaveNews() error {
	if !c.Tap {
		return nil
	}
	all := allNews{}
	if err := readRecord(c.tx, store.NoticesRecord, newsName, &all); err != nil {
		return err
	}
	for _, about := range all {
		number, err := about.Chats.number(c.tx, c.Chat.ID)
		if err != nil {
			return err
		}
		if number == 0 || number != c.Message {
			continue
		}
		if !about.Fresh {
			about.Left = append(about.Left, c.Chat.ID)
		}
		return cmp.Or(about.Chats.leave(c.tx, c.Chat.ID), keepRecord(c.tx, store.NoticesRecord, newsName, all))
	}
	return nil
}

// settleNews tells what was left to be told, and reports whether nothing is.
func (n Notices) settleNews(tx store.Tx) (settled bool, err error) {
	all, err := n.readNews(tx)
	if err != nil {
		return false, err
	}
	owing := func() bool {
		for _, about := range all {
			if about.Owing {
				return true
			}
		}
		return false
	}
	if !owing() {
		return true, nil
	}
	err = n.tellNews(tx, all)
	return !owing(), err
}

// words are the message about a goal as it is now.
func (g *goalNews) words(now *goals.Goal, zone *time.Location, at time.Time) message.Message {
	var t message.Text
	t.Bold(g.head(now)).Add("\n").Append(line(now, maxInList)).Add("\n")
	for _, e := range g.Events {
		t.Add("\n• " + agenda.Moment(e.At.In(zone), at) + ": " + e.words())
	}
	open := openButton(now)
	if readyToClose(now) {
		return t.Message([]message.Button{{Label: "✅ Done", Command: "done " + atRevision(now), Style: message.Success}, open})
	}
	return t.Message([]message.Button{open})
}

// head says what happened last, as long as it is still so.
func (g *goalNews) head(now *goals.Goal) string {
	failed := slices.ContainsFunc(now.Sessions, func(s goals.Session) bool { return s.State == goals.Failed })
	last := g.Events[len(g.Events)-1]
	switch kind := last.Kind; {
	case kind == "blocked" && now.Status == goals.Blocked:
		return "🚧 Blocked by another program"
	case kind == "failed" && failed && last.Count > 1:
		return "❌ Tasks failed"
	case kind == "failed" && failed:
		return "❌ A task failed"
	case kind == "verified" && readyToClose(now):
		return "🏁 Ready to close"
	}
	return "📣 Changed by another program"
}

// readyToClose reports whether the tasks of an open goal are all verified.
func readyToClose(g *goals.Goal) bool { return g.Status.Open() && allVerified(g) }

// words say what happened.
func (e event) words() string {
	switch e.Kind {
	case "blocked":
		if e.Why != "" {
			return "blocked (" + isolate(e.Why) + ")"
		}
		return "blocked"
	case "verified":
		if e.Count == 1 {
			return "its only task verified"
		}
		return fmt.Sprintf("all %d tasks verified", e.Count)
	}
	var names []string
	for _, task := range e.Tasks {
		names = append(names, quoted(task, maxInEvent))
	}
	if more := e.Count - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	said := several(names) + " failed"
	if e.Why != "" {
		said += " (" + isolate(e.Why) + ")"
	}
	return said
}
