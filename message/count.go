package message

import "strconv"

// Count says how many there are, as in "1 goal" and "2 goals".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
