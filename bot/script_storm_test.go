package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// chatter least most waits until the bot has said that much that was not heard
// yet, checks that it has not said more than that, and takes it for heard.
func (p *phone) chatter(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: chatter least most")
	}
	least, err1 := strconv.Atoi(args[0])
	most, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		ts.Fatalf("chatter: %v", err)
	}
	var said []spoken
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := p.server.Wait(ctx, func() bool {
		said = slices.DeleteFunc(p.spoken(), func(s spoken) bool { return p.heard[s.serial] })
		return len(said) >= least
	})
	var texts []string
	for _, s := range said {
		p.heard[s.serial] = true
		texts = append(texts, s.text)
	}
	if err != nil || len(said) > most {
		ts.Fatalf("the bot said something %d times, not %d to %d:\n%s", len(said), least, most, strings.Join(texts, "\n--\n"))
	}
}

// storm file duration writes nonsense into a file in place, each time another,
// 170 times a second.
func storm(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: storm file duration")
	}
	lasts, err := time.ParseDuration(args[1])
	ts.Check(err)
	end := time.After(lasts)
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		case <-time.After(time.Second / 170):
			// No two say the same: the alert of one would be the alert of the other.
			ts.Check(os.WriteFile(args[0], fmt.Appendf(nil, "[%d", i), 0o600))
		}
	}
}
