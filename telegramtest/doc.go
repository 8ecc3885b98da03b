// Package telegramtest is a strict stand-in for Telegram's Bot API.
//
// A Server is an http.Handler that answers as api.telegram.org does for one bot, and at the same time the phones of the
// people who write to that bot: they say things, press buttons, block it. It promises
//
//   - to refuse what Telegram refuses, with Telegram's status, words and parameters, and where Telegram quietly mends a
//     mistake of the bot (overlapping entities, a button with two actions) to refuse that too;
//   - to refuse, and to say so, what the bot does not use: parse_mode, reply keyboards, texts for one language. A method
//     that the bot does not call is not found;
//   - to tell what Telegram passes over without a word although the bot can hardly have meant it (see
//     Server.Unexpected);
//   - to keep updates as Telegram does: handed out until a later getUpdates confirms them, forgotten after a day
//     (callback queries after 150 seconds), and in the order they happened;
//   - to fail on demand in every way the network and Telegram can fail (see Fault);
//   - to start no goroutine, listen on no port and read no clock but Config.Now and, for the length of a long poll, the
//     timers of the request that waits.
//
// It knows nothing of the bot that talks to it. All methods of Server may be called from many goroutines at once.
package telegramtest
