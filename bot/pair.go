package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/mdp/qrterminal/v3"

	"goalbot/access"
	"goalbot/handlers"
)

// usernames are what bots may be called (Telegram: 5 to 32 letters, digits and
// underscores), and a few more.
var usernames = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// pairing lets the first person in.
type pairing struct {
	members *access.Members
	truth   interface{ Doubtful() bool }
	answers *handlers.Handlers
	out     io.Writer
	log     *slog.Logger
}

// begin prints a link where nobody is in yet, and then, as a part of all, a new one
// when that has expired, until somebody is in or ctx ends.
func (p pairing) begin(ctx context.Context, all *sync.WaitGroup, username string) {
	if !p.members.None() {
		return
	}
	if p.truth.Doubtful() {
		p.log.Error("no pairing link is made: the list of people in the bot's database may be damaged; stop the bot and run: bot repair")
		return
	}
	wait := invite(ctx, p.answers, username, p.out, p.log)
	all.Go(func() {
		for p.members.Wait(ctx, wait) && p.members.None() {
			wait = invite(ctx, p.answers, username, p.out, p.log)
		}
	})
}

// invite prints a one-time link by which somebody becomes the owner, and
// returns how long to wait before the next one.
func invite(ctx context.Context, answers *handlers.Handlers, username string, out io.Writer, log *slog.Logger) time.Duration {
	code, err := answers.NewCode(ctx)
	if err != nil {
		log.Error("no pairing link could be made", "err", err)
		return time.Minute
	}
	if !usernames.MatchString(username) {
		// No server of Telegram's says so. What it is stays out of the terminal.
		fmt.Fprintf(out, "\nNobody may use this bot yet. To become its owner, send it this in a private chat:\n\n  /start %s\n\nIt works once, for %d minutes.\n", code, int(access.CodeLifetime.Minutes()))
		return access.CodeLifetime
	}
	link := fmt.Sprintf("https://t.me/%s?start=%s", username, code)
	fmt.Fprintf(out, "\nNobody may use this bot yet. To become its owner, open this link on your phone and press Start:\n\n  %s\n\n", link)
	qrterminal.GenerateHalfBlock(link, qrterminal.L, out)
	fmt.Fprintf(out, "\nIt works once, for %d minutes, in a private chat.\n", int(access.CodeLifetime.Minutes()))
	return access.CodeLifetime
}
