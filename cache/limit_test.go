package cache

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A container of 256 MB is ended by what fits into the limit of a full list.
func TestTheLimitFollowsTheMemory(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct{ memory, soft, want int64 }{
		{math.MaxInt64, math.MaxInt64, MaxSize},
		{8 << 30, math.MaxInt64, MaxSize},
		{256 * mb, math.MaxInt64, 256 * mb / timesSize},
		{math.MaxInt64, 100 * mb, 50 * mb},
		{256 * mb, 200 * mb, 256 * mb / timesSize},
	} {
		if got := limitFor(c.memory, c.soft); got != c.want {
			t.Errorf("with %d bytes of memory and GOMEMLIMIT=%d: %d, want %d", c.memory, c.soft, got, c.want)
		}
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no groups", nil, math.MaxInt64},
		{"none of them limits", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, math.MaxInt64},
		{"a container", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n"}, 256 * mb},
		{"a service", map[string]string{"proc/self/cgroup": "0::/system.slice/bot.service\n", "sys/fs/cgroup/system.slice/bot.service/memory.max": "max\n",
			"sys/fs/cgroup/system.slice/memory.max": "536870912\n"}, 512 * mb},
		{"version 1", map[string]string{"proc/self/cgroup": "5:cpu:/\n4:memory:/docker/1\n0::/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n",
			"sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "9223372036854771712\n"}, 128 * mb},
		{"nonsense", map[string]string{"proc/self/cgroup": "what\n\n0::\n", "sys/fs/cgroup/memory.max": "-7"}, math.MaxInt64},
		{"nothing", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "0\n"}, math.MaxInt64},
	} {
		root := t.TempDir()
		for name, data := range c.files {
			must(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o700))
			must(t, os.WriteFile(filepath.Join(root, name), []byte(data), 0o600))
		}
		if got := memoryLimit(root); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	e := &TooLargeError{Path: "goals.json", Size: 300e6, Limit: 256 * mb / timesSize}
	if got, want := e.TooLarge(), "It has 300 MB, and I read at most 29 MB: as much as the memory that I may use allows. What is in it is not taken in."; got != want {
		t.Errorf("it is told as %q, want %q", got, want)
	}
}
