package demo

// Patterns are all patterns that the page's handler knows.
func Patterns(o Options) (all []string) {
	for _, r := range routes(newPhone(o)) {
		all = append(all, r.pattern)
	}
	return all
}

// CookieName is the name of the key's cookie.
func (k Key) CookieName() string { return k.cookie() }
