package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/health"
	"goalbot/palace"
	"goalbot/store"
)

// A command that a signal ended exited with 0 when it hung: a check that had
// seen nothing said that all was sound. Red without the look at the context
// in runCheck, and with any other code.
func TestACommandThatASignalEndsIsNoSuccess(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for args, want := range map[string]int{
			"check": 128 + int(signal), "check --json": 128 + int(signal), "repair": 128 + int(signal),
			"restore": 128 + int(signal), "restore --backup x.db": 128 + int(signal), "": 0,
		} {
			ctx, end := context.WithCancelCause(t.Context())
			end(signaled{signal})
			root := t.TempDir()
			var stdout, stderr bytes.Buffer
			backup := backedUp(t, filepath.Join(root, "sm", "palace.db"))
			words := strings.Fields(strings.ReplaceAll(args, "x.db", backup))
			code := run(ctx, health.DefaultLimits(), words, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "DATA_ROOT=" + root}, &stdout, &stderr)
			if code != want {
				t.Errorf("%v: bot %s exits with %d, want %d\n%s%s", signal, args, code, want, &stdout, &stderr)
			}
			if want != 0 && (stdout.Len() > 0 || !strings.Contains(stderr.String(), "bot: ended by a signal before it was done: "+signal.String())) {
				t.Errorf("bot %s says\n%s%s", args, &stdout, &stderr)
			}
		}
	}
}

// backedUp makes a palace with one goal and returns a backup of it.
func backedUp(t *testing.T, file string) string {
	t.Helper()
	truth, err := palace.Open(t.Context(), file, palace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer truth.Close()
	err = truth.Update(t.Context(), store.Origin{Key: "add", Name: "addgoal", At: time.Now()}, func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "call mother"}, "g-00000001", time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	path, err := truth.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}
