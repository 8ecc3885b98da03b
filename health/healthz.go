package health

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"goalbot/alert"
)

// healthzBody is what /healthz says. It holds no goal's text.
type healthzBody struct {
	OK       bool     `json:"ok"`
	Causes   []string `json:"causes"`
	Warnings []string `json:"warnings"` // goals.json can be used all the same
	Unknown  []string `json:"unknown"`  // what could not be looked for
	PollAge  float64  `json:"poll_age_seconds"`
	Role     string   `json:"role"`                       // "leader", or "standby" where another bot leads
	CopyAge  *float64 `json:"copy_age_seconds,omitempty"` // since goals.json of a standby was last what the list is; none before
}

// findings is what /healthz looks at; it is implemented by Monitor.
type findings interface {
	Found() []alert.Finding
	Unsure() []alert.Cause
}

// Handler serves /healthz and /metrics. Everything else is not found.
func Handler(started time.Time, stalledAfter time.Duration, polled func() time.Time, now findings, numbers func(io.Writer)) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metricsHandler(numbers))
	mux.HandleFunc("GET /healthz", healthz(started, stalledAfter, polled, now))
	return mux
}

// healthz answers 200 where all is well but for warnings, and 503 with the
// causes where not.
func healthz(started time.Time, stalledAfter time.Duration, polled func() time.Time, now findings) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		last := polled()
		if last.IsZero() {
			last = started
		}
		age := time.Since(last)
		s := healthzBody{Role: "leader", Causes: []string{}, Warnings: []string{}, Unknown: []string{}, PollAge: age.Round(time.Millisecond).Seconds()}
		for _, c := range now.Unsure() {
			s.Unknown = append(s.Unknown, string(c))
		}
		for _, f := range now.Found() {
			switch {
			case f.Cause == alert.PollStalled, f.Cause == alert.Test:
			case f.Warning():
				s.Warnings = append(s.Warnings, string(f.Cause))
			default:
				s.Causes = append(s.Causes, string(f.Cause))
			}
		}
		if age > stalledAfter { // as it is now, not as the last check found it
			s.Causes = append(s.Causes, string(alert.PollStalled))
		}
		s.answer(w)
	}
}

// answer answers 503 where there are causes, and 200 where not.
func (s healthzBody) answer(w http.ResponseWriter) {
	s.OK = len(s.Causes) == 0
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !s.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(s)
}
