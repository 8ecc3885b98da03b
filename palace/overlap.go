package palace

// overlap runs produce in a goroutine and calls consume for each value that it emits, in
// order, while produce goes on. It returns when both are done. A panic of either one is
// that of the caller.
func overlap[T any](produce func(emit func(T)), consume func(T)) {
	var panicked any
	made := make(chan []T, 4)
	go func() {
		defer close(made)
		defer func() { panicked = recover() }()
		var some []T
		produce(func(v T) {
			if some = append(some, v); len(some) == 128 {
				made <- some
				some = nil
			}
		})
		made <- some
	}()
	defer func() {
		for range made { // also when consume panics, or produce would block for ever
		}
	}()
	for some := range made {
		for _, v := range some {
			consume(v)
		}
	}
	if panicked != nil {
		panic(panicked)
	}
}
