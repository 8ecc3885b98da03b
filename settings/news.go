package settings

import (
	"errors"
	"strings"

	"goalbot/goals"
)

// News is what another program may do to a goal that people are told of at once,
// in a message of its own.
type News struct{ Blocked, Failed, Verified bool }

// AllNews are all kinds.
var AllNews = News{true, true, true}

// kind returns the part of that name, nil where there is none.
func (n *News) kind(name string) *bool {
	switch name {
	case "blocked":
		return &n.Blocked
	case "failed":
		return &n.Failed
	case "verified":
		return &n.Verified
	}
	return nil
}

var newsKinds = []struct{ name, label string }{
	{"blocked", "🚧 A goal is blocked"}, {"failed", "❌ A task fails"}, {"verified", "🏁 Ready to close"},
}

// String is the form that [ParseNews] reads.
func (n News) String() string {
	var names []string
	for _, k := range newsKinds {
		if *n.kind(k.name) {
			names = append(names, k.name)
		}
	}
	if names == nil {
		return "off"
	}
	return strings.Join(names, ",")
}

// ParseNews reads names of kinds with commas or spaces between them, "all" or "off".
func ParseNews(value string) (n News, err error) {
	names := strings.FieldsFunc(goals.Fold(value), func(r rune) bool { return r == ',' || r == ' ' })
	switch {
	case len(names) == 1 && names[0] == "all":
		return AllNews, nil
	case len(names) == 1 && names[0] == "off":
		return News{}, nil
	}
	for _, name := range names {
		k := n.kind(name)
		if k == nil {
			names = nil
			break
		}
		*k = true
	}
	if len(names) == 0 {
		return News{}, errors.New("must be any of blocked, failed and verified, or all, or off")
	}
	return n, nil
}

// newsToggles are the kinds as buttons.
func newsToggles(v Values) (all []Toggle) {
	for _, k := range newsKinds {
		n := v.News
		part := n.kind(k.name)
		on := *part
		*part = !on
		all = append(all, Toggle{k.label, on, n.String()})
	}
	return all
}
