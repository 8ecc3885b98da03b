package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/goals"
)

// Beside a busy bot one check in three hundred said that goals.json differs from
// the palace: at both of its two looks the bot was between a commit and the
// file. Broken on purpose, and it went red: one further look only, a difference
// that counts although the file moves, and one that does not although it does not.
func TestABusyBotIsNoDifference(t *testing.T) {
	list := func(n int) []*goals.Goal {
		if n == 0 {
			return nil
		}
		return []*goals.Goal{{Number: 1, ID: "g-1", Description: fmt.Sprint(n), Status: goals.Pending}}
	}
	// At every look the file and the palace are at some version of the list.
	at := func(file, palace int) sight {
		return sight{theirs: list(file), truth: goals.NewList(1, list(palace))}
	}
	for _, c := range []struct {
		name    string
		look    func(n int) sight // the first is 0
		differs bool
		lasts   time.Duration // less than
	}{
		{"the same", func(int) sight { return at(1, 1) }, false, 1},
		{"neither is there", func(int) sight { return at(0, 0) }, false, 1},
		{"the file follows soon", func(n int) sight { return at(1+min(n, 1), 2) }, false, time.Second},
		{"the first file is written soon", func(n int) sight { return at(min(n, 1), 1) }, false, time.Second},
		{"the file is always one behind", func(n int) sight { return at(n+1, n+2) }, false, 11 * time.Second},
		{"always one behind on a slow disk", func(n int) sight { return at(n/3+1, n/3+2) }, false, 11 * time.Second},
		{"always one behind, and then the bot rests", func(n int) sight { return at(min(n+1, 9), min(n+2, 9)) }, false, 3 * time.Second},
		{"the file stands still, the palace goes on", func(n int) sight { return at(1, n+2) }, true, 11 * time.Second},
		{"both stand still", func(int) sight { return at(1, 2) }, true, 2 * time.Second},
		{"there is no file", func(int) sight { return at(0, 2) }, true, 2 * time.Second},
		{"the bot rests, and they differ", func(n int) sight { return at(min(n+1, 5), min(n+2, 9)) }, true, 4 * time.Second},
		{"it does not load any more", func(n int) sight { s := at(1, 2); s.err = errors.New("no"); return s }, false, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, began := 0, time.Now()
			look := func() sight { n++; return c.look(n) }
			if _, differs := settle(t.Context(), c.look(0), look); differs != c.differs {
				t.Errorf("%s: differs is %v", c.name, differs)
			}
			if lasts := time.Since(began); lasts >= c.lasts {
				t.Errorf("%s: it took %v", c.name, lasts)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, differs := settle(ctx, at(1, 2), func() sight { return at(1, 2) }); !differs {
		t.Error("a check that is broken off says that they agree")
	}
}
