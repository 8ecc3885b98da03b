package cache

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// MaxSize is the size in bytes of the largest goals.json that is read. A list
// holds 100,000 goals at most ([goals.MaxGoals]); this is room for so many of
// 1,340 bytes each, while one with a few criteria, tasks and notes takes 900. A
// limit that every single goal may reach would be hundreds of gigabytes and
// protect nobody.
//
// Where the memory is limited, less is read: to take a file in costs several
// times its size.
const MaxSize = 128 << 20

// How much memory it costs to take a file in, with all that the palace does, by its
// size: 4 times as measured for goals of 900 bytes, 8 times for goals of 250. Under
// GOMEMLIMIT it takes longer and 3 times are enough, and that limit does not end the
// program; a file that is larger than half of it is not worth the time.
const (
	timesSize     = 9
	timesSizeSoft = 2
)

// readLimit is what is read at most, in bytes.
var readLimit = sync.OnceValue(func() int64 {
	return limitFor(memoryLimit("/"), debug.SetMemoryLimit(-1)) // a negative one changes nothing
})

// limitFor is what is read at most where the process is ended that uses more than
// memory, and soft is GOMEMLIMIT.
func limitFor(memory, soft int64) int64 {
	return min(MaxSize, memory/timesSize, soft/timesSizeSoft)
}

// memoryLimit is how much memory this process may use, in bytes, by the control groups
// that it is in (cgroups(7)). root is where proc and sys are.
func memoryLimit(root string) int64 {
	limit := int64(math.MaxInt64)
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return limit
	}
	for line := range strings.Lines(string(groups)) {
		// Such as 4:memory:/docker/1234 of version 1, and 0::/system.slice of version 2.
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		mount, name := "sys/fs/cgroup", "memory.max"
		switch {
		case parts[1] == "memory":
			mount, name = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case parts[0] != "0":
			continue
		}
		// In a container the path may be that of the host, and the group be the root here.
		for group := filepath.Join("/", parts[2]); ; group = filepath.Dir(group) {
			limit = min(limit, groupLimit(filepath.Join(root, mount, group, name)))
			if group == "/" {
				break
			}
		}
	}
	return limit
}

// groupLimit reads the limit of one group; without one it is the largest number.
func groupLimit(path string) int64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return math.MaxInt64
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	if err != nil || n <= 0 { // "max"
		return math.MaxInt64
	}
	return n
}
