package health

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"goalbot/store"
)

// hang is what a disk does that neither works nor fails.
type hang struct{ atomic.Pointer[chan struct{}] }

func (h *hang) begin() {
	until := make(chan struct{})
	h.Store(&until)
}

func (h *hang) end() { close(*h.Swap(nil)) }

func (h *hang) wait() {
	if until := h.Load(); until != nil {
		<-*until
	}
}

// shelf is a store that keeps records and messages, and may refuse to.
type shelf struct {
	store.Store
	hangs   hang
	mu      sync.Mutex
	records map[string]string
	queued  []store.Message
	broken  error
	during  func() // called in every update
	full    bool   // too much waits to be sent
}

func (s *shelf) View(_ context.Context, f func(store.Tx) error) error {
	s.hangs.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&shelfTx{shelf: s, records: s.records})
}

func (s *shelf) Update(_ context.Context, _ store.Origin, f func(store.Tx) error) error {
	s.hangs.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.during != nil {
		s.during()
	}
	if s.broken != nil {
		return s.broken
	}
	tx := &shelfTx{shelf: s, records: maps.Clone(s.records)}
	if err := f(tx); err != nil {
		return err
	}
	s.records, s.queued = tx.records, append(s.queued, tx.sent...)
	return nil
}

func (s *shelf) Depth(context.Context) (store.Depth, error) {
	s.hangs.wait()
	return store.Depth{}, nil
}

type shelfTx struct {
	store.Tx
	*shelf
	records map[string]string
	sent    []store.Message
}

func (t *shelfTx) Record(kind store.Kind, name string) (string, error) {
	return t.records[string(kind)+"|"+name], nil
}

func (t *shelfTx) Records(kind store.Kind) (map[string]string, error) {
	found := map[string]string{}
	for key, value := range t.records {
		if name, ok := strings.CutPrefix(key, string(kind)+"|"); ok {
			found[name] = value
		}
	}
	return found, nil
}

func (t *shelfTx) SetRecord(kind store.Kind, name, value string) error {
	t.records[string(kind)+"|"+name] = value
	if value == "" {
		delete(t.records, string(kind)+"|"+name)
	}
	return nil
}

func (t *shelfTx) Send(m store.Message) error {
	if t.full {
		return fmt.Errorf("%w: 10000 messages wait", store.ErrOutboxFull)
	}
	t.sent = append(t.sent, m)
	return nil
}

type note struct {
	hangs hang
	mu    sync.Mutex
	data  []byte
}

func (n *note) Load() ([]byte, error) {
	n.hangs.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.data, nil
}

func (n *note) Save(data []byte) error {
	n.hangs.wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.data = data
	return nil
}

// patient is a file with a fault.
type patient struct {
	mu    sync.Mutex
	err   error
	looks func() // called in every look
	hangs hang
}

func (*patient) Path() string { return "/data/sm/goals.json" }
func (p *patient) Check(context.Context) error {
	p.hangs.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.looks != nil {
		p.looks()
	}
	return p.err
}
func (p *patient) Restore(context.Context) (string, error) {
	p.hangs.wait()
	return "", nil
}
