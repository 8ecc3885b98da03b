package store

// Order keeps an older reading of the store from replacing a newer one. Every
// reading starts after the commit that it is to show, so the one that started
// last shows all of them. Its user's lock guards it.
type Order struct{ started, taken int }

// Begin starts a reading and numbers it.
func (o *Order) Begin() (number int) {
	o.started++
	return o.started
}

// Take reports whether the reading of that number is the newest so far.
func (o *Order) Take(number int) bool {
	if number < o.taken {
		return false
	}
	o.taken = number
	return true
}
