package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"goalbot/bot/config"
)

// This file writes profiles of the running bot for "go tool pprof": into the data
// folder, readable by the bot's user alone. None is ever served over the network.

const (
	profileFolder = "profiles" // beside the database
	profileSpan   = 30 * time.Second
	maxProfiles   = 15       // the newest files that are kept; each request writes three
	maxProfile    = 32 << 20 // bytes of one file; a larger profile is left out
)

// profiler writes profiles when it is asked to.
type profiler struct {
	dir  string        // the folder of the database
	span time.Duration // what a CPU profile covers
	log  *slog.Logger
}

func newProfiler(c config.Config, log *slog.Logger) *profiler {
	return &profiler{dir: filepath.Dir(c.PalaceFile()), span: profileSpan, log: log}
}

// run writes profiles for every request until ctx ends, and with atOnce without any
// for the first. Requests that come meanwhile are one.
func (p *profiler) run(ctx context.Context, requests <-chan os.Signal, atOnce bool) {
	if atOnce {
		p.write(ctx)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-requests:
			p.write(ctx)
		}
	}
}

// write writes a CPU profile of the time from now on, which ends early when ctx
// does, and then one of the heap and one of the goroutines.
func (p *profiler) write(ctx context.Context) {
	folder := filepath.Join(p.dir, profileFolder)
	p.log.Info("profiles are being written", "folder", folder, "for", p.span)
	names, err := p.record(ctx)
	if err != nil {
		p.log.Error("not all profiles could be written", "folder", folder, "err", err)
	}
	if len(names) > 0 {
		p.log.Info("profiles are written; read them with go tool pprof", "folder", folder, "files", strings.Join(names, " "))
	}
}

func (p *profiler) record(ctx context.Context) (names []string, err error) {
	root, err := p.folder()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	prefix := time.Now().UTC().Format("20060102T150405.000Z")
	var failed []error
	keep := func(kind string, record func(*bytes.Buffer) error) {
		var data bytes.Buffer
		name := prefix + "-" + kind + ".pprof"
		err := record(&data)
		if err == nil {
			err = writeProfile(root, name, data.Bytes())
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", kind, err))
			return
		}
		names = append(names, name)
	}
	keep("cpu", func(b *bytes.Buffer) error { return p.cpu(ctx, b) })
	keep("heap", func(b *bytes.Buffer) error {
		runtime.GC() // a heap profile tells how things stood at the last collection
		return pprof.Lookup("heap").WriteTo(b, 0)
	})
	keep("goroutine", func(b *bytes.Buffer) error { return pprof.Lookup("goroutine").WriteTo(b, 0) })
	return names, errors.Join(append(failed, sweepProfiles(root))...)
}

// folder opens the folder of the profiles, and makes it where it is missing. A
// link in its place that leads elsewhere is an error.
func (p *profiler) folder() (*os.Root, error) {
	dir, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	if err := dir.Mkdir(profileFolder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return dir.OpenRoot(profileFolder)
}

func (p *profiler) cpu(ctx context.Context, b *bytes.Buffer) error {
	if err := pprof.StartCPUProfile(b); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	select {
	case <-ctx.Done():
	case <-time.After(p.span):
	}
	return nil
}

func writeProfile(root *os.Root, name string, data []byte) error {
	if len(data) > maxProfile {
		return fmt.Errorf("it has %d bytes, and %d are kept", len(data), maxProfile)
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// sweepProfiles removes all but the newest profiles. What else lies there stays.
func sweepProfiles(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".pprof") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	var failed []error
	for _, name := range names[:max(0, len(names)-maxProfiles)] {
		failed = append(failed, root.Remove(name))
	}
	return errors.Join(failed...)
}
