package palace

// overlap hands to consume what produce emits, in the same order, while produce goes on:
// what comes next is made beside what is done with it. It returns when both are done.
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
		for range made { // also when consume panics: nobody waits for it for ever
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
