package demo

import (
	"net/http"

	"goalbot/telegramtest"
)

// A scene is what one window shows: a chat on the phone of one person.
type scene struct {
	*phone
	person telegramtest.User
	chat   telegramtest.Chat
	thread int // the topic; 0 in a forum is its general one
	names  sceneNames
}

// sceneNames are a scene as the page's addresses have it.
type sceneNames struct {
	As string `json:"as"`
	In string `json:"in"`
}

// A choice is one of the people or chats that the page can turn to.
type choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// people are whose phones there are.
func (p *phone) people() []choice {
	all := []choice{{"you", "You"}}
	if p.Guest.ID != 0 {
		all = append(all, choice{"guest", p.Guest.FirstName})
	}
	return all
}

// places are the chats that a person may be in.
func (p *phone) places() []choice {
	all := []choice{{"private", "Private"}}
	if p.Group.ID != 0 {
		all = append(all, choice{"group", "Group"})
		if p.Topic != 0 {
			all = append(all, choice{"topic", "Topic"})
		}
	}
	return all
}

// scene is the one that a request is about; its address says it in as and in. It reports false where there is no such
// one, and has answered then.
func (p *phone) scene(w http.ResponseWriter, r *http.Request) (scene, bool) {
	names := sceneNames{As: r.URL.Query().Get("as"), In: r.URL.Query().Get("in")}
	if names.As == "" {
		names.As = "you"
	}
	if names.In == "" {
		names.In = "private"
	}
	s := scene{phone: p, person: p.User, names: names}
	ok := has(p.people(), names.As) && has(p.places(), names.In)
	if names.As == "guest" {
		s.person = p.Guest
	}
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "There is no such person or chat in this demo.")
		return s, false
	case names.In == "private":
		s.chat = p.Server.Private(s.person)
	case names.In == "topic":
		s.chat, s.thread = p.Group, p.Topic
	default:
		s.chat = p.Group
	}
	return s, true
}

func has(all []choice, id string) bool {
	for _, c := range all {
		if c.ID == id {
			return true
		}
	}
	return false
}

// title is what the chat is called; a private one has no title.
func (s scene) title() string {
	if s.names.In == "topic" {
		return s.chat.Title + " · " + s.TopicName
	}
	return s.chat.Title
}

// inScene is a handler that is told the scene of its request.
func (p *phone) inScene(handle func(scene, http.ResponseWriter, *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, ok := p.scene(w, r); ok {
			handle(s, w, r)
		}
	})
}

// messages are what the scene shows.
func (s scene) messages() []telegramtest.Message {
	all := s.Server.Messages(s.chat.ID)
	if !s.chat.Forum {
		return all
	}
	var here []telegramtest.Message
	for _, m := range all {
		if m.Thread == s.thread {
			here = append(here, m)
		}
	}
	return here
}

// options are those of all that is said in the scene.
func (s scene) options() []telegramtest.Option {
	if s.thread == 0 {
		return nil
	}
	return []telegramtest.Option{telegramtest.InThread(s.thread)}
}
