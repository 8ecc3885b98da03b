package goaljson

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"goalbot/goals"
)

// All that Decode allocates, thrown away again or not, is little more than the file,
// in pieces that are fewer than the goals; so with the file itself it never holds more
// than three times its size. Allocating short texts one by one, or long ones in common
// pieces, turns this red.
func TestLoadingTakesLittleMemory(t *testing.T) {
	long := slices.Repeat([]*goals.Goal{{Description: strings.Repeat("x", 9_000)}}, 100)
	notes := []*goals.Goal{{Notes: slices.Repeat([]string{strings.Repeat("x", 500)}, 20)}}
	for name, c := range map[string]struct {
		list   []*goals.Goal
		bytes  float64 // at most, for each byte of the file
		pieces int     // at most
	}{
		"many goals":               {someGoals(2_000), 2, 2_000},
		"long texts":               {long, 1.5, 300},
		"little more than a piece": {notes, 1.3, 30},
	} {
		data := Append(nil, c.list)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		list := mustDecode(t, data)
		runtime.ReadMemStats(&after)
		got, pieces := after.TotalAlloc-before.TotalAlloc, int(after.Mallocs-before.Mallocs)
		if got > uint64(c.bytes*float64(len(data))) || pieces > c.pieces {
			t.Errorf("%s: %d bytes in %d pieces are allocated for a file of %d bytes", name, got, pieces, len(data))
		}
		runtime.KeepAlive(list)
	}
}

// One goal must not keep the memory of the whole list.
func TestOneGoalDoesNotKeepTheFile(t *testing.T) {
	data := Append(nil, someGoals(5_000))
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	one := mustDecode(t, data)[2_500]
	if kept := heap() - before; kept > int64(len(data))/20 {
		t.Errorf("%d bytes are kept for one goal of a file of %d", kept, len(data))
	}
	runtime.KeepAlive(one)
	runtime.KeepAlive(data)
}

// The buffer of a large list is large enough from the start, and not twice as large
// as it must be, whatever the list is made of.
func TestTheSizeOfAListIsWellEstimated(t *testing.T) {
	long := strings.Repeat(`fifteen letters"`, 100) // of which each sixteenth is escaped
	for name, g := range map[string]goals.Goal{
		"small goals":   {},
		"long ids":      {ID: long},
		"long texts":    {Description: long},
		"many criteria": {Acceptance: slices.Repeat([]string{"it"}, 100)},
		"long criteria": {Acceptance: slices.Repeat([]string{long}, 5)},
		"many notes":    {Notes: slices.Repeat([]string{"it"}, 100)},
		"long notes":    {Notes: slices.Repeat([]string{long}, 5)},
		"many sessions": {Sessions: slices.Repeat([]goals.Session{{State: goals.Running}}, 100)},
		"long sessions": {Sessions: slices.Repeat([]goals.Session{{ID: long, State: goals.Running}}, 5)},
		"long tasks":    {Sessions: slices.Repeat([]goals.Session{{Task: long, State: goals.Running}}, 5)},
		"long evidence": {Sessions: slices.Repeat([]goals.Session{{State: goals.Running, Evidence: &long}}, 5)},
	} {
		g.Status = goals.Pending
		list := slices.Repeat([]*goals.Goal{&g}, 20)
		if n, got := len(Append(nil, list)), size(list); got < n || got > n+n/2 {
			t.Errorf("%s: %d bytes for %d", name, got, n)
		}
	}
}

// Goals that are read one by one into common memory are the same as those of one file,
// also after one that could not be read, and take about as much memory.
func TestADecoderReadsManyGoals(t *testing.T) {
	list := someGoals(500)
	var d Decoder
	var back []*goals.Goal
	var before, after runtime.MemStats
	var texts [][]byte
	for _, g := range list {
		texts = append(texts, AppendGoal(nil, g))
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i, text := range texts {
		g, err := d.Goal(text)
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, g)
		if i == 100 {
			if _, err := d.Goal(text[:len(text)/2]); err == nil {
				t.Error("half a goal was read")
			}
		}
		clear(text) // it is not kept
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(texts)
	for i, g := range back {
		if !g.Same(list[i]) || !g.Updated.Equal(list[i].Updated) {
			t.Fatalf("goal %d is\n%+v\nwant\n%+v", i, g, list[i])
		}
	}
	file := Append(nil, list)
	if held := after.HeapAlloc - before.HeapAlloc; held > uint64(len(file))*3/2 {
		t.Errorf("%d goals hold %d bytes of memory; their file has %d", len(back), held, len(file))
	}
}

// What a decoder failed at tells nothing of the goal that it reads next. Red where it
// goes on with the brackets, the goal or the session of the one before, and where what
// follows a goal is passed over.
func TestADecoderForgetsWhatItFailedAt(t *testing.T) {
	good := AppendGoal(nil, &goals.Goal{ID: "g-1", Extra: []goals.Field{{Name: `"x"`, Value: `[1, {"y": [2]}]`}}})
	var d Decoder
	for _, bad := range []string{`{"id": "g-2", "x": [[{"y": `, `{"id": "g-3", "sessions": [{"session_id": 5`, `{"id": "g-4", "description": 5`, string(good) + "x", "7"} {
		_, err := d.Goal([]byte(bad))
		_, want := DecodeGoal([]byte(bad))
		if err == nil || !reflect.DeepEqual(err, want) {
			t.Errorf("%s: got %+v, want %v", bad, err, want)
		}
		if g, err := d.Goal(good); err != nil || string(AppendGoal(nil, g)) != string(good) {
			t.Errorf("after %s it reads %+v, %v", bad, g, err)
		}
		if _, err := d.Goal([]byte(bad)); err == nil || !reflect.DeepEqual(err, want) {
			t.Errorf("the second time: got %+v, want %v", err, want)
		}
	}
}
