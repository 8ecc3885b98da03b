package access

import (
	"fmt"
)

// Role is what a person may do; each may do all that the lesser ones may.
type Role int

// The roles. Whoever has none is a stranger and gets no answer.
const (
	Viewer Role = iota + 1 // sees the goals
	Editor                 // changes them
	Owner                  // decides about people, files and settings
)

var roleNames = map[Role]string{Viewer: "viewer", Editor: "editor", Owner: "owner"}

func (r Role) String() string { return roleNames[r] }

// One is the role with its article, as in "an owner".
func (r Role) One() string {
	if r == Viewer {
		return "a viewer"
	}
	return "an " + r.String()
}

// MarshalText implements [encoding.TextMarshaler].
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Role) UnmarshalText(text []byte) error {
	for role, name := range roleNames {
		if name == string(text) {
			*r = role
			return nil
		}
	}
	return fmt.Errorf("there is no role %q", text)
}
