package telegramtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// An object is a JSON object under construction.
type object = map[string]any

// reply is what goes over the wire.
type reply struct {
	status     int
	body       []byte
	retryAfter int
}

// A refusal says no as the Bot API words it.
type refusal struct {
	Code        int
	Description string
	RetryAfter  int   // parameters.retry_after, in seconds
	MigrateTo   int64 // parameters.migrate_to_chat_id
}

// bad is a 400. Telegram writes the first letter small unless the text is a code such as BUTTON_DATA_INVALID.
func bad(format string, args ...any) *refusal {
	text := fmt.Sprintf(format, args...)
	if len(text) > 1 && !isUpper(text[1]) && text[1] != '_' {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	return &refusal{Code: 400, Description: "Bad Request: " + text}
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func forbidden(text string) *refusal {
	return &refusal{Code: 403, Description: "Forbidden: " + text}
}

func tooMany(seconds int) *refusal {
	return &refusal{Code: 429, Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds), RetryAfter: seconds}
}

// success wraps a result. The extra field stands for all that Telegram may add one day: a decoder must pass over it.
func success(result any) reply {
	body := object{"ok": true, "result": result, "future_field": object{"of": []any{1, "unknown", nil}}}
	return reply{status: http.StatusOK, body: encode(body)}
}

func failure(err *refusal) reply {
	body := object{"ok": false, "error_code": err.Code, "description": err.Description}
	parameters := object{}
	if err.RetryAfter > 0 {
		parameters["retry_after"] = err.RetryAfter
	}
	if err.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = err.MigrateTo
	}
	if len(parameters) > 0 {
		body["parameters"] = parameters
	}
	return reply{status: err.Code, body: encode(body), retryAfter: err.RetryAfter}
}

// encode writes JSON. What it is given is built here, so that it cannot fail.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("telegramtest: encode an answer: %v", err))
	}
	return text
}

func write(w http.ResponseWriter, out reply) {
	w.Header().Set("Content-Type", "application/json")
	if out.retryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(out.retryAfter))
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // a client that has gone is no concern of Telegram's
}
