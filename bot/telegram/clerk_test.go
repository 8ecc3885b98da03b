package telegram

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"goalbot/access"
	"goalbot/handlers"
	"goalbot/store"
)

// clerk is a handler that notes what it is asked, once for each key, as the
// store does.
type clerk struct {
	before func(context.Context, handlers.Request) error // may fail, wait or panic
	group  int64                                         // that may speak for itself

	mu        sync.Mutex
	keys      map[string]bool
	done      []string // what took effect
	files     []string // see filed
	failed    []string // what was given up
	strangers []string
	roles     map[int64]access.Role // of whom the menus are; Ann's and Bob's if nil
	changed   chan struct{}
}

func (c *clerk) Member(user int64) bool {
	return user == ann.ID || user == bob.ID || c.group != 0 && user == c.group
}

func (c *clerk) Roles() map[int64]access.Role {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.roles == nil {
		return map[int64]access.Role{ann.ID: access.Owner, bob.ID: access.Viewer}
	}
	return maps.Clone(c.roles)
}

func (c *clerk) RolesChanged() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// change makes people something else.
func (c *clerk) change(roles map[int64]access.Role) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roles = roles
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *clerk) Handle(ctx context.Context, req handlers.Request) error {
	if c.before != nil {
		if err := c.before(ctx, req); err != nil {
			return err
		}
	}
	return c.note(&c.done, req)
}

func (c *clerk) Seen(_ context.Context, key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys[key]
}

// Batch is for the tests of the real handlers.
func (c *clerk) Batch(context.Context, []handlers.Request) (int, error) { return 0, nil }

func (c *clerk) Failed(ctx context.Context, req handlers.Request) error {
	return c.note(&c.failed, req)
}

func (c *clerk) Stranger(ctx context.Context, req handlers.Request) error {
	if c.before != nil {
		if err := c.before(ctx, req); err != nil {
			return err
		}
	}
	return c.note(&c.strangers, req)
}

func (c *clerk) note(list *[]string, req handlers.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys[req.Key] {
		return store.ErrRepeat
	}
	if c.keys == nil {
		c.keys = map[string]bool{}
	}
	c.keys[req.Key] = true
	*list = append(*list, strings.TrimSpace(req.Name+" "+req.Args))
	return nil
}

// did checks what took effect, after everything has come to rest.
func (c *clerk) did(t *testing.T, want ...string) {
	t.Helper()
	if got := c.list(&c.done); !slices.Equal(got, want) {
		t.Errorf("took effect: %q, want %q", got, want)
	}
}

func (c *clerk) list(l *[]string) []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(*l)
}
