package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// This file decides how much memory the heap may take beside what lives in it. By
// itself a Go program lets the heap double before it collects garbage, and for a long
// list that is more than the list itself. GOGC, where it is set, decides instead, and
// GOMEMLIMIT is honoured as ever.

const (
	startPercent = 50      // until it is known how long the list is
	leastPercent = 25      // collecting takes time, however little is garbage
	heapRoom     = 4 << 20 // bytes, which the heap may always grow by
)

// limitHeap is for the beginning of the program.
func limitHeap() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(startPercent)
	}
}

// tuneHeap gives back what the start needed, and goes by how much lives in the heap
// from then on, until ctx ends.
func tuneHeap(ctx context.Context) {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		metrics.Read(live)
		debug.SetGCPercent(heapPercent(live[0].Value.Uint64()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// heapPercent is by how much the heap may grow, in percent of the bytes that live.
func heapPercent(live uint64) int {
	return int(min(max(heapRoom*100/max(live, 1), leastPercent), 100))
}
