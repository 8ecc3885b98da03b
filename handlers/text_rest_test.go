package handlers

import "testing"

// What stands behind a command is read to its end, or the command is refused:
// "/restore no" restored, "/unmute malformed" ended every mute and "/export csv
// 2025" sent everything.
func TestNoWordsBehindACommandArePassedOver(t *testing.T) {
	h := open(t)
	h.fake.kept = "goals.json.corrupt-1"
	for words, want := range map[string]string{
		"/restore no":                "/restore takes no words after it, so nothing was done.",
		"/restore from the backup":   "takes no words after it, so nothing was done.",
		"/unmute malformed":          "/unmute takes no words after it, so nothing was changed.",
		"/export csv 2025":           "I can send these: /export, /export markdown, /export csv.",
		"/export pdf":                "I can send these",
		"/undo 3":                    "takes no words",
		"/settings repeat 1h 30":     "must be a duration of at least 1m",
		"/settings quiet 22-7 daily": "must be two different times of the day",
		"/settings digest 8:00 pst":  "must look like 8:00",
	} {
		h.hear(words, want)
	}
	h.hear("/restore", "kept as goals.json.corrupt-1")
	h.hear("/unmute", "Unmute")
	h.hear("/export ＣＳＶ", "goals.csv")
}
