package health

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	lib "github.com/VictoriaMetrics/metrics"
)

// This file writes metrics in the text format of Prometheus.
//
// The client library of Prometheus is not used. It brings protobuf along, which
// looks up methods by names that it computes; with that in a program, the linker
// keeps every exported method of every type: two megabytes of this program.

// page is what a scrape gets.
type page struct{ io.Writer }

// family is metrics of one name.
type family struct {
	page
	name string
}

func (p page) gauge(name, help string) family   { return p.family(name, "gauge", help) }
func (p page) counter(name, help string) family { return p.family(name, "counter", help) }

func (p page) family(name, kind, help string) family {
	_, _ = io.WriteString(p, "# HELP "+name+" "+help+"\n# TYPE "+name+" "+kind+"\n")
	return family{p, name}
}

// sample writes one value. Labels are names and values in turn; they come in the
// order of their names.
func (f family) sample(value float64, labels ...string) {
	_, _ = io.WriteString(f, series(f.name, labels...)+" "+strconv.FormatFloat(value, 'g', -1, 64)+"\n")
}

// leads writes the metric of whether this bot leads.
func (p page) leads(value float64) {
	p.gauge("goalbot_leader", "1 where this bot leads, 0 where it stands by.").sample(value)
}

// labelValue escapes what may not stand in the value of a label.
var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// series is a name with its labels.
func series(name string, labels ...string) string {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+labelValue.Replace(labels[i+1])+`"`)
	}
	if pairs == nil {
		return name
	}
	slices.Sort(pairs)
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// writeProcess writes the metrics of the Go runtime and of the process.
func writeProcess(w io.Writer) {
	lib.WriteGoMetrics(w)
	lib.WriteProcMetrics(w)
	lib.WriteFDMetrics(w)
}

// metricsHandler serves what write writes.
func metricsHandler(write func(io.Writer)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		write(w)
	}
}
