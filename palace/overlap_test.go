package palace

import (
	"slices"
	"testing"
)

func TestOverlapKeepsTheOrder(t *testing.T) {
	for _, n := range []int{0, 1, 128, 129, 5_000} {
		var want, got []int
		overlap(func(emit func(int)) {
			for i := range n {
				want = append(want, i)
				emit(i)
			}
		}, func(i int) { got = append(got, i) })
		if !slices.Equal(got, want) {
			t.Errorf("of %d there came %d, or in another order", n, len(got))
		}
	}
}

// A bug in a goal's encoding is the panic of one command, which is recovered, and not the
// end of the program. Red without the second panic, and as a hang without the deferred loop.
func TestAPanicOnEitherSideIsThatOfTheCaller(t *testing.T) {
	panics := func(f func()) (with any) {
		defer func() { with = recover() }()
		f()
		return nil
	}
	made := make(chan bool, 1)
	many := func(emit func(int)) {
		defer func() { made <- true }()
		for i := range 5_000 {
			emit(i)
		}
	}
	same(t, "panic", panics(func() { overlap(many, func(int) { panic("consumed") }) }), any("consumed"))
	<-made
	same(t, "panic", panics(func() {
		overlap(func(emit func(int)) { emit(1); panic("made") }, func(int) {})
	}), any("made"))
}
