package main

import (
	"bytes"
	"context"
	"testing"
)

// A program that was told to stop while it was still starting ended with 1,
// which a supervisor takes for a crash.
func TestToldToStopWhileStarting(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stderr bytes.Buffer
	code := run(ctx, standard(), nil, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "DATA_ROOT=" + t.TempDir()}, &stderr, &stderr)
	if code != exitOK {
		t.Errorf("exit code %d:\n%s", code, stderr.String())
	}
}
