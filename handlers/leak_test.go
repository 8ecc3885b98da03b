package handlers

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// deep lets the tests try all that they take samples of otherwise.
var deep = flag.Bool("deep", false, "try all that is only sampled otherwise; takes minutes")

// No test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
