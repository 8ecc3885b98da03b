package main

import "testing"

func TestTheHeapHasRoomByWhatLivesInIt(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 3 << 20: 100, 4 << 20: 100, 8 << 20: 50, 16 << 20: 25, 120 << 20: 25} {
		if got := heapPercent(live); got != want {
			t.Errorf("with %d bytes it may grow by %d percent, want %d", live, got, want)
		}
	}
}
