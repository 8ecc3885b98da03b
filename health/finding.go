package health

import "errors"

// Cause is one thing that can be wrong. Each has an alert of its own.
type Cause string

// The causes.
const (
	Malformed  Cause = "malformed"  // the file can be read and does not load
	Unreadable Cause = "unreadable" // the file cannot be read
	Missing    Cause = "missing"    // there is no file although there are goals
	Unwritable Cause = "unwritable" // the file could not be replaced
	// The palace is damaged, or not the one that belongs there.
	PalaceDamaged Cause = "palace-damaged"
	// The palace could not be backed up.
	BackupsFailing Cause = "backups-failing"
	Internal       Cause = "internal" // the check itself failed, as when the palace does not answer
)

// Finding is a cause that was found, with what a person needs to know of it.
type Finding struct {
	Cause   Cause  `json:"cause"`
	Detail  string `json:"detail"`            // where and why, in a line or two
	Excerpt string `json:"excerpt,omitempty"` // the place in the file, for a fixed-width face
}

// Diagnose turns what a check of goals.json returned into findings: none for
// nil. An error tells its cause by one of these methods:
//
//	Malformed() (where, excerpt string)
//	Missing()
//	Access() (writing bool, detail string)
func Diagnose(err error) []Finding {
	var malformed interface {
		error
		Malformed() (where, excerpt string)
	}
	var missing interface {
		error
		Missing()
	}
	var access interface {
		error
		Access() (writing bool, detail string)
	}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &malformed):
		where, excerpt := malformed.Malformed()
		return []Finding{{Malformed, where, excerpt}}
	case errors.As(err, &missing):
		return []Finding{{Cause: Missing, Detail: "There is no such file, although there are goals."}}
	case errors.As(err, &access):
		writing, detail := access.Access()
		if writing {
			return []Finding{{Cause: Unwritable, Detail: detail}}
		}
		return []Finding{{Cause: Unreadable, Detail: detail}}
	}
	return []Finding{{Cause: Internal, Detail: "The check itself failed; the log says why."}}
}

// OfFile reports whether it is goals.json itself that something is wrong with.
func (f Finding) OfFile() bool {
	return f.Cause != PalaceDamaged && f.Cause != BackupsFailing && f.Cause != Internal
}

// Headline says in plain words what a finding means.
func (f Finding) Headline() string {
	switch f.Cause {
	case Malformed:
		return "goals.json is malformed and does not load (Serde corruption)"
	case Unreadable:
		return "goals.json cannot be read"
	case Missing:
		return "goals.json is missing"
	case Unwritable:
		return "goals.json cannot be rewritten and falls behind"
	case PalaceDamaged:
		return "The palace is damaged or gone"
	case BackupsFailing:
		return "The palace cannot be backed up"
	}
	return "goals.json could not be checked"
}
