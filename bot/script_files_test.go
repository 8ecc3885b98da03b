package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// replaceInFile file old new replaces text in a file in place, as a person
// with an editor would.
func replaceInFile(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace file old new")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(data), args[1], args[2])), 0o600))
}

// twice file old new adds a copy of the one goal of goals.json that says new
// where it says old, in place and as a person with an editor would: with the
// id and the times as they were.
func twice(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: twice file old new")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	goal := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(string(data), "["), "]"))
	if !strings.Contains(goal, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte("["+strings.Replace(goal, args[1], args[2], 1)+",\n"+goal+"]"), 0o600))
}

// palaceSQL statement... does something to the palace behind everybody's back,
// as a disk does that flips bits.
func palaceSQL(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(alterDatabase(ts.MkAbs("data/sm/palace.db"), args...))
}

// alterDatabase runs statements on a database, each of which must change something.
func alterDatabase(path string, statements ...string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=writable_schema(1)")
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range statements {
		result, err := db.Exec(statement)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 && !strings.HasPrefix(statement, "CREATE") && !strings.HasPrefix(statement, "PRAGMA") && !strings.HasPrefix(statement, "DROP") {
			return fmt.Errorf("%s: changes nothing (%v)", statement, err)
		}
	}
	return nil
}

// noToken checks that nothing that the program wrote holds the token: its
// output so far, and every file below the work directory.
func noToken(ts *testscript.TestScript, neg bool, args []string) {
	secret := strings.Split(testToken, ":")[1]
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), secret) {
			ts.Fatalf("%s holds the token", name)
		}
	}
	err := filepath.WalkDir(ts.MkAbs("."), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && strings.Contains(string(data), secret) {
			err = fmt.Errorf("%s holds the token", path)
		}
		return err
	})
	ts.Check(err)
}
