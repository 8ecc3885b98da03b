package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// kind is what one of the five fields may hold.
type kind struct {
	name     string
	min, max int
	names    string // of the values, three letters each, the first is min
}

var kinds = [5]kind{
	{name: "minute", min: 0, max: 59},
	{name: "hour", min: 0, max: 23},
	{name: "day of the month", min: 1, max: 31},
	{name: "month", min: 1, max: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec"},
	{name: "day of the week", min: 0, max: 6, names: "sunmontuewedthufrisat"},
}

// check is stricter than the library, which reads "*-5" as "*", "*/70" as
// "0", and takes an empty field for one that never matches.
func (k kind) check(field string) error {
	for item := range strings.SplitSeq(field, ",") {
		values, step, stepped := strings.Cut(item, "/")
		if stepped {
			n, ok := number(step)
			if !ok || n < 1 || n > k.max-k.min {
				return fmt.Errorf("can have a step of 1 to %d after the slash, as in */5", k.max-k.min)
			}
		}
		if values == "*" || values == "?" {
			continue
		}
		low, high, ranged := strings.Cut(values, "-")
		first, err := k.value(low)
		if err != nil {
			return err
		}
		if !ranged {
			continue
		}
		last, err := k.value(high)
		if err != nil {
			return err
		}
		if first > last {
			return errors.New("has a range that runs backwards; the smaller value stands first, and what goes past the end is written as a list, as in 5,6,0")
		}
	}
	return nil
}

// value reads a number or a name.
func (k kind) value(text string) (int, error) {
	if i := strings.Index(k.names, text); len(text) == 3 && i >= 0 && i%3 == 0 {
		return k.min + i/3, nil
	}
	n, ok := number(text)
	switch {
	case ok && n >= k.min && n <= k.max:
		return n, nil
	case ok && n == 7 && k.name == "day of the week":
		return 0, errors.New("goes from 0 to 6: Sunday is 0 or SUN here, not 7")
	case k.names != "":
		return 0, fmt.Errorf("goes from %d to %d, or %s to %s", k.min, k.max, strings.ToUpper(k.names[:3]), strings.ToUpper(k.names[len(k.names)-3:]))
	}
	return 0, fmt.Errorf("goes from %d to %d", k.min, k.max)
}

// number reads digits and nothing else; strconv alone would take "+5".
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int(n), err == nil
}
