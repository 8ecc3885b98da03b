package health

import (
	"io"
	"net/http"
	"sync"
	"time"

	"goalbot/alert"
)

// This file is /healthz and /metrics of a bot that stands by.

// Copy is how the goals.json of a bot that stands by is.
type Copy struct {
	mu    sync.Mutex
	fresh time.Time
	found []alert.Finding
}

// Set says when goals.json was last what the list is, zero for never, and what is
// wrong with it.
func (c *Copy) Set(fresh time.Time, found []alert.Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fresh, c.found = fresh, found
}

// Age is how long ago goals.json was last what the list is. known is false before it was.
func (c *Copy) Age() (age time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.fresh), !c.fresh.IsZero()
}

func (c *Copy) causes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	causes := []string{}
	for _, f := range c.found {
		causes = append(causes, string(f.Cause))
	}
	return causes
}

// Standby serves /healthz and /metrics of a bot that waits until it may lead.
func Standby(c *Copy) http.Handler {
	numbers := func(w io.Writer) {
		page := page{w}
		page.leads(0)
		if age, known := c.Age(); known {
			page.gauge("goalbot_copy_age_seconds", "Where this bot stands by, the time since its goals.json was last what the list is.").sample(age.Seconds())
		}
		writeProcess(w)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metricsHandler(numbers))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		s := healthzBody{Role: "standby", Causes: c.causes(), Warnings: []string{}, Unknown: []string{}}
		if age, known := c.Age(); known {
			seconds := age.Round(time.Millisecond).Seconds()
			s.CopyAge = &seconds
		}
		s.answer(w)
	})
	return mux
}
