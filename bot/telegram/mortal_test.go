package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"goalbot/palace"
	"goalbot/store"
)

// death ends a program at a step: at every seam between its parts, and between
// them and the world, it counts one. What is on the disk then is copied, and
// from then on nothing that the program does reaches Telegram. It is left to
// run as a ghost, on files that nobody looks at any more.
type death struct {
	from, to string // directories
	at       moment // the zero moment never comes

	mu   sync.Mutex
	came map[string]int // how often each step did
	dead bool
	err  error // of the copying
}

// moment is when a step comes for the nth time. Between things that go on
// beside one another that is the same in every run, unlike their order.
type moment struct {
	step string
	nth  int
}

var errDead = errors.New("the program is dead")

// comes counts a step and returns an error from the death on.
func (d *death) comes(step string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errDead
	}
	if d.came[step]++; d.at != (moment{step, d.came[step]}) {
		return nil
	}
	d.dead = true
	d.err = d.leave()
	return errDead
}

func (d *death) happened() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

// leave copies what a program that is killed leaves. The file comes first: it
// may be older than the palace and never newer.
func (d *death) leave() error {
	var files []string
	for _, pattern := range []string{"sm/.goals*", "sm/*", "palace.id", "palace.db", "palace.db-wal"} {
		found, err := filepath.Glob(filepath.Join(d.from, pattern))
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // a temporary file that is gone now
		}
		if err != nil {
			return err
		}
		to := filepath.Join(d.to, strings.TrimPrefix(path, d.from))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// mortalRoad is the way to Telegram.
type mortalRoad struct {
	*http.Transport
	*death
}

func (r mortalRoad) RoundTrip(req *http.Request) (*http.Response, error) {
	method := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
	if err := r.comes("before " + method); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := r.Transport.RoundTrip(req)
	if derr := r.comes("after " + method); derr != nil {
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return nil, derr
	}
	return resp, err
}

// mortalPalace stands between the mirror and the palace, and mortalStore between
// the handlers and the mirror. From the end of the one's update to that of the
// other's it is about the file; its own steps package cache tests.
type mortalPalace struct {
	*palace.Palace
	*death
}

func (p mortalPalace) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	return p.around(o.Name, func() error {
		return p.Palace.Update(ctx, o, func(tx store.Tx) error {
			err := f(tx)
			return errors.Join(err, p.comes("in an update, "+o.Name))
		})
	})
}

func (p mortalPalace) Batch(ctx context.Context, f func(store.Store) error) error {
	return p.around("many", func() error {
		return p.Palace.Batch(ctx, func(s store.Store) error {
			err := f(mortalStore{s, p.death, "one of many"})
			return errors.Join(err, p.comes("in an update, many"))
		})
	})
}

func (p mortalPalace) around(name string, do func() error) error {
	if err := p.comes("before an update, " + name); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, p.comes("after an update, "+name))
}

type mortalStore struct {
	store.Store
	*death
	name string // of the step that an update ends with
}

func (s mortalStore) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	err := s.Store.Update(ctx, o, f)
	return errors.Join(err, s.comes("after "+s.name+", "+o.Name))
}

func (s mortalStore) Batch(ctx context.Context, f func(store.Store) error) error {
	err := s.Store.Batch(ctx, f)
	return errors.Join(err, s.comes("after "+s.name+", many"))
}

// mortalOutbox stands between the sender and the outbox.
type mortalOutbox struct {
	settled
	*death
}

func (o mortalOutbox) around(what string, do func() error) error {
	if err := o.comes("before " + what); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, o.comes("after "+what))
}

func (o mortalOutbox) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	return o.around("a message is noted", func() error { return o.settled.Sent(ctx, id, f) })
}

func (o mortalOutbox) SentBatch(ctx context.Context, ids []int64) error {
	return o.around("messages are noted", func() error { return o.settled.SentBatch(ctx, ids) })
}

func (o mortalOutbox) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	return o.around("a message becomes a dead letter", func() error { return o.settled.MoveToDeadLetters(ctx, id, reason) })
}
