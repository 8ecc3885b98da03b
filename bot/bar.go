package main

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"goalbot/progress"
)

// This file shows on a terminal how far long work has come.

// leastShown is the number of goals or rows from which on progress is shown: less work
// is done before anybody has read it.
const leastShown = 1000

// watchProgress returns a context in which long work is shown on stderr where that
// is a terminal, and what takes it away again.
func watchProgress(ctx context.Context, stderr io.Writer) (context.Context, func()) {
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return ctx, func() {}
	}
	b := &bar{out: f}
	return progress.With(ctx, b.report), b.hide
}

// bar is what is shown.
type bar struct {
	out io.Writer

	mu    sync.Mutex
	work  progress.Work
	shown *progressbar.ProgressBar // nil for nothing
}

// report is a [progress.Func].
func (b *bar) report(work progress.Work, done, total int64) {
	if total < leastShown {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shown == nil || b.work != work || b.shown.GetMax64() != total {
		b.clear()
		b.work = work
		b.shown = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(string(work)),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(20), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetRenderBlankState(true))
	}
	_ = b.shown.Set64(done)
	if done == total {
		b.clear()
	}
}

// hide takes away what is shown, before something else is said.
func (b *bar) hide() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

func (b *bar) clear() {
	if b.shown != nil {
		_ = b.shown.Clear()
		b.shown = nil
	}
}
