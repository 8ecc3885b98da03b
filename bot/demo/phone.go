package demo

import (
	"cmp"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"goalbot/telegramtest"
)

// phone is what all scenes share. They may be open in several windows at once.
type phone struct {
	Options

	mu      sync.Mutex
	changed chan struct{} // closed and replaced by touch, for what Server.Changed does not tell
	taps    []press       // those of the last tapLasts
	down    time.Time     // until then Telegram is out of order
	heal    *time.Timer
}

// press is a button that was pressed here.
type press struct {
	tap *telegramtest.Tap
	at  time.Time
}

// tapLasts is how long Telegram takes an answer to a callback query.
const tapLasts = 150 * time.Second

func newPhone(o Options) *phone {
	return &phone{Options: o, changed: make(chan struct{})}
}

// touch tells the open windows that something changed. p.mu is held.
func (p *phone) touch() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (s scene) find(id int) (telegramtest.Message, bool) {
	all := s.messages()
	i := slices.IndexFunc(all, func(m telegramtest.Message) bool { return m.ID == id })
	if i < 0 {
		return telegramtest.Message{}, false
	}
	return all[i], true
}

// replying turns the number of a message into the options of what is said. It reports false if that
// message is not there any more; 0 is no reply.
func (s scene) replying(id int) ([]telegramtest.Option, bool) {
	if id == 0 {
		return s.options(), true
	}
	if _, ok := s.find(id); !ok {
		return nil, false
	}
	return append(s.options(), telegramtest.ReplyTo(id)), true
}

const (
	goneWords  = "That message is not there any more."
	emptyWords = "There is nothing to send."
)

func (s scene) say(w http.ResponseWriter, r *http.Request) {
	var said struct {
		Text    string `json:"text"`
		ReplyTo int    `json:"reply_to"`
	}
	if !read(w, r, &said) {
		return
	}
	options, ok := s.replying(said.ReplyTo)
	if !ok {
		refuse(w, http.StatusNotFound, goneWords)
		return
	}
	m := s.Server.Say(s.chat, s.person, said.Text, options...)
	if m.ID == 0 {
		refuse(w, http.StatusBadRequest, emptyWords)
		return
	}
	answer(w, http.StatusOK, map[string]int{"message": m.ID})
}

func (s scene) edit(w http.ResponseWriter, r *http.Request) {
	var edited struct {
		Message int    `json:"message"`
		Text    string `json:"text"`
	}
	if !read(w, r, &edited) {
		return
	}
	m, ok := s.find(edited.Message)
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, goneWords)
		return
	case m.FromBot || m.From.ID != s.person.ID:
		refuse(w, http.StatusForbidden, "Only your own messages can be edited.")
		return
	case strings.TrimSpace(edited.Text) == words(m):
		answer(w, http.StatusOK, map[string]int{"message": m.ID}) // phones do not send what is the same
		return
	}
	if _, err := s.Server.Edit(s.chat, s.person, m.ID, edited.Text); err != nil {
		refuse(w, http.StatusBadRequest, "It has to be a text of 1 to 4096 characters.")
		return
	}
	answer(w, http.StatusOK, map[string]int{"message": m.ID})
}

func (s scene) tap(w http.ResponseWriter, r *http.Request) {
	var tapped struct {
		Message int    `json:"message"`
		Data    string `json:"data"`
	}
	if !read(w, r, &tapped) {
		return
	}
	tap, err := s.Server.Tap(s.chat, s.person, tapped.Message, tapped.Data)
	if err != nil {
		refuse(w, http.StatusNotFound, "That button is not there any more.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taps = append(s.recentTaps(), press{tap, time.Now()})
	s.touch()
	answer(w, http.StatusOK, map[string]string{"tap": tap.ID})
}

// recentTaps are the taps that may still be answered, or were not long ago.
// s.mu is held.
func (p *phone) recentTaps() []press {
	p.taps = slices.DeleteFunc(p.taps, func(t press) bool { return time.Since(t.at) > tapLasts })
	return p.taps
}

// sendDocument takes the file as the body, and its name, caption and the
// message it answers from the address. A form of another site cannot be of this
// content type.
func (s scene) sendDocument(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		refuse(w, http.StatusUnsupportedMediaType, "The request has to be application/octet-stream.")
		return
	}
	about := r.URL.Query()
	replyTo, _ := strconv.Atoi(about.Get("reply_to"))
	options, ok := s.replying(replyTo)
	if !ok {
		refuse(w, http.StatusNotFound, goneWords)
		return
	}
	caption := strings.ToValidUTF8(about.Get("caption"), "\uFFFD")
	if len([]rune(caption)) > 1024 {
		refuse(w, http.StatusBadRequest, "The text beside a file has at most 1,024 characters.")
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDocument))
	if tooLarge(w, err) {
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "The file did not arrive whole.")
		return
	}
	if len(data) == 0 {
		refuse(w, http.StatusBadRequest, "The file is empty. Telegram does not take empty files.")
		return
	}
	var m telegramtest.Message
	if isPicture(data) { // which a phone sends as a photo
		m = s.Server.Say(s.chat, s.person, cmp.Or(caption, telegramtest.Wordless), append(options, telegramtest.AsPicture(data))...)
	} else {
		m = s.Server.SendDocument(s.chat, s.person, fileName(about.Get("name")), data, caption, options...)
	}
	answer(w, http.StatusOK, map[string]int{"message": m.ID})
}

// fileName is what a phone tells of a file's name.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), `\`, "/"))
	if name == "." || name == "/" {
		return "file"
	}
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[:200])
	}
	return name
}

// document is a file of the chat, to be saved and never to be shown: a web page
// among them would run as ours.
func (s scene) document(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("message"))
	m, ok := s.find(id)
	f := m.File()
	if !ok || f == nil || m.Photo != nil {
		refuse(w, http.StatusNotFound, "There is no such file.")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(cmp.Or(f.Name, f.Kind))}))
	h.Set("Content-Length", strconv.Itoa(len(f.Data)))
	_, _ = w.Write(f.Data)
}

func (s scene) photo(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("message"))
	m, ok := s.find(id)
	if !ok || m.Photo == nil {
		refuse(w, http.StatusNotFound, "There is no such photo.")
		return
	}
	if !isPicture(m.Photo.Data) {
		refuse(w, http.StatusUnsupportedMediaType, "That is no picture.")
		return
	}
	w.Header().Set("Content-Type", http.DetectContentType(m.Photo.Data))
	_, _ = w.Write(m.Photo.Data)
}

func isPicture(data []byte) bool {
	return slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, http.DetectContentType(data))
}
