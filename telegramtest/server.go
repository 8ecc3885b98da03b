package telegramtest

import (
	"cmp"
	"crypto/subtle"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Config says which bot the server belongs to. The zero value is a bot ready for use.
type Config struct {
	Token    string           // default "1234567890:" followed by 35 letters
	Username string           // default "goal_test_bot"; without the @
	Name     string           // what people see; default "Goals"
	Now      func() time.Time // dates of messages, and when updates and queries grow old; default time.Now

	// Hold is how long the second and later answers «terminated by other getUpdates request» are held back, and the
	// least wait of a getUpdates that repeats the offset of the one before. Telegram's is 3 s, which is the default;
	// a sixth of it is the time in which such a repetition gets one update only. Negative: neither is done.
	Hold time.Duration
}

// DefaultToken is the token of a Server whose Config names none.
const DefaultToken = "1234567890:AAStandInForTelegramStandInForTeleg"

// keepCalls is how many calls Calls remembers, so that a demonstration may run for weeks.
const keepCalls = 20_000

// A Server is one bot's Telegram: its Bot API and its people. Use New.
type Server struct {
	cfg Config

	mu      sync.Mutex
	changed chan struct{} // closed and replaced by touch
	closed  chan struct{}
	calls   []*Call
	serial  int // of the last call
	faults  []*armed
	lacks   map[string]bool // see Lacks

	queue queue

	chats       map[int64]*chat
	people      map[int64]*person
	lastMessage int // private chats and basic groups share one row of message ids, as in a real account
	taps        map[string]*Tap
	lastTap     int64
	files       map[string]*storedFile
	lastFile    int
	lastAlbum   int
	rates       rates
	profile     profile
	unexpected  []string
}

// New returns a server for one bot. It listens nowhere: give it to httptest.NewServer or an http.Server, and call Close
// before closing that one, for Close wakes the requests that wait.
func New(cfg Config) *Server {
	if cfg.Token == "" {
		cfg.Token = DefaultToken
	}
	if cfg.Username == "" {
		cfg.Username = "goal_test_bot"
	}
	if cfg.Name == "" {
		cfg.Name = "Goals"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Hold == 0 {
		cfg.Hold = 3 * time.Second
	}
	return &Server{
		cfg:     cfg,
		changed: make(chan struct{}),
		closed:  make(chan struct{}),
		queue:   newQueue(),
		chats:   map[int64]*chat{},
		people:  map[int64]*person{},
		taps:    map[string]*Tap{},
		files:   map[string]*storedFile{},
		profile: profile{commands: map[scope][]Command{}},
	}
}

// Close ends every request that waits, and every later one as soon as it would wait. It may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	s.touch()
}

// Changed is closed at the next change of anything: a call begins or ends, a message appears, an update is confirmed.
// Take it, look whether what you wait for is there, and only then wait.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// touch tells everyone who waits that something changed. s.mu is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Bot is the bot's own user, as getMe tells it.
func (s *Server) Bot() User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot()
}

func (s *Server) bot() User {
	name := cmp.Or(s.profile.name, s.cfg.Name)
	return User{ID: botID(s.cfg.Token), FirstName: name, Username: s.cfg.Username, IsBot: true}
}

// botID is the number a token begins with, which is the bot's user id.
func botID(token string) int64 {
	return leadingInt(token)
}

// wellFormed is the shape of a token. What has it but is not ours is «Unauthorized»; what has it not is «Not Found».
var wellFormed = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// isToken compares in constant time: other users of the machine may reach the server.
func (s *Server) isToken(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Token)) == 1
}

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>. Where the connection is to be cut it panics with
// http.ErrAbortHandler, which an http.Server understands.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		s.download(w, r, rest)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, method, found := strings.Cut(rest, "/")
	switch {
	case !ok || !found || !s.isToken(token) && !wellFormed.MatchString(token):
		write(w, failure(&refusal{Code: 404, Description: "Not Found"}))
		return
	case !s.isToken(token):
		write(w, failure(&refusal{Code: 401, Description: "Unauthorized"}))
		return
	}
	q, err := readQuery(w, r, method)
	call := s.begin(q)
	if err != nil {
		s.finish(call, failure(err))
		write(w, failure(err))
		return
	}
	fault := s.takeFault(call)
	var out reply
	if fault == nil {
		out, ok = s.answer(r, q, call)
		if !ok { // the client left, or the server was closed
			s.finish(call, reply{})
			panic(http.ErrAbortHandler)
		}
		s.finish(call, out)
		write(w, out)
		return
	}
	if fault.after {
		if out, ok = s.answer(r, q, nil); !ok {
			s.finish(call, reply{})
			panic(http.ErrAbortHandler)
		}
	}
	s.spoil(w, r, call, fault, out)
}

// answer carries the method out. It reports false if nobody waits for the answer any more. Unless call is nil it is done
// at the same moment: who sees a message also finds the call that sent it.
func (s *Server) answer(r *http.Request, q *query, call *Call) (out reply, ok bool) {
	if q.method == "getupdates" {
		return s.getUpdates(r.Context(), q)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if call != nil {
			call.done(out)
		}
		s.touch()
	}()
	handle := methods[q.method]
	if handle == nil {
		return failure(&refusal{Code: 404, Description: "Not Found: method not found"}), true
	}
	result, err := handle(s, q)
	if err != nil {
		return failure(err), true
	}
	return success(result), true
}

// methods are the methods of the Bot API the server knows, in lower case since Telegram ignores case. getUpdates is
// not among them because it alone waits.
var methods map[string]func(*Server, *query) (any, *refusal)

func init() {
	methods = map[string]func(*Server, *query) (any, *refusal){
		"getme":                  (*Server).getMe,
		"getmyname":              (*Server).getMyName,
		"setmyname":              (*Server).setMyName,
		"getmydescription":       (*Server).getMyDescription,
		"setmydescription":       (*Server).setMyDescription,
		"getmyshortdescription":  (*Server).getMyShortDescription,
		"setmyshortdescription":  (*Server).setMyShortDescription,
		"setmycommands":          (*Server).setMyCommands,
		"deletemycommands":       (*Server).deleteMyCommands,
		"setwebhook":             (*Server).setWebhook,
		"deletewebhook":          (*Server).deleteWebhook,
		"sendmessage":            (*Server).sendMessage,
		"senddocument":           sendFile("document"),
		"sendphoto":              sendFile("photo"),
		"sendvideo":              sendFile("video"),
		"sendaudio":              sendFile("audio"),
		"sendvoice":              sendFile("voice"),
		"sendvideonote":          sendFile("video_note"),
		"sendanimation":          sendFile("animation"),
		"setmessagereaction":     (*Server).setMessageReaction,
		"sendchataction":         (*Server).sendChatAction,
		"editmessagetext":        (*Server).editMessageText,
		"editmessagereplymarkup": (*Server).editMessageReplyMarkup,
		"answercallbackquery":    (*Server).answerCallbackQuery,
		"getchatmember":          (*Server).getChatMember,
		"getfile":                (*Server).getFile,
	}
}
