package goals

import (
	"encoding/json"
	"testing"
	"time"
)

// What happened to a goal of the year 12026 could not be kept, so that no change of
// such a goal was possible at all. Red where Instant is marshalled as a time.Time.
func TestAnInstantOfAnyYearIsKept(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, `"0001-01-01T00:00:00Z"`},
		{time.Date(2026, 6, 16, 12, 0, 0, 5, time.UTC), `"2026-06-16T12:00:00.000000005Z"`},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), `"0000-01-01T00:00:00Z"`},
		{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), `"9999-12-31T00:00:00Z"`},
		{time.Date(12026, 1, 1, 0, 0, 0, 7, time.UTC), `[317336745600,7]`},
		{time.Date(-44, 3, 15, 12, 0, 0, 0, time.UTC), `[-63549316800,0]`},
		{time.Date(2017, 1, 1, 0, 0, 0, 250_000_000, LeapSecond), `[1483228800,250000000,1]`},
	} {
		data, err := json.Marshal(&Facts{Updated: Instant{c.at}})
		if err != nil {
			t.Errorf("%v: %v", c.at, err)
			continue
		}
		var facts struct{ Updated json.RawMessage }
		var back Facts
		if err := json.Unmarshal(data, &facts); err != nil || string(facts.Updated) != c.want {
			t.Errorf("%v is kept as %s, want %s (%v)", c.at, facts.Updated, c.want, err)
		}
		if err := json.Unmarshal(data, &back); err != nil || back.Updated != (Instant{c.at}) {
			t.Errorf("%v comes back as %v, %v", c.at, back.Updated, err)
		}
	}
}
