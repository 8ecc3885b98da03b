package goals_test

import (
	"fmt"
	"time"

	"goalbot/goals"
)

// A goal is added, finished and found again by its words. The clock and the
// ids come from outside.
func Example() {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var list goals.List
	list.Add(goals.Draft{Description: "call mother"}, "g-00000001", now)
	list.Add(goals.Draft{Description: "write the report", Acceptance: []string{"three pages"}}, "g-00000002", now)

	before := list.Clone()
	if _, err := list.Finish(1, false, now.Add(time.Hour)); err != nil {
		fmt.Println(err)
	}
	_, err := list.Finish(1, false, now.Add(time.Hour))
	fmt.Println(err)
	found, _ := list.Select("REPORT", nil)
	for _, g := range found {
		fmt.Println(g.Number, g.Description, g.Status)
	}
	for _, c := range goals.Diff(before, list) {
		fmt.Println(c.Number(), c.Before.Status, "->", c.After.Status)
	}
	// Output:
	// #1 is done already
	// 2 write the report pending
	// 1 pending -> done
}
