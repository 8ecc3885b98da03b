package main

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"
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
			end(told{signal})
			k := kept(t)
			var stdout, stderr bytes.Buffer
			backup := backedUp(t, k)
			words := strings.Fields(strings.ReplaceAll(args, "x.db", backup))
			code := run(ctx, standard(), words, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "DATA_ROOT=" + k.c.DataRoot}, &stdout, &stderr)
			if code != want {
				t.Errorf("%v: bot %s exits with %d, want %d\n%s%s", signal, args, code, want, &stdout, &stderr)
			}
			if want != 0 && (stdout.Len() > 0 || !strings.Contains(stderr.String(), "bot: ended by a signal before it was done: "+signal.String())) {
				t.Errorf("bot %s says\n%s%s", args, &stdout, &stderr)
			}
		}
	}
}

// backedUp makes a backup, closes the palace and returns the backup.
func backedUp(t *testing.T, k *keeper) string {
	t.Helper()
	path, err := k.truth.Backup(t.Context(), t.TempDir())
	if err == nil {
		err = k.truth.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
