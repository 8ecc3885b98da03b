package goals

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// This file holds the rules for linked sessions: how one is linked, and how a
// person says that its work is verified or has failed. A session is named by its
// place in the goal, from 1, as a card numbers them.

// MaxSessions is how many sessions a goal may have before a person can link no
// more to it.
const MaxSessions = 50

// Link adds a session to an open goal. It is launched: the work is handed out,
// and nothing has been heard of it yet. The id is the caller's to make up and
// must be new in the goal. A task that the goal has already, compared as by
// [Fold], is refused as [SameTask].
func (l *List) Link(n int64, task, id string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if !g.Status.Open() {
			return g.closed()
		}
		task, err := CleanText(TaskText, task, MaxDescription)
		if err != nil {
			return err
		}
		folded := Fold(task)
		if i := slices.IndexFunc(g.Sessions, func(s Session) bool { return Fold(s.Task) == folded }); i >= 0 {
			return Refusal{Kind: SameTask, Goal: n, Has: i + 1}
		}
		if len(g.Sessions) >= MaxSessions {
			return Refusal{Kind: FullSessions, Goal: n, Has: len(g.Sessions), Limit: MaxSessions}
		}
		if slices.ContainsFunc(g.Sessions, func(s Session) bool { return s.ID == id }) {
			return errors.New("link session: the id is taken")
		}
		g.Sessions = append(slices.Clip(g.Sessions), Session{ID: id, Task: task, State: Launched})
		return nil
	})
}

// Verify says that the work of a session is verified. evidence, if given,
// replaces the evidence of the session; without it a session that had failed
// loses the reason. A session that says all of that already is refused as
// [VerifiedAlready]. The goal may be open or closed, and its status stays.
func (l *List) Verify(n int64, place int, evidence string, now time.Time) (*Goal, error) {
	return l.judge(n, place, Verified, EvidenceText, evidence, now)
}

// Fail says that the work of a session has failed, in the same way: why, if
// given, replaces its evidence, and without it a session that was verified
// loses its own. [FailedAlready] is the refusal for what is said already.
func (l *List) Fail(n int64, place int, why string, now time.Time) (*Goal, error) {
	return l.judge(n, place, Failed, ReasonText, why, now)
}

func (l *List) judge(n int64, place int, state SessionState, kind TextKind, text string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) (err error) {
		switch {
		case len(g.Sessions) == 0:
			return Refusal{Kind: NoSessions, Goal: n}
		case place < 1 || place > len(g.Sessions):
			return Refusal{Kind: NoSession, Goal: n, Has: len(g.Sessions), Limit: place}
		}
		was := g.Sessions[place-1]
		s := was
		s.State = state
		switch {
		case text != "":
			if text, err = CleanText(kind, text, MaxDescription); err != nil {
				return err
			}
			s.Evidence = &text
		case was.State != state && (was.State == Verified || was.State == Failed):
			s.Evidence = nil // it spoke for the contrary
		}
		if sameSession(s, was) {
			already := VerifiedAlready
			if state == Failed {
				already = FailedAlready
			}
			return Refusal{Kind: already, Goal: n, Has: place}
		}
		g.Sessions = slices.Clone(g.Sessions)
		g.Sessions[place-1] = s
		return nil
	})
}

// Tasks returns the places of the sessions that the beginning of a text names,
// and what follows the name. A session is named by its place (2 or #2), by its
// id, or by words of its task that follow each other there; the last of one word
// may be missing its end. Several places are returned where the words stand in
// several tasks, and none where the text names no session: then rest is all of
// it. A number that is no place is refused as [NoSession]. A link names nothing.
func (g *Goal) Tasks(text string) (places []int, rest string, err error) {
	text = strings.TrimSpace(text)
	first, after := cutWord(text)
	if n, ok := ParseNumber(first); ok && len(g.Sessions) > 0 {
		if n > int64(len(g.Sessions)) {
			return nil, text, Refusal{Kind: NoSession, Goal: g.Number, Has: len(g.Sessions), Limit: int(min(n, 1<<30))}
		}
		return []int{int(n)}, after, nil
	}
	for i, s := range g.Sessions {
		if first != "" && Fold(s.ID) == Fold(first) {
			return []int{i + 1}, after, nil
		}
	}
	if IsLink(first) {
		return nil, text, nil
	}
	rest = text
	var words []string
	for left := text; left != ""; {
		var word string
		word, left = cutWord(left)
		words = append(words, strings.Fields(Fold(word))...)
		found := g.withWords(words)
		if len(found) == 0 {
			break
		}
		places, rest = found, left
	}
	return places, rest, nil
}

// withWords returns the places of the sessions in whose tasks those words, which
// are folded, follow each other; a single word may be missing its end.
func (g *Goal) withWords(words []string) (places []int) {
	if len(words) == 0 {
		return nil
	}
	for i, s := range g.Sessions {
		task := strings.Fields(Fold(s.Task))
		for at := 0; at+len(words) <= len(task); at++ {
			if slices.Equal(task[at:at+len(words)], words) || len(words) == 1 && strings.HasPrefix(task[at], words[0]) {
				places = append(places, i+1)
				break
			}
		}
	}
	return places
}

// Waiting returns the places of the sessions that somebody may mean who says that
// one is in that state, but not which: those that are not in it yet. Where one
// is to have failed, sessions that have no outcome yet go before verified ones.
func (g *Goal) Waiting(state SessionState) (places []int) {
	var open []int
	for i, s := range g.Sessions {
		if s.State != state {
			places = append(places, i+1)
		}
		if s.State != Verified && s.State != Failed {
			open = append(open, i+1)
		}
	}
	if state == Failed && len(open) > 0 {
		return open
	}
	return places
}

// IsLink reports whether a word is the address of a page.
func IsLink(word string) bool {
	folded := strings.ToLower(word)
	return strings.HasPrefix(folded, "https://") || strings.HasPrefix(folded, "http://")
}

// cutWord splits off the first word of a text that is trimmed.
func cutWord(s string) (word, rest string) {
	i := strings.IndexAny(s, " \t\n\r")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// sessionsBack is what listBack is for texts: it takes back what a change did to
// sessions, as far as they are still as the change left them.
func sessionsBack(all []Splice[Session], now []Session) []Session {
	if list, ok := unspliced(all, now, sameSession); ok {
		return list
	}
	list := slices.Clone(now)
	with := func(all []Session, id string) int {
		return slices.IndexFunc(all, func(s Session) bool { return s.ID == id })
	}
	for _, s := range all {
		for _, added := range s.Added {
			i := slices.IndexFunc(list, func(o Session) bool { return sameSession(o, added) })
			if i < 0 {
				continue // it has changed since, and that stays
			}
			if was := with(s.Removed, added.ID); was >= 0 {
				list[i] = s.Removed[was]
			} else {
				list = slices.Delete(list, i, i+1)
			}
		}
		for _, removed := range s.Removed {
			if with(s.Added, removed.ID) < 0 && with(list, removed.ID) < 0 {
				list = append(list, removed)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}
