package handlers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"goalbot/goals"
)

// This file reads and says which page of something long is meant. It is said
// alike everywhere, typed and on buttons: "page 2" at the end of a command.

const maxPageNumber = 100_000_000

// cutPage splits "page 2" off the end of a command. Without it the page is 0.
func cutPage(args string) (rest string, page int) {
	args = strings.TrimSpace(args)
	words := strings.Fields(args)
	n := len(words)
	if n < 2 || goals.Fold(words[n-2]) != "page" {
		return args, 0
	}
	page, err := strconv.Atoi(goals.Fold(words[n-1]))
	switch {
	case errors.Is(err, strconv.ErrRange):
		page = maxPageNumber
	case err != nil:
		return args, 0
	}
	return strings.TrimSpace(args[:strings.LastIndex(args, words[n-2])]), min(max(page, 1), maxPageNumber)
}

// noPage says that there is no such page, and which one is shown instead.
func noPage(asked, last int) string {
	if last == 1 {
		return fmt.Sprintf("There is no page %d: everything is on this one.", asked)
	}
	return fmt.Sprintf("There is no page %d. This is page %d, the last.", asked, last)
}

// lastPage is the last page that holds something, where the first does and the
// one that was asked for does not.
func lastPage(asked int, holds func(page int) (bool, error)) (int, error) {
	last := 1
	for asked-last > 1 {
		middle := last + (asked-last)/2
		switch there, err := holds(middle); {
		case err != nil:
			return 0, err
		case there:
			last = middle
		default:
			asked = middle
		}
	}
	return last, nil
}
