package palace

import (
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// It can be asked who leads and who stands by; who leads does not stand by, and who is
// not heard of any more does not either.
func TestLeadership(t *testing.T) {
	p, place := onPostgres(t)
	keeping(t, p)
	standbys := func(p *Palace) []string {
		t.Helper()
		now, err := p.Leadership(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "leader", now.Holder, p.lease().holder)
		if age := time.Since(now.Since).Abs(); age > time.Minute {
			t.Errorf("leads since %v", now.Since)
		}
		return now.Standbys
	}
	same(t, "alone", standbys(p), []string{})
	p.sql(t, "INSERT INTO standbys VALUES ('gone', clock_timestamp() - interval '11 seconds')")
	same(t, "one that is gone", standbys(p), []string{})

	var next *Palace
	var opening sync.WaitGroup
	opening.Go(func() {
		var err error
		next, err = Place{filepath.Join(t.TempDir(), "palace.db"), place.URL}.Open(t.Context(), Options{StandBy: func(Leader) {}})
		if err != nil {
			t.Error(err)
		}
	})
	var seen []string
	for seen = standbys(p); len(seen) == 0; seen = standbys(p) {
		select {
		case <-t.Context().Done():
			t.Fatal("nobody stands by")
		case <-time.After(10 * time.Millisecond):
		}
	}
	p.Close()
	opening.Wait()
	defer next.Close()
	same(t, "who stood by", seen, []string{next.lease().holder})
	same(t, "who leads does not stand by", standbys(next), []string{})

	inFile, err := fresh(t).Leadership(t.Context())
	same(t, "in a file", inFile, Leadership{})
	wantErr(t, err, nil)
}
