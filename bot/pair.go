package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/mdp/qrterminal/v3"

	"goalbot/handlers"
)

// invite prints a one-time link by which somebody becomes the owner.
func invite(members *handlers.Members, username string, out io.Writer) {
	link := fmt.Sprintf("https://t.me/%s?start=%s", username, members.NewCode(time.Now()))
	fmt.Fprintf(out, "\nNobody may use this bot yet. To become its owner, open this link on your phone and press Start:\n\n  %s\n\n", link)
	qrterminal.GenerateHalfBlock(link, qrterminal.L, out)
	fmt.Fprintf(out, "\nIt works once, for %d minutes, in a private chat.\n", int(handlers.CodeLasts.Minutes()))
}

// keepInviting lets a link that has run out be followed by another, as long as
// nobody may use the bot.
func keepInviting(ctx context.Context, members *handlers.Members, username string, out io.Writer) {
	for members.Wait(ctx, handlers.CodeLasts) && members.None() {
		invite(members, username, out)
	}
}
