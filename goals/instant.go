package goals

import (
	"encoding/json"
	"time"
)

// LeapSecond is the location of a time that was read as a leap second, :60, which
// a [time.Time] cannot be. The time itself is in the first second of the next
// minute; one in another second, or in another location, is an ordinary time.
var LeapSecond = time.FixedZone("UTC", 0)

// An Instant is a time that is kept as JSON without a loss, also where it is a
// leap second or its year has more than four digits, which [time.Time.MarshalJSON]
// refuses.
type Instant struct{ time.Time }

// MarshalJSON implements [json.Marshaler]. What RFC 3339 cannot say becomes a list
// of seconds since 1970, nanoseconds and, for a leap second, 1.
func (i Instant) MarshalJSON() ([]byte, error) {
	leap := i.Location() == LeapSecond
	if year := i.Year(); year >= 0 && year <= 9999 && !leap {
		return i.Time.MarshalJSON()
	}
	parts := []int64{i.Unix(), int64(i.Nanosecond())}
	if leap {
		parts = append(parts, 1)
	}
	return json.Marshal(parts)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (i *Instant) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '[' {
		return i.Time.UnmarshalJSON(data)
	}
	var parts [3]int64
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	i.Time = time.Unix(parts[0], parts[1]).UTC()
	if parts[2] != 0 {
		i.Time = i.Time.In(LeapSecond)
	}
	return nil
}
