package handlers

import "testing"

// The list of a hundred thousand goals, as many as there may be.
func BenchmarkPages(b *testing.B) {
	all := many(100_000)
	for b.Loop() {
		paginate(all, 0)
	}
}
