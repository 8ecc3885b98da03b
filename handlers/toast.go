package handlers

// Toasts are shown over the chat for a moment after a tap. They have at most
// 200 characters (Bot API, answerCallbackQuery).
const (
	// ToastPrivate is for a tap of which Telegram does not say where it was.
	ToastPrivate = "Telegram doesn't tell me which message this button is on, so I answer in our private chat."
	// ToastAnonymous is for an admin who writes as the group.
	ToastAnonymous = "You write here as the group, but Telegram passes taps on under your own name, which I don't know. Please type the command instead."
)
