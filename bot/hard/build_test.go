//go:build linux

package hard

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

var hard = flag.Bool("hard", false, "run the suites that take minutes, need root, or both")

// named skips a suite that is not part of the ordinary run.
func named(t *testing.T) {
	t.Helper()
	if !*hard {
		t.Skipf("takes long or needs root; run it with: go test ./bot/hard -hard -v -timeout 60m -run '^%s$'", t.Name())
	}
}

// needs skips a suite whose tools are not there.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount file systems")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, which is not installed", tool)
		}
	}
}

// built builds the program, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "goals-hard-")
	if err != nil {
		return "", err
	}
	leftovers = append(leftovers, dir)
	return build(dir)
})

// build builds the program.
func build(dir string, flags ...string) (string, error) {
	path := filepath.Join(dir, "bot")
	cmd := exec.Command("go", append(append([]string{"build", "-buildvcs=false", "-o", path}, flags...), "./bot")...)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

var leftovers []string

func TestMain(m *testing.M) {
	if dir, store, ok := strings.Cut(os.Getenv(sessionsVariable), string(os.PathListSeparator)); ok {
		if err := sessions(dir, store, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "the stand-in for the session manager:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, dir := range leftovers {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
