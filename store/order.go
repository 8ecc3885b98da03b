package store

// Order keeps an older reading of the store from replacing a newer one. Every
// reading begins after the commit that it is to show, so the one that began
// last shows all of them. Its user's lock guards it.
type Order struct{ begun, taken int }

// Begin begins a reading.
func (o *Order) Begin() (turn int) {
	o.begun++
	return o.begun
}

// Take reports whether the reading of that turn is the newest so far.
func (o *Order) Take(turn int) bool {
	if turn < o.taken {
		return false
	}
	o.taken = turn
	return true
}
