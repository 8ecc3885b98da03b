package handlers

import (
	"maps"
	"slices"

	"goalbot/goals"
)

// book is what a model keeps of a goal: what no other program may touch, and whether
// it is open.
type book struct {
	ticked              []string // sorted
	due, repeat, remind string
	status              goals.Status
	count               goals.Count
	files               []string // sorted
}

func (b book) same(o book) bool {
	return slices.Equal(b.ticked, o.ticked) && b.due == o.due && b.repeat == o.repeat && b.remind == o.remind && b.status == o.status && b.count.Same(o.count) && slices.Equal(b.files, o.files)
}

// without takes back what a change made of a goal, and leaves what came after it.
func (b book) without(before, after book) book {
	for text := range maps.Keys(set(append(slices.Clone(before.ticked), after.ticked...))) {
		was, is := slices.Contains(before.ticked, text), slices.Contains(after.ticked, text)
		if was != is {
			b = b.tick(text, was)
		}
	}
	for _, f := range slices.Concat(before.files, after.files) {
		if was := slices.Contains(before.files, f); was != slices.Contains(after.files, f) {
			b = b.file(f, was)
		}
	}
	for _, v := range []struct {
		now           *string
		before, after string
	}{{&b.due, before.due, after.due}, {&b.repeat, before.repeat, after.repeat}, {&b.remind, before.remind, after.remind}, {(*string)(&b.status), string(before.status), string(after.status)}} {
		// The status is set back whatever it is; dates only where they are as the change left them.
		if v.before != v.after && (*v.now == v.after || v.now == (*string)(&b.status)) {
			*v.now = v.before
		}
	}
	b.count = uncount(b.count, before.count, after.count)
	return b
}

// uncount takes back what a change made of a count.
func uncount(c, before, after goals.Count) goals.Count {
	if before.Start != after.Start && c.Start == after.Start {
		c.Start = before.Start
	}
	if before.Target != after.Target && c.Target == after.Target {
		c.Target = before.Target
	}
	if before.Unit != after.Unit && c.Unit == after.Unit {
		c.Unit = before.Unit
	}
	log := map[int64]goals.Entry{}
	for _, e := range c.Log {
		if slices.Contains(before.Log, e) || !slices.Contains(after.Log, e) {
			log[e.At] = e
		}
	}
	for _, e := range before.Log {
		if !slices.Contains(after.Log, e) {
			log[e.At] = e
		}
	}
	c.Log = nil
	for _, at := range slices.Sorted(maps.Keys(log)) {
		c.Log = append(c.Log, log[at])
	}
	return c
}

func (b book) tick(text string, on bool) book {
	b.ticked = slices.DeleteFunc(slices.Clone(b.ticked), func(s string) bool { return s == text })
	if on {
		b.ticked = append(b.ticked, text)
	}
	slices.Sort(b.ticked)
	return b
}

// file attaches a link to a goal, or takes it away.
func (b book) file(link string, on bool) book {
	b.files = slices.DeleteFunc(slices.Clone(b.files), func(s string) bool { return s == link })
	if on {
		b.files = append(b.files, link)
	}
	slices.Sort(b.files)
	return b
}

func set(all []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range all {
		m[s] = true
	}
	return m
}

// books are the goals by their numbers.
type books map[int64]book
