package palace

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"

	"goalbot/postgrestest"
)

// deep lets the tests try all that they take samples of otherwise.
var deep = flag.Bool("deep", false, "try all that is only sampled otherwise; takes minutes")

// No test leaves a goroutine or a server behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		postgrestest.StopShared()
		os.Exit(code)
	}))
}
