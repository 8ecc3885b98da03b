package cache

import (
	"runtime"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// This file makes the content of the file out of a list, in parts, so that it needs
// no memory that grows with the list.

const (
	partGoals = 512 // how many goals are encoded at a time, usually half a megabyte
	maxAhead  = 4   // how many parts are encoded while an earlier one is used
)

// parts hands over the content of a file, part by part and in their order. A part is
// valid until use returns. An error of use ends it, and is returned.
type parts func(use func(part []byte) error) error

// onePart is a content that is in memory.
func onePart(data []byte) parts {
	return func(use func([]byte) error) error { return use(data) }
}

// partsOf is the content of the file with these goals.
func partsOf(list []*goals.Goal) parts {
	return func(use func([]byte) error) error { return encode(list, use) }
}

// encode is [partsOf]. While a part is used, later ones are encoded.
func encode(list []*goals.Goal, use func(part []byte) error) error {
	if len(list) <= partGoals {
		return use(goaljson.Append(nil, list))
	}
	ahead := min(runtime.GOMAXPROCS(0), maxAhead)
	parts := make(chan chan []byte, ahead-1) // in their order
	free := make(chan []byte, ahead+1)
	for range cap(free) {
		free <- nil
	}
	end := make(chan struct{})
	defer close(end)
	go func() {
		defer close(parts)
		for from := 0; from < len(list); from += partGoals {
			var room []byte
			select {
			case room = <-free:
			case <-end:
				return
			}
			part := make(chan []byte, 1)
			go func() { part <- goaljson.AppendPart(room[:0], list, from, min(from+partGoals, len(list))) }()
			select {
			case parts <- part:
			case <-end:
				return
			}
		}
	}()
	for part := range parts {
		data := <-part
		if err := use(data); err != nil {
			return err
		}
		free <- data
	}
	return nil
}

// content is what tells the file with a list from others.
type content struct {
	list goals.List
	hash uint64
	size int64 // in bytes
}

// contentOf encodes a list for it.
func contentOf(list goals.List) content {
	var h hasher
	_ = encode(list.All(), func(part []byte) error { _, err := h.Write(part); return err }) // never fails
	return content{list, h.sum(), h.size}
}

// content is that of the file with a list. The last one is remembered.
func (m *Mirror) content(list goals.List) content {
	if m.last.size == 0 || len(goals.Diff(m.last.list, list)) > 0 {
		m.last = contentOf(list)
	}
	return m.last
}

// sameInFile reports whether the file says the same before and after some changes.
func sameInFile(changes []goals.Change) bool {
	var before, after []byte
	for _, c := range changes {
		if c.Before == nil || c.After == nil {
			return false
		}
		before, after = goaljson.AppendGoal(before[:0], c.Before), goaljson.AppendGoal(after[:0], c.After)
		if string(before) != string(after) {
			return false
		}
	}
	return true
}
