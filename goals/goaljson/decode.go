package goaljson

import (
	"strings"

	"goalbot/goals"
)

// This file reads the list, its goals and their sessions. The values of their
// members are read in value.go, members that the model does not know in
// unknown.go.

// Decode reads a whole goals.json. The list is never nil without an error,
// and the error is always an [*Error]. data is not kept.
func Decode(data []byte) ([]*goals.Goal, error) {
	d := decoder{data: data}
	list := d.list()
	d.end("the closing ] of the list")
	if d.err != nil {
		return nil, d.err
	}
	return list, nil
}

// DecodeGoal reads one goal as [AppendGoal] writes it. The error is always an
// [*Error]. data is not kept.
func DecodeGoal(data []byte) (*goals.Goal, error) {
	d := decoder{data: data}
	g := d.readGoal()
	d.end("the closing } of the goal")
	if d.err != nil {
		return nil, d.err
	}
	return g, nil
}

// A Decoder reads goals one by one, as [DecodeGoal] does, into memory that they have in
// common, as those of one file: many take less than if each was read for itself. The
// zero Decoder is ready.
type Decoder struct{ state decoder }

// Goal reads one goal. data is not kept.
func (r *Decoder) Goal(data []byte) (*goals.Goal, error) {
	d := &r.state
	d.data, d.i, d.first, d.err = data, 0, false, nil
	d.many = true
	g := d.readGoal()
	d.end("the closing } of the goal")
	d.data = nil
	if d.err != nil {
		return nil, d.err
	}
	return g, nil
}

// A decoder reads data from front to back. It keeps its first error and then
// stands at the end of data, where every loop ends and nothing more is found,
// so few callers need to check for an error.
type decoder struct {
	data  []byte
	i     int  // offset of the next byte to read
	first bool // a bracket was opened and nothing inside it was read yet
	err   error
	many  bool // other goals follow those of data

	number  int         // of the goal being read, from 1
	goal    *goals.Goal // the goal being read, for the error
	session int         // of the session being read, from 1; 0 outside

	// Buffers, used again and again.
	buf      []byte          // a string without its escapes
	strings  []string        // the strings of a list
	sessions []goals.Session // the sessions of a goal
	open     []byte          // closing brackets of the unknown values being read

	// Memory for the goals. See the package comment.
	texts       strings.Builder
	goalPool    pool[goals.Goal]
	sessionPool pool[goals.Session]
	stringPool  pool[string]
}

func (d *decoder) list() []*goals.Goal {
	if !d.enter('[') {
		d.fail(d.i, d.noList())
		return nil
	}
	list := []*goals.Goal{}
	for d.more(']') {
		d.number++
		list = append(list, d.readGoal())
	}
	d.number = 0
	return list
}

func (d *decoder) readGoal() *goals.Goal {
	g := &d.goalPool.take(1)[0]
	d.goal = g
	o, ok := d.object(goalType)
	if !ok {
		d.expect("the { of a goal")
		return g
	}
	for name, ok := d.member(&o, g.Extra); ok; name, ok = d.member(&o, g.Extra) {
		switch name {
		case "id":
			g.ID = d.text(name)
		case "description":
			g.Description = d.text(name)
		case "status":
			g.Status = variant(d, name, goals.Statuses)
		case "acceptance":
			g.Acceptance = d.textList(name)
		case "sessions":
			g.Sessions = d.readSessions()
		case "progress":
			g.Progress = d.byteNumber(name)
		case "created":
			g.Created = d.time(name)
		case "updated":
			g.Updated = d.time(name)
		case "notes":
			g.Notes = d.textList(name)
		default:
			g.Extra = append(g.Extra, d.unknown(o.nameAt))
		}
	}
	d.goal = nil
	return g
}

func (d *decoder) readSessions() []goals.Session {
	if !d.enter('[') {
		d.expect(`a list of sessions in [ ] for "sessions"`)
		return nil
	}
	list := d.sessions[:0]
	for d.more(']') {
		list = append(list, goals.Session{})
		d.session = len(list)
		d.readSession(&list[len(list)-1])
		d.session = 0
	}
	d.sessions = list
	return d.sessionPool.copyOf(list)
}

func (d *decoder) readSession(s *goals.Session) {
	o, ok := d.object(sessionType)
	if !ok {
		d.expect("the { of a session")
		return
	}
	for name, ok := d.member(&o, s.Extra); ok; name, ok = d.member(&o, s.Extra) {
		switch name {
		case "session_id":
			s.ID = d.text(name)
		case "task":
			s.Task = d.text(name)
		case "state":
			s.State = variant(d, name, goals.SessionStates)
		case "evidence":
			if d.next() == 'n' {
				d.word("null")
			} else {
				s.Evidence = &d.stringPool.take(1)[0]
				*s.Evidence = d.text(name)
			}
		default:
			s.Extra = append(s.Extra, d.unknown(o.nameAt))
		}
	}
}
