package palace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"goalbot/goals"
	"goalbot/postgrestest"
	"goalbot/progress"
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
	same(t, "goals that moved", m.Goals, p.List().Len())
	rows := 0
	for _, tb := range tables {
		var n int
		if err := p.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM "+tb.name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		rows += n
	}
	same(t, "rows that moved", m.Rows, rows)
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
	const another = "; nothing was changed: name an empty database, or a schema of its own with ?search_path=<name>"
	const dropAll = "DROP TABLE palace_version, meta, goals, changes, events, applied, outbox, parked, records, lease, standbys;"
	many := ""
	for i := range 7 {
		many += fmt.Sprintf("CREATE TABLE t%d (a int);", 3*i%7+1)
	}
	aFile := func(name string, data []byte) (palace string) {
		palace = filepath.Join(t.TempDir(), "palace.db")
		if err := os.WriteFile(palace+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return palace
	}
	whole, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	textFile, logged := aFile("", []byte("a diary")), aFile("-wal", []byte("a log"))
	hurt, theirs := aFile("", whole[:len(whole)/2]), filepath.Join(t.TempDir(), "palace.db")
	db, err := sql.Open("sqlite", theirs)
	if err == nil {
		_, err = db.Exec("CREATE TABLE diary (line text)")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to Place
		want     string
	}{
		"goals are there":       {file, on("SELECT 1"), ": it holds the list of another bot, with 1 goal" + another},
		"a list with no goal":   {file, on("UPDATE goals SET deleted = 1"), ": it holds the list of another bot, with 0 goals" + another},
		"newer":                 {file, on("UPDATE palace_version SET version = 99"), "version 99"},
		"an unreadable list":    {file, on("ALTER TABLE meta DROP COLUMN store"), ": it holds a list of the bot, which cannot be read" + another},
		"another's goals":       {file, on(dropAll + "CREATE TABLE goals (a int)"), `: it is not empty: it has the table "goals", which is not the bot's` + another},
		"another's table":       {file, on(dropAll + "CREATE TABLE theirs (a int)"), `: it is not empty: it has the table "theirs", which is not the bot's` + another},
		"another's tables":      {file, on(dropAll + many), `: it is not empty: it has 7 tables that are not the bot's: "t1", "t2", "t3", "t4", "t5", and 2 more` + another},
		"a server too old":      {file, Place{file.File, s.TCP(t, postgrestest.User, asVersion(t, s, "120005"), "sslmode", "disable")}, "too old"},
		"nobody answers":        {file, Place{file.File, "postgres://bot:CanaryPassword@127.0.0.1:1/goals"}, `: the PostgreSQL database "goals" at 127.0.0.1:1: the PostgreSQL server does not answer`},
		"no URL":                {file, Place{file.File, "postgres://bot:CanaryPassword@127.0.0.1:x/goals"}, ": a PostgreSQL database: it is not a PostgreSQL connection URL"},
		"a file to itself":      {file, file, "an SQLite file already, " + file.File + "; nothing was changed: name the URL of an empty PostgreSQL database, or set PALACE_URL"},
		"a file that is there":  {Place{file.File, led.URL}, file, ": it holds the list of this bot, with 1 goal; nothing was changed: move away " + file.File + ", then run the same command again"},
		"a file of others":      {Place{textFile, led.URL}, Place{File: textFile}, ": it is there already, and cannot be read as a database of the bot; nothing was changed: move away " + textFile + ", then"},
		"a damaged file":        {Place{hurt, led.URL}, Place{File: hurt}, ": it is there already, and cannot be read as a database of the bot; nothing was changed: move away " + hurt + ", then"},
		"another program's":     {Place{theirs, led.URL}, Place{File: theirs}, ": it is there already, and is not a database of the bot; nothing was changed: move away " + theirs + ", then"},
		"a log alone":           {Place{logged, led.URL}, Place{File: logged}, ": it is left of another database; nothing was changed: move away " + logged + "-wal, then"},
		"somebody leads":        {Place{filepath.Join(t.TempDir(), "palace.db"), led.URL}, on(""), "stop every bot"},
		"nothing is there":      {Place{filepath.Join(t.TempDir(), "palace.db"), on("").URL}, on(""), "there is none"},
		"no file is there":      {Place{File: filepath.Join(t.TempDir(), "palace.db")}, on(""), "there is no database"},
		"what is there is hurt": {Place{filepath.Join(t.TempDir(), "palace.db"), damaged.URL}, on(""), "bot repair"},
	} {
		_, err := c.from.Move(t.Context(), c.to, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Canary") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), tempPrefix) {
			t.Errorf("%s: %v", name, err)
		}
	}
	add(t, leader, "still")
	same(t, "list", listed(openPlace(t, file).List()), "#1 one ")
	same(t, "theirs", listed(leader.List()), "#1 theirs #2 still ")
}

// What somebody changes by hand while the goals are copied would be lost: they do not move.
func TestAMoveNoticesWhatIsChangedMeanwhile(t *testing.T) {
	p, place := onPostgres(t)
	add(t, p, "one")
	update(t, p, origin("x", 7), send(7, "hello"))
	p.Close()
	db := rawDB(t, place)
	change := sync.OnceFunc(func() {
		if _, err := db.Exec("DELETE FROM outbox"); err != nil {
			t.Error(err)
		}
	})
	told := map[progress.Work]bool{}
	ctx := progress.With(t.Context(), func(work progress.Work, _, _ int64) {
		told[work] = true
		if work == progress.Reading { // to be compared with what is copied
			change()
		}
	})
	_, err := place.Move(ctx, Place{File: place.File}, Options{})
	same(t, "how far it has come is told", fmt.Sprint(told[progress.Reading], told[progress.Copying]), "true true")
	if err == nil || !strings.Contains(err.Error(), "the copy of the table outbox is not the same: it has 0 rows, and should have 1") {
		t.Errorf("the error is: %v", err)
	}
	same(t, "list", listed(openPlace(t, place).List()), "#1 one ")
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
