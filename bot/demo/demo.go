// Package demo shows a chat with the bot as a phone does, in a browser.
//
// The phone talks to a stand-in for Telegram ([telegramtest.Server]) that the
// bot talks to as well; the bot itself cannot tell that from the real thing.
// The package promises
//
//   - to answer nobody who has not the [Key] of this run, and programs and
//     pages of this machine only, see [loopbackOnly];
//   - to hand every text to the page as data: what is shown is built from text
//     nodes, and the page's policy forbids scripts and styles but our own;
//   - to fetch nothing from elsewhere;
//   - to start no goroutine but the timer that ends an outage.
//
// Its Go half knows nothing of goals: a damaged file, or the file itself, comes
// from the functions it is given.
package demo

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"goalbot/telegramtest"
)

// Options say whose phone it is and what the page may do besides chatting.
// Only Key, Server and User are needed; a control without its function is not shown.
type Options struct {
	Key    Key // who has it not is answered nothing
	Server *telegramtest.Server
	User   telegramtest.User // the person on the phone

	// Guest is a second person, to whose phone the page can turn, and Group
	// a forum that both are in, with one topic besides the general one. What is
	// zero is not offered.
	Guest     telegramtest.User
	Group     telegramtest.Chat
	Topic     int
	TopicName string

	// Corrupt damages goals.json as an accident would, and DeleteFile takes it
	// away. Both return a line that says what was done.
	Corrupt    func() (string, error)
	DeleteFile func() (string, error)

	// MoveClock moves the clock of the bot ahead, and returns a line that says what
	// it shows then.
	MoveClock func(Move) (string, error)

	// File is goals.json as it is now. An error that is fs.ErrNotExist is shown
	// as a file that is not there.
	File func() ([]byte, error)
	Path string // where that file lies, to be shown

	// CheckEvery says in words how often goals.json is checked, as in
	// «every 10 seconds».
	CheckEvery string

	// Done, once closed, ends the requests that wait, so that an http.Server
	// can shut down.
	Done <-chan struct{}
}

// Move says how far to move the clock.
type Move string

// How far the page can move it.
const (
	Hour   Move = "hour"   // by one hour
	Day    Move = "day"    // to the same time tomorrow
	Monday Move = "monday" // to the next Monday at 9:00
)

//go:embed page
var files embed.FS

// New returns the handler of the page, which is at /, and of all that it asks
// for, which is below /demo/.
func New(o Options) http.Handler {
	if o.Key == "" {
		panic("demo: a page without a key")
	}
	mux := http.NewServeMux()
	for _, r := range routes(newPhone(o)) {
		mux.Handle(r.pattern, r.handler)
	}
	return loopbackOnly(withPolicy(o.Key.guard(mux)))
}

// WithTelegram adds Telegram's own addresses to the page's: /bot… and /file/bot…, where Options.Server answers whoever
// has the bot's token.
func WithTelegram(telegram, page http.Handler) http.Handler {
	telegram = loopbackOnly(telegram)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/bot") || strings.HasPrefix(r.URL.Path, "/file/bot") {
			telegram.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

type route struct {
	pattern string // as http.ServeMux takes it
	handler http.Handler
}

// routes are all addresses of the page.
func routes(p *phone) []route {
	assets, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the name is the one embedded above
	}
	index := func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, assets, "index.html") }
	nothing := func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "There is nothing at this address.")
	}
	return []route{
		{"GET /{$}", http.HandlerFunc(index)},
		{"GET /demo/page/", http.StripPrefix("/demo/page/", http.FileServerFS(assets))},
		{"GET /demo/events", p.inScene(scene.events)},
		{"POST /demo/say", p.inScene(scene.say)},
		{"POST /demo/edit", p.inScene(scene.edit)},
		{"POST /demo/tap", p.inScene(scene.tap)},
		{"POST /demo/document", p.inScene(scene.sendDocument)},
		{"GET /demo/document/{message}", p.inScene(scene.document)},
		{"GET /demo/photo/{message}", p.inScene(scene.photo)},
		{"POST /demo/outage", http.HandlerFunc(p.outage)},
		{"POST /demo/corrupt", p.accident(p.Corrupt)},
		{"POST /demo/clock", http.HandlerFunc(p.clock)},
		{"POST /demo/delete", p.accident(p.DeleteFile)},
		{"GET /demo/goals.json", http.HandlerFunc(p.goalsFile)},
		{"/", http.HandlerFunc(nothing)},
	}
}

// policy lets the page use what this server sends, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func withPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// Limits of what the page may send and is sent.
const (
	maxBody     = 256 << 10 // bytes of a request, files aside
	maxDocument = 50 << 20  // bytes of a file from the phone
	maxShown    = 500       // messages
	maxFile     = 256 << 10 // bytes of goals.json in the viewer
	maxOutage   = 10 * time.Minute
)
