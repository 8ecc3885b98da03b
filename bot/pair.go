package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/mdp/qrterminal/v3"

	"goalbot/handlers"
)

// invite prints a one-time link by which somebody becomes the owner, and
// returns how long to wait before the next one.
func invite(ctx context.Context, answers *handlers.Handlers, username string, out io.Writer, log *slog.Logger) time.Duration {
	code, err := answers.NewCode(ctx, time.Now())
	if err != nil {
		log.Error("no pairing link could be made", "err", err)
		return time.Minute
	}
	link := fmt.Sprintf("https://t.me/%s?start=%s", username, code)
	fmt.Fprintf(out, "\nNobody may use this bot yet. To become its owner, open this link on your phone and press Start:\n\n  %s\n\n", link)
	qrterminal.GenerateHalfBlock(link, qrterminal.L, out)
	fmt.Fprintf(out, "\nIt works once, for %d minutes, in a private chat.\n", int(handlers.CodeLasts.Minutes()))
	return handlers.CodeLasts
}
