//go:build linux

package goaljson

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkSerde compares this package with the Rust program in testdata/serde, which
// reads and writes the same files to the byte. It reports how many times as fast loading
// and saving are here, by the processor time of the whole process, which includes the
// garbage collection. Each is the best of several turns, which the load of a machine
// spoils least. The files are in memory, and what is saved goes into a buffer that is
// there already.
//
// It needs Rust, and on Debian librust-serde-json-dev and librust-chrono-dev, or a
// network for cargo.
//
//	go test ./goals/goaljson -run '^$' -bench Serde -benchtime 1x
func BenchmarkSerde(b *testing.B) {
	peer := buildPeer(b)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("goals=%d", n), func(b *testing.B) {
			list := someGoals(n)
			data := Append(nil, list)
			path := filepath.Join(b.TempDir(), "goals.json")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				b.Fatal(err)
			}
			list, err := Decode(data) // as a program has it
			if err != nil {
				b.Fatal(err)
			}
			load, save, serdeLoad, serdeSave := math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)
			var room []byte
			for b.Loop() {
				for range 3 { // turn by turn
					out, err := exec.Command(peer, path, "1").Output()
					if err != nil {
						b.Fatal(err)
					}
					var l, s float64
					if _, err := fmt.Sscan(string(out), &l, &s); err != nil {
						b.Fatal(err)
					}
					serdeLoad, serdeSave = min(serdeLoad, l), min(serdeSave, s)
					load = min(load, leastTime(func() {
						if _, err := Decode(data); err != nil {
							b.Fatal(err)
						}
					}))
					save = min(save, leastTime(func() { room = Append(room[:0], list) }))
				}
			}
			b.ReportMetric(0, "ns/op") // of both together, which says nothing
			b.ReportMetric(load/1e3, "load-µs")
			b.ReportMetric(serdeLoad/load, "load/serde")
			b.ReportMetric(save/1e3, "save-µs")
			b.ReportMetric(serdeSave/save, "save/serde")
		})
	}
}

// buildPeer builds the Rust program.
func buildPeer(b *testing.B) string {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		b.Skip("cargo is not installed")
	}
	dir := b.TempDir() // cargo writes beside what it builds
	if err := os.CopyFS(dir, os.DirFS("testdata/serde")); err != nil {
		b.Fatal(err)
	}
	args := []string{"build", "--release", "--manifest-path", filepath.Join(dir, "Cargo.toml")}
	const debian = "/usr/share/cargo/registry"
	if _, err := os.Stat(debian); err == nil {
		args = append(args, "--offline", "--config", `source.crates-io.replace-with="debian"`, "--config", fmt.Sprintf("source.debian.directory=%q", debian))
	}
	if out, err := exec.Command(cargo, args...).CombinedOutput(); err != nil {
		b.Skipf("the Rust program cannot be built: %v\n%s", err, out)
	}
	return filepath.Join(dir, "target", "release", "serde-peer")
}

// leastTime is the least processor time that f takes, in nanoseconds, of the turns of
// a second.
func leastTime(f func()) float64 {
	least := math.Inf(1)
	for began := time.Now(); time.Since(began) < time.Second; {
		before, turns := processTime(), 0.0
		for turns == 0 || processTime()-before < 20*time.Millisecond {
			f()
			turns++
		}
		least = min(least, float64(processTime()-before)/turns)
	}
	return least
}

// processTime is the processor time of this process so far.
func processTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // fails for other arguments only
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
