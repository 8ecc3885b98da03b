package health

import (
	"context"

	"goalbot/alert"
)

// Posts returns what waits to be posted, the oldest first. It has been kept:
// a crash does not make it unsaid.
func (m *Monitor) Posts() []alert.Post {
	if waiting := m.posts.Load(); waiting != nil {
		return *waiting
	}
	return nil
}

// Posted forgets a post that was taken. Where that is not kept, it may come
// once more after a crash.
func (m *Monitor) Posted(ctx context.Context, id string) {
	if err := m.change(ctx, func(b *alert.State) { b.Posted(id) }); err != nil && ctx.Err() == nil {
		m.log.Error("it could not be kept that news was posted", "err", err)
	}
}
