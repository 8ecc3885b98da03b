package cache

import (
	"slices"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// encoded is the file's content, goal by goal, so that after a change only
// the goals that changed are encoded again.
type encoded struct {
	goals  []*goals.Goal
	chunks [][]byte
	whole  []byte // room for all of it, used again
}

// update brings the content in line with a list.
func (e *encoded) update(list goals.List) {
	all := list.All()
	chunks := make([][]byte, len(all))
	j := 0
	for i, g := range all {
		for j < len(e.goals) && e.goals[j].Number < g.Number {
			j++
		}
		if j < len(e.goals) && e.goals[j] == g {
			chunks[i] = e.chunks[j]
		} else {
			chunks[i] = goaljson.AppendGoal(nil, g)
		}
	}
	e.goals, e.chunks = all, chunks
}

// bytes is the whole content, valid until the next call.
func (e *encoded) bytes() []byte {
	e.whole = goaljson.Join(e.whole[:0], slices.Values(e.chunks))
	return e.whole
}

// size is how many bytes the whole content has at most.
func (e *encoded) size() int64 {
	const around = 8 // bytes between two goals and at both ends, and then some
	n := around
	for _, chunk := range e.chunks {
		n += len(chunk) + around
	}
	return int64(n)
}
