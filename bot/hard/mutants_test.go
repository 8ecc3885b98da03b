//go:build linux

package hard

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A mutant is the program with one of its precautions taken away.
type mutant struct {
	name  string
	edits []edit
	files map[string]string // new ones
	suite func(program string) error
	root  bool // the suite mounts
}

// edit replaces the one place in a file that says old.
type edit struct{ file, old, new string }

// The suites that the mutants are given to. They are shorter than in earnest.
func byKills(program string) error {
	_, err := kill(program, 100, rand.Uint64())
	return err
}

func byStrangers(program string) error {
	_, err := strangers(program, 3000, true, rand.Uint64())
	return err
}

func byPowerCuts(program string) error {
	for _, m := range mounts[1:] { // the first hides it
		if _, err := powerCut(program, m.mkfs, m.options, 10, rand.Uint64()); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

var mutants = []mutant{
	{name: "goals.json is not synced", root: true, suite: byPowerCuts, edits: []edit{
		{"cache/file.go", "if err := w.Sync(); err != nil {", "if err := error(nil); err != nil {"},
	}},
	{name: "goals.json is written in place", suite: byKills, edits: []edit{
		{"cache/file.go", "old, err = f.swap(temp, target, st)", "err = os.WriteFile(target, data, mode)\n\t\tf.discard(temp)"},
	}},
	{name: "leftovers are not swept", suite: byKills, edits: []edit{
		{"cache/own.go", "if m.isOurs(path) {\n\t\t\tm.file.discard(path)", "if m.isOurs(path) {\n\t\t\tcontinue"},
	}},
	{name: "the file before the palace", suite: byKills, edits: []edit{
		{"cache/mirror.go", "return m.remember(tx, before) })\n", `
		if err := m.remember(tx, before); err != nil || len(goals.Diff(before, *tx.List())) == 0 {
			return err
		}
		m.encoded.update(*tx.List())
		st, old, err := m.file.replace(m.encoded.bytes())
		m.file.discard(old)
		m.base, m.based = st.withHash(hashOf(m.encoded.bytes())), err == nil
		return err
	})
`},
	}},
	{name: "an own older file is another program's", suite: byKills, edits: []edit{
		{"cache/mirror.go", "m.former = parseHashes(value)", "_ = value"},
	}},
	{name: "synchronous=NORMAL", root: true, suite: byPowerCuts, edits: []edit{
		{"palace/sqlite.go", `{"synchronous", "2"},`, `{"synchronous", "1"},`},
	}},
	{name: "no key", suite: byKills, edits: []edit{
		{"palace/update.go", "if seen {\n\t\t\treturn store.ErrRepeat", "if seen && false {\n\t\t\treturn store.ErrRepeat"},
		{"palace/sums.go", "INSERT INTO %s", "INSERT OR REPLACE INTO %s"},
	}},
	{name: "confirmed before it is committed", suite: byKills, edits: []edit{
		{"bot/telegram/handle.go", "for _, raw := range updates {\n", `for _, raw := range updates {
		if u, err := decode(raw); err == nil && u.ID > 0 {
			p.offset, p.moved = u.ID+1, now()
		}
	}
	p.confirm()
	for _, raw := range updates {
`},
	}},
	{name: "answered before it is committed", suite: byKills, edits: direct, files: map[string]string{
		"bot/telegram/mutant.go": now, "bot/mutant.go": directStore + `
func (t *tx) Send(m store.Message) error { return t.client.Now(t.ctx, m) }

func (d direct) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	return d.Store.Update(ctx, o, func(t store.Tx) error { return f(&tx{Tx: t, ctx: ctx, client: d.client}) })
}
`}},
	{name: "answered after the commit, past the outbox", suite: byKills, edits: direct, files: map[string]string{
		"bot/telegram/mutant.go": now, "bot/mutant.go": directStore + `
func (t *tx) Send(m store.Message) error { t.queue = append(t.queue, m); return nil }

func (d direct) Update(ctx context.Context, o store.Origin, f func(store.Tx) error) error {
	var mine *tx
	err := d.Store.Update(ctx, o, func(t store.Tx) error { mine = &tx{Tx: t}; return f(mine) })
	if mine != nil {
		for _, m := range mine.queue {
			_ = d.client.Now(ctx, m)
		}
	}
	return err
}
`}},
	{name: "answered before goals.json follows", suite: byKills, edits: []edit{
		{"cache/mirror.go", "Settled(ctx context.Context, f func() error) error {\n\tm.mu.Lock()\n\tdefer m.mu.Unlock()\n", "Settled(ctx context.Context, f func() error) error {\n\tif true {\n\t\treturn f()\n\t}\n"},
	}},
	{name: "anybody may tap", suite: byStrangers, edits: anybodyMay("Tap")},
	{name: "anybody may edit", suite: byStrangers, edits: anybodyMay("Edited")},
	{name: "any code pairs", suite: func(program string) error {
		_, err := strangers(program, 500, false, rand.Uint64())
		return err
	}, edits: []edit{
		{"handlers/codes.go", "value, err := c.tx.Record(inviteRecord, hash)\n", `records, err := c.tx.Records(inviteRecord)
	value := ""
	for _, v := range records {
		value = v
	}
`},
	}},
}

// anybodyMay takes the guards of one kind of request away: there are three.
func anybodyMay(kind string) []edit {
	return []edit{
		{"bot/telegram/handle.go", "req, member := a.req, p.handler.Member(a.req.From.ID)\n", "req, member := a.req, a.req." + kind + " || p.handler.Member(a.req.From.ID)\n"},
		{"handlers/handlers.go", "role := h.members.Role(req.From.ID)\n\tif role == 0 {\n", "role := h.members.Role(req.From.ID)\n\tif req." + kind + " {\n\t\trole = Owner\n\t}\n\tif role == 0 {\n"},
		{"handlers/handlers.go", "\t\tif c.role == 0 {\n\t\t\treturn errStranger\n", "\t\tif req." + kind + " {\n\t\t\tc.role = Owner\n\t\t}\n\t\tif c.role == 0 {\n\t\t\treturn errStranger\n"},
	}
}

// direct lets the handlers send by themselves.
var direct = []edit{{"bot/run.go", "handlers.New(diskGuard{refused.Of(mirror), file.Dir(), l},", "handlers.New(direct{roomy{refused.of(mirror), file.Dir(), l}, client},"}}

const (
	now = `package telegram

import (
	"context"

	"goalbot/store"
	"goalbot/message"
)

func (c *Client) Now(ctx context.Context, queued store.Message) error {
	m, err := message.Decode(queued.Body)
	if err == nil {
		_, err = c.send(ctx, queued.Chat, m)
	}
	return err
}
`
	directStore = `package main

import (
	"context"

	"goalbot/bot/telegram"
	"goalbot/store"
)

type direct struct {
	store.Store
	client *telegram.Client
}

func (d direct) Batch(_ context.Context, f func(store.Store) error) error { return f(d) }

type tx struct {
	store.Tx
	ctx    context.Context
	client *telegram.Client
	queue  []store.Message
}
`
)

// TestMutants takes one precaution after the other out of a copy of the
// program, and demands that a suite notices. A suite that lets one pass proves
// nothing, and a mutant that cannot be made any more must be made anew.
func TestMutants(t *testing.T) {
	named(t)
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if m.root {
				needs(t, "mkfs.ext4", "mkfs.xfs", "xfs_io", "mount", "umount")
			}
			tree := t.TempDir()
			must(t, copyTree("../..", tree))
			must(t, m.apply(tree))
			program, err := build(tree, t.TempDir())
			must(t, err)
			began := time.Now()
			err = m.suite(program)
			took := time.Since(began).Round(time.Second / 10)
			if err == nil {
				t.Fatalf("%-45s | NOT NOTICED in %v", m.name, took)
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			t.Logf("%-45s | %6v | %.160s", m.name, took, first)
		})
	}
}

// TestMutantsCanBeMade keeps the mutants up with the program.
func TestMutantsCanBeMade(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			tree := t.TempDir()
			must(t, copyTree("../..", tree))
			must(t, m.apply(tree))
		})
	}
}

func (e edit) apply(tree string) error {
	path := filepath.Join(tree, e.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), e.old); n != 1 {
		return fmt.Errorf("the mutant must be made anew: %s says %d times, not once: %s", e.file, n, e.old)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), e.old, e.new, 1)), 0o600)
}

// apply fails where the mutant cannot be made any more.
func (m mutant) apply(tree string) error {
	for _, e := range m.edits {
		if err := e.apply(tree); err != nil {
			return err
		}
	}
	for name, text := range m.files {
		if err := os.WriteFile(filepath.Join(tree, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies the sources that the program is built from.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (name == ".git" || name == filepath.Join("bot", "hard")):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !d.Type().IsRegular() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o600)
	})
}
