module goalbot

go 1.26.0

require (
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/go-telegram-bot-api/telegram-bot-api/v5 v5.5.1
	github.com/rivo/uniseg v0.4.7
	golang.org/x/time v0.16.0
)
