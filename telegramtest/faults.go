package telegramtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Fault is a wrong answer. Give it to Fail. Unless it says otherwise the call has no effect: Telegram never saw it.
type Fault struct {
	kind   faultKind
	err    *refusal
	body   string
	status int
	size   int
	pause  time.Duration
	after  bool
}

type faultKind int

const (
	refuse faultKind = iota
	page             // a status and a body that is not the Bot API's
	hang
	cutOff
	half
	slow
	emptyUpdates
)

// After is the same fault, but the method is carried out first: the message is there, only the bot does not learn it.
func (f Fault) After() Fault {
	f.after = true
	return f
}

// Status refuses with a code and Telegram's words, as Status(400, "Bad Request: chat not found").
func Status(code int, description string) Fault {
	return Fault{err: &refusal{Code: code, Description: description}}
}

// TooManyRequests is the 429 that asks to wait so many seconds.
func TooManyRequests(retryAfter int) Fault { return Fault{err: tooMany(retryAfter)} }

// Blocked is the 403 of a person who blocked the bot.
func Blocked() Fault { return Fault{err: forbidden("bot was blocked by the user")} }

// Deactivated is the 403 of a person who deleted the account.
func Deactivated() Fault { return Fault{err: forbidden("user is deactivated")} }

// Kicked is the 403 of a group that removed the bot.
func Kicked() Fault { return Fault{err: forbidden("bot was kicked from the group chat")} }

// GroupDeleted is the 403 of a group that is no more.
func GroupDeleted() Fault { return Fault{err: forbidden("the group chat was deleted")} }

// Unauthorized is the 401 of a token that was revoked.
func Unauthorized() Fault { return Fault{err: &refusal{Code: 401, Description: "Unauthorized"}} }

// Conflict409 is the 409 of a second bot program with the same token.
func Conflict409() Fault { return Fault{err: errOtherPoll} }

// Migrate is the 400 of a basic group that became the supergroup newChatID.
func Migrate(newChatID int64) Fault { return Fault{err: migrated(newChatID)} }

// ServerErrorHTML is what a proxy in front of Telegram answers when Telegram is down: 502, 503 or 504 and a web page.
func ServerErrorHTML(status int) Fault {
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return Fault{kind: page, status: status, body: "<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" +
		text + "</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"}
}

// ServerErrorJSON is the same in the form of the Bot API, as a gateway answers that knows of it.
func ServerErrorJSON(status int) Fault { return Status(status, http.StatusText(status)) }

// Restart is what a Bot API server answers that is about to restart (Client::get_closing_error). The message may have
// been sent, as Restart().After() does it, or not.
func Restart() Fault { return Status(500, "Internal Server Error: restart") }

// SentAndDeleted is the answer to a message that went out, but was deleted before the Bot API server saw it in the chat,
// as by a bot that cleans up (Client::delete_message; issue 868). Its number is never told.
func SentAndDeleted() Fault {
	return Status(500, "Internal Server Error: sent message was immediately deleted and can't be returned").After()
}

// EditedButGone is the answer to an edit that was made, but whose message the Bot API server does not know any more
// (TdOnEditMessageCallback).
func EditedButGone() Fault { return Status(400, "Bad Request: message not found").After() }

// NoWriteAccess is the 400 of a chat that the bot may not change anything in (tdlib,
// DialogManager::check_dialog_access_in_memory).
func NoWriteAccess() Fault { return Status(400, "Bad Request: have no write access to the chat") }

// ReplyIDInvalid is Telegram's own 400 of a message that was to be replied to, see [Server.DeleteUnnoticed].
func ReplyIDInvalid() Fault { return Status(400, "Bad Request: REPLY_MESSAGE_ID_INVALID") }

// TopicClosed is the 400 of a closed topic, see [Server.CloseTopic].
func TopicClosed() Fault { return Status(400, "Bad Request: TOPIC_CLOSED") }

// Answer is any status and body, as the login page of a hotel's network.
func Answer(status int, body string) Fault { return Fault{kind: page, status: status, body: body} }

// Hang never answers; it ends when the client leaves or the server is closed.
func Hang() Fault { return Fault{kind: hang} }

// HangAfter carries the method out and never answers: the yes that was lost.
func HangAfter() Fault { return Hang().After() }

// EOF closes the connection without a byte.
func EOF() Fault { return Fault{kind: cutOff} }

// CutBody carries the method out, sends half of the answer and closes the connection.
func CutBody() Fault { return Fault{kind: half, after: true} }

// SlowBody carries the method out and sends the answer a byte at a time with a pause after each.
func SlowBody(pause time.Duration) Fault { return Fault{kind: slow, pause: pause, after: true} }

// HugeBody answers with one JSON object of about so many bytes.
func HugeBody(size int) Fault { return Fault{kind: page, status: http.StatusOK, size: size} }

// EmptyAtOnce answers getUpdates with no updates and without waiting. For other methods the result is true.
func EmptyAtOnce() Fault { return Fault{kind: emptyUpdates} }

type armed struct {
	method string // lower case; empty for any
	match  func(Call) bool
	left   int // negative for ever
	fault  Fault
}

// FailIf is Fail for the calls that match, and comes before it. match must not call the server.
func (s *Server) FailIf(match func(Call) bool, times int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if times != 0 {
		s.faults = append(s.faults, &armed{match: match, left: times, fault: f})
	}
}

// Fail makes the next times calls of a method answer with a fault; the empty name means any method, and a negative number
// until Heal. Faults of the same method come in the order they were given; those of a named method come first.
func (s *Server) Fail(method string, times int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if times != 0 {
		s.faults = append(s.faults, &armed{method: strings.ToLower(method), left: times, fault: f})
	}
}

// Heal takes back every fault given for that name; the empty name takes back all.
func (s *Server) Heal(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(a *armed) bool {
		return method == "" || a.match == nil && a.method == strings.ToLower(method)
	})
}

// takeFault finds the fault for a call and counts it.
func (s *Server) takeFault(call *Call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.ToLower(call.Method)
	for _, fits := range []func(*armed) bool{
		func(a *armed) bool { return a.match != nil && a.match(*call) },
		func(a *armed) bool { return a.match == nil && a.method == method },
		func(a *armed) bool { return a.match == nil && a.method == "" },
	} {
		i := slices.IndexFunc(s.faults, func(a *armed) bool { return a.left != 0 && fits(a) })
		if i < 0 {
			continue
		}
		found := s.faults[i]
		found.left--
		if found.left == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return &found.fault
	}
	return nil
}

// spoil gives the wrong answer. out is the right one, if the method was carried out.
func (s *Server) spoil(w http.ResponseWriter, r *http.Request, call *Call, f *Fault, out reply) {
	s.mu.Lock()
	call.Faulty = true
	s.touch()
	s.mu.Unlock()
	switch f.kind {
	case refuse:
		out = failure(f.err)
		s.finish(call, out)
		write(w, out)
	case page:
		s.finish(call, reply{status: f.status, body: []byte(f.body)})
		f.writePage(w)
	case emptyUpdates:
		out = success(true)
		if strings.EqualFold(call.Method, "getUpdates") {
			out = updatesReply(nil)
		}
		s.finish(call, out)
		write(w, out)
	case hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		s.finish(call, reply{})
		panic(http.ErrAbortHandler)
	case cutOff:
		s.finish(call, reply{})
		panic(http.ErrAbortHandler)
	case half:
		s.finish(call, reply{status: out.status, body: out.body[:len(out.body)/2]})
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(out.body)))
		w.WriteHeader(out.status)
		_, _ = w.Write(out.body[:len(out.body)/2])
		flush(w)
		panic(http.ErrAbortHandler)
	case slow:
		s.drip(w, r, out, f.pause)
		s.finish(call, out)
	}
}

func (f *Fault) writePage(w http.ResponseWriter) {
	if f.size == 0 {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte(f.body))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	_, _ = w.Write([]byte(`{"ok":true,"padding":"`))
	chunk := []byte(strings.Repeat("x", 1<<16))
	for left := f.size; left > 0; left -= len(chunk) {
		if _, err := w.Write(chunk[:min(left, len(chunk))]); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte(`","result":[]}`))
}

func (s *Server) drip(w http.ResponseWriter, r *http.Request, out reply, pause time.Duration) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(out.body)))
	w.WriteHeader(out.status)
	for i := range out.body {
		if _, err := w.Write(out.body[i : i+1]); err != nil {
			return
		}
		flush(w)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return
		case <-s.closed:
			timer.Stop()
			return
		}
	}
}

func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}
