package message

import "strconv"

// Count says how many there are, as in "1 goal" and "2 goals".
func Count(n int, one, many string) string { return strconv.Itoa(n) + " " + Form(n, one, many) }

// Form chooses the form of a word that goes with a number.
func Form(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
