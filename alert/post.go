package alert

import (
	"slices"
	"strconv"
	"time"
)

// This file keeps the news for a machine that is told by other ways than
// Telegram. It waits in the state, so that it is kept in the same step as the
// state that it is about, and is forgotten when the other side has taken it.

// maxPosts is how many posts wait at most. There are fewer causes than that,
// so of those that are one too many one is always about a cause of which there
// is something newer: the last word about each cause waits for as long as it takes.
const maxPosts = 100

// Post is one piece of news, and the body of the POST that tells it.
type Post struct {
	ID     string    `json:"id"`   // never given twice; one that comes again after a crash has the same
	Kind   string    `json:"kind"` // firing, reminder, flapping or resolved
	Cause  Cause     `json:"cause"`
	Text   string    `json:"text"` // all of it in words
	Path   string    `json:"path"` // of goals.json
	Since  time.Time `json:"since"`
	Lasted float64   `json:"lasted_seconds"`
}

// Post lets news wait to be posted, and returns what does not wait any more
// because there is too much.
func (s *State) Post(news []Notice, path string) (dropped []Post) {
	s.Posts = slices.Clone(s.Posts)
	for _, n := range news {
		s.Posts = append(s.Posts, Post{
			ID:   strconv.FormatInt(s.Wall.UnixNano(), 36) + "-" + strconv.FormatInt(n.Alert.Mark, 36),
			Kind: n.Kind.String(), Cause: n.Alert.Cause, Text: n.words(path), Path: path, Since: n.Alert.Since, Lasted: n.Lasted.Seconds(),
		})
	}
	for len(s.Posts) > maxPosts {
		i := max(0, slices.IndexFunc(s.Posts, s.overtaken))
		dropped = append(dropped, s.Posts[i])
		s.Posts = slices.Delete(s.Posts, i, i+1)
	}
	return dropped
}

// overtaken reports whether something newer about the same cause waits too.
func (s *State) overtaken(p Post) bool {
	newest := p
	for _, o := range s.Posts {
		if o.Cause == p.Cause {
			newest = o
		}
	}
	return newest.ID != p.ID
}

// Posted forgets a post.
func (s *State) Posted(id string) {
	s.Posts = slices.DeleteFunc(slices.Clone(s.Posts), func(p Post) bool { return p.ID == id })
}
