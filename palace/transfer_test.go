package palace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/store"
)

// allOf is all that a palace tells, and how many rows each table has.
func allOf(t *testing.T, p *Palace) string {
	t.Helper()
	text := fmt.Sprint(p.store, " ", p.committed.Load().revision, " ", listed(p.List()), waiting(t, p), "\n", chronicle(t, p))
	for _, g := range p.List().All() {
		text += fmt.Sprintf("%+v %v\n", g.Plan(), g.Print())
	}
	dead, err := p.DeadLetters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text += fmt.Sprintf("%+v\n", dead)
	for _, kind := range []store.Kind{"x", "kind", "member"} {
		text += fmt.Sprintf("%q\n", view(t, p, func(tx store.Tx) (map[string]string, error) { return tx.Records(kind) }))
	}
	for _, tb := range tables {
		var n int
		if err := p.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM "+tb.name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(tb.name, n)
	}
	return text
}

// The goals move from a file of an older version to a server, to another database
// there, and back into a file; all of them, and all that belongs to them. Nobody starts
// where they were.
func TestMove(t *testing.T) {
	file := Place{File: ofVersion2(t)}
	one, other := Place{file.File, postgrestest.Shared(t).URL(t)}, Place{file.File, postgrestest.Shared(t).URL(t)}
	same(t, "a file of an older version", moved(t, file, one).Kept != "", true)

	p := openPlace(t, one)
	update(t, p, origin("plan", 7), func(tx store.Tx) error {
		_, err := tx.List().SetPlan(2, noon, func(p *goals.Plan) error { p.Due = "2026-12-24"; return nil })
		return err
	})
	update(t, p, origin("record", 7), func(tx store.Tx) error { return tx.SetRecord("kind", `\x00`, "\xff") })
	add(t, p, "one\x00")
	want := allOf(t, p)
	p.Close()

	for _, way := range [][2]Place{{one, other}, {other, file}} {
		from, to := way[0], way[1]
		same(t, "an old file", moved(t, from, to).Kept, "")
		if _, err := from.Open(t.Context(), Options{}); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "have moved") {
			t.Errorf("a bot starts where the goals were: %v", err)
		}
		elsewhere := Place{filepath.Join(t.TempDir(), "palace.db"), from.URL}
		if _, err := elsewhere.Open(t.Context(), Options{}); !errors.Is(err, ErrIdentity) {
			t.Errorf("a bot on another machine starts where the goals were: %v", err)
		}
		p := openPlace(t, to)
		same(t, "all", allOf(t, p), want)
		wantErr(t, p.Check(t.Context()), nil)
		p.Close()
	}

	last := Place{file.File, postgrestest.Shared(t).URL(t)}
	m := moved(t, file, last)
	if _, err := file.Open(t.Context(), Options{}); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "set PALACE_URL") {
		t.Errorf("a bot starts where the goals were: %v", err)
	}
	was, err := OpenReadOnly(t.Context(), m.Kept)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	same(t, "what is kept", allOf(t, was), want)
	p = openPlace(t, last)
	same(t, "all", allOf(t, p), want)
	same(t, "what the move says", fmt.Sprint(m.Goals), p.List().Len())
	add(t, p, "another")
}

func moved(t *testing.T, from, to Place) Moved {
	t.Helper()
	m, err := from.Move(t.Context(), to, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if temps, _ := filepath.Glob(filepath.Join(filepath.Dir(to.File), tempPrefix+"*")); len(temps) > 0 {
		t.Errorf("left over: %v", temps)
	}
	return m
}

// A move that is refused changes nothing, and says what to do.
func TestMoveIsRefused(t *testing.T) {
	s := postgrestest.Shared(t)
	p := fresh(t)
	add(t, p, "one")
	p.Close()
	file := Place{File: p.path}
	on := func(sql string) Place {
		place := Place{file.File, s.URL(t)}
		if sql != "" {
			q := openPlace(t, Place{filepath.Join(t.TempDir(), "palace.db"), place.URL})
			add(t, q, "theirs")
			q.sql(t, sql)
			q.Close()
		}
		return place
	}
	led := on("SELECT 1")
	leader := openPlace(t, Place{filepath.Join(t.TempDir(), "palace.db"), led.URL})
	var leading sync.WaitGroup
	leads, stop := context.WithCancel(t.Context())
	leading.Go(func() { leader.KeepLease(leads) })
	defer leading.Wait()
	defer stop()
	damaged := on("UPDATE goals SET sum = 1 - sum")
	for name, c := range map[string]struct {
		from, to Place
		want     string
	}{
		"goals are there":       {file, on("SELECT 1"), "it holds goals already"},
		"newer":                 {file, on("UPDATE palace_version SET version = 99"), "version 99"},
		"another's tables":      {file, on("DROP TABLE palace_version, meta, goals, changes, events, applied, outbox, parked, records, lease, standbys; CREATE TABLE theirs (a int)"), `the table "theirs"`},
		"nobody answers":        {file, Place{file.File, "postgres://bot:CanaryPassword@127.0.0.1:1/goals"}, "does not answer"},
		"no URL":                {file, Place{file.File, "postgres://bot:CanaryPassword@127.0.0.1:x/goals"}, "not a PostgreSQL connection URL"},
		"a file to itself":      {file, file, "already"},
		"a file that is there":  {Place{file.File, led.URL}, file, "move it away"},
		"somebody leads":        {Place{filepath.Join(t.TempDir(), "palace.db"), led.URL}, on(""), "stop every bot"},
		"nothing is there":      {Place{filepath.Join(t.TempDir(), "palace.db"), on("").URL}, on(""), "there is none"},
		"no file is there":      {Place{File: filepath.Join(t.TempDir(), "palace.db")}, on(""), "there is no database"},
		"what is there is hurt": {Place{filepath.Join(t.TempDir(), "palace.db"), damaged.URL}, on(""), "bot repair"},
	} {
		_, err := c.from.Move(t.Context(), c.to, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	add(t, leader, "still")
	same(t, "list", listed(openPlace(t, file).List()), "#1 one ")
	same(t, "theirs", listed(leader.List()), "#1 theirs #2 still ")
}

// A server and a file that both have the goals are not chosen from.
func TestGoalsInTwoPlacesAreRefused(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one")
	backup, err := p.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := Restore(t.Context(), backup, place.File, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := place.Open(t.Context(), Options{}); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "move that file away") {
		t.Errorf("it goes on from the old state: %v", err)
	}
	if err := os.Remove(place.File); err != nil {
		t.Fatal(err)
	}
	openPlace(t, place)
}
