package postgrestest

import (
	"os"
	"testing"
)

// A server answers, and nothing of it is left when the test ends.
func TestStart(t *testing.T) {
	var dir string
	t.Run("runs", func(t *testing.T) {
		s := Start(t)
		dir = s.dir
		if got := s.SQL(t, "SELECT 1 + 1"); got != "2" {
			t.Errorf("1 + 1 is %q", got)
		}
		if one, other := s.URL(t), s.URL(t); one == other {
			t.Errorf("%s was handed out twice", one)
		}
	})
	if dir == "" {
		t.SkipNow()
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s stays: %v", dir, err)
	}
}
