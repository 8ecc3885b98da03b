package cache

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// deep lets the tests try all that they take samples of otherwise.
var deep = flag.Bool("deep", false, "try all that is only sampled otherwise; takes minutes")

// No test leaves a goroutine behind, nor a file in testdata that tells how rapid failed.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
