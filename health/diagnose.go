package health

import (
	"errors"
	"slices"

	"goalbot/alert"
)

// Diagnose turns what a check of goals.json returned into findings: none for
// nil. An error tells its cause by one of these methods:
//
//	Malformed() (where, excerpt string)
//	TooLarge() (detail string)
//	Missing()
//	Differs() (detail string)
//	DuplicateIDs() (detail string)
//	Access() (writing bool, detail string)
func Diagnose(err error) []alert.Finding {
	var malformed interface {
		error
		Malformed() (where, excerpt string)
	}
	var large interface {
		error
		TooLarge() (detail string)
	}
	var missing interface {
		error
		Missing()
	}
	var differs interface {
		error
		Differs() (detail string)
	}
	var duplicate interface {
		error
		DuplicateIDs() (detail string)
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
		return []alert.Finding{{Cause: alert.Malformed, Detail: where, Excerpt: excerpt}}
	case errors.As(err, &large):
		return []alert.Finding{{Cause: alert.TooLarge, Detail: large.TooLarge()}}
	case errors.As(err, &missing):
		return []alert.Finding{{Cause: alert.Missing, Detail: "The file does not exist, although there are goals."}}
	case errors.As(err, &differs):
		return []alert.Finding{{Cause: alert.Differs, Detail: differs.Differs()}}
	case errors.As(err, &duplicate):
		return []alert.Finding{{Cause: alert.DuplicateIDs, Detail: duplicate.DuplicateIDs()}}
	case errors.As(err, &access):
		writing, detail := access.Access()
		if writing {
			return []alert.Finding{{Cause: alert.Unwritable, Detail: detail}}
		}
		return []alert.Finding{{Cause: alert.Unreadable, Detail: detail}}
	}
	return []alert.Finding{{Cause: alert.Internal, Detail: "The check failed; the log says why."}}
}

// inTurn are the causes that a check of goals.json looks for, one after the
// other. It ends with the first that it finds.
var inTurn = []alert.Cause{alert.Internal, alert.Unreadable, alert.TooLarge, alert.Malformed, alert.Missing, alert.DuplicateIDs, alert.Differs, alert.Unwritable}

// hiddenBy are the causes that such a check has not looked for when it found
// this one.
func hiddenBy(c alert.Cause) []alert.Cause {
	if i := slices.Index(inTurn, c); i >= 0 {
		return inTurn[i+1:]
	}
	return nil
}
