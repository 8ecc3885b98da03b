package health

import (
	"errors"
	"slices"

	"goalbot/alert"
	"goalbot/cache"
)

// Diagnose turns what a check of goals.json returned into findings: none for
// nil. It knows the errors of package cache.
func Diagnose(err error) []alert.Finding {
	if err == nil {
		return nil
	}
	return []alert.Finding{diagnose(err)}
}

func diagnose(err error) alert.Finding {
	if e, ok := errors.AsType[*cache.SerdeError](err); ok {
		return alert.Finding{Cause: alert.Malformed, Detail: e.Err.Error(), Excerpt: e.Err.Excerpt}
	}
	if e, ok := errors.AsType[*cache.TooLargeError](err); ok {
		return alert.Finding{Cause: alert.TooLarge, Detail: e.TooLarge()}
	}
	if _, ok := errors.AsType[*cache.MissingError](err); ok {
		return alert.Finding{Cause: alert.Missing, Detail: "The file does not exist, although there are goals."}
	}
	if e, ok := errors.AsType[*cache.MergeError](err); ok {
		return alert.Finding{Cause: alert.Differs, Detail: e.Differs()}
	}
	if e, ok := errors.AsType[*cache.DuplicateIDsError](err); ok {
		return alert.Finding{Cause: alert.DuplicateIDs, Detail: e.DuplicateIDs()}
	}
	if e, ok := errors.AsType[cache.AccessError](err); ok {
		writing, detail := e.Access()
		if writing {
			return alert.Finding{Cause: alert.Unwritable, Detail: detail}
		}
		return alert.Finding{Cause: alert.Unreadable, Detail: detail}
	}
	return alert.Finding{Cause: alert.Internal, Detail: "The check failed; the log says why."}
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
