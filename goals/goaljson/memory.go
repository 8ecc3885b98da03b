package goaljson

// This file allocates memory for the goals in small pieces. See the package
// comment.

// keep copies a string.
func (d *decoder) keep(b []byte) string {
	const chunk = 8 << 10
	if len(b) > chunk/8 {
		return string(b)
	}
	if d.texts.Cap()-d.texts.Len() < len(b) {
		room := chunk
		if !d.many {
			room = min(chunk, len(b)+len(d.data)-d.i)
		}
		d.texts.Reset()
		d.texts.Grow(room)
	}
	n := d.texts.Len()
	d.texts.Write(b)
	return d.texts.String()[n:]
}

// A pool hands out small slices as parts of larger ones. The larger ones start
// small and double, because a single goal needs little.
type pool[T any] struct {
	free []T
	size int // of the last larger slice
}

func (p *pool[T]) take(n int) []T {
	const most = 32
	if n > most {
		return make([]T, n)
	}
	if n > len(p.free) {
		p.size = min(most, max(n, 2*p.size))
		p.free = make([]T, p.size)
	}
	taken := p.free[:n:n]
	p.free = p.free[n:]
	return taken
}

func (p *pool[T]) copyOf(list []T) []T {
	if len(list) == 0 {
		return nil
	}
	taken := p.take(len(list))
	copy(taken, list)
	return taken
}
