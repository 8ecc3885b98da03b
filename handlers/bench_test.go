package handlers

import (
	"testing"

	"goalbot/goals"
)

// The list of a hundred thousand goals, as many as there may be.
func BenchmarkPages(b *testing.B) {
	var all []goals.Found
	for _, g := range many(100_000) {
		all = append(all, goals.Found{Goal: g})
	}
	for b.Loop() {
		paginate(all, maxInList, false)
	}
}
