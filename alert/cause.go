package alert

import (
	"maps"
	"slices"
)

// Cause is one thing that can be wrong. Each has an alert of its own.
type Cause string

// The causes.
const (
	Malformed    Cause = "malformed"     // the file can be read and does not load
	Unreadable   Cause = "unreadable"    // the file cannot be read
	TooLarge     Cause = "too-large"     // the file is larger than what is read
	Missing      Cause = "missing"       // there is no file although there are goals
	Unwritable   Cause = "unwritable"    // the file could not be replaced, or its directory does not allow it
	Differs      Cause = "differs"       // the file says what the palace does not take in
	DuplicateIDs Cause = "duplicate-ids" // the file holds an id more than once
	Leftovers    Cause = "leftovers"     // temporary files that nobody needs
	Quarantine   Cause = "quarantine"    // many files that did not load lie beside it
	DiskLow      Cause = "disk-low"      // there is little room left where the file is

	PalaceUnwritable Cause = "palace-unwritable" // the palace does not take what is to be kept
	PalaceDamaged    Cause = "palace-damaged"    // the palace fails its own check, or is not the one that belongs there
	PalaceUnread     Cause = "palace-unread"     // the palace could not be checked
	BackupsFailing   Cause = "backups-failing"   // the palace could not be backed up
	PollStalled      Cause = "poll-stalled"      // Telegram has not answered a poll for long
	TokenConflict    Cause = "token-conflict"    // another program polls with the same token
	OutboxStuck      Cause = "outbox-stuck"      // what is to be said does not leave
	Silent           Cause = "check-silent"      // the check itself does not run any more
	Internal         Cause = "internal"          // the check itself failed

	Test Cause = "test" // nothing is wrong: somebody wants to see an alert
)

// Finding is a cause that was found, with what a person needs to know of it.
type Finding struct {
	Cause   Cause  `json:"cause"`
	Detail  string `json:"detail"`            // where and why, in a line or two
	Excerpt string `json:"excerpt,omitempty"` // the place in the file, for a fixed-width face
	Degree  string `json:"degree,omitempty"`  // what is news when it changes, where the detail holds a measure
}

// cause is what there is to say of a cause whatever was found.
type cause struct {
	headline string // names the file and what is wrong, in plain words
	over     string // the same when it is over; empty: goals.json is sound again
	question string // what is not known while it cannot be looked for
	advice   string // what there is to know or to do
	safely   string // the same where it is known that the palace is sound
	restore  bool   // writing the file anew helps
	warning  bool   // the file can be used all the same
	reasons  bool   // its detail is a reason, and another one is news
}

// What is said of the goals where something is wrong with goals.json.
const (
	safe   = "Your goals are safe in my own store"
	unsure = "Whether your goals are safe in my own store I could not find out. I try again at every check."
)

// PalaceCauses are what must not be there for the goals to be safe.
var PalaceCauses = []Cause{PalaceDamaged, PalaceUnread, PalaceUnwritable}

var causes = map[Cause]cause{
	Malformed: {restore: true, reasons: true,
		headline: "goals.json is malformed and does not load (Serde corruption)",
		safely:   safe + ". Restore writes the file anew from there and keeps the present one beside it."},
	Unreadable: {restore: true, reasons: true,
		headline: "goals.json cannot be read",
		safely:   safe + ". Restore writes the file anew from there and keeps the present one beside it."},
	TooLarge: {restore: true, reasons: true,
		headline: "goals.json is too large to be read",
		safely:   safe + ". Restore writes the file anew from there and keeps the present one beside it."},
	Missing: {restore: true,
		headline: "goals.json is missing",
		safely:   safe + ". Restore writes the file anew from there."},
	Unwritable: {restore: true, reasons: true,
		headline: "goals.json cannot be rewritten and falls behind",
		safely:   safe + ", and commands go on working. As soon as I may write there the file follows by itself."},
	Differs: {restore: true, reasons: true,
		headline: "goals.json differs from the palace, which does not take it in",
		safely:   safe + ". I try again at every check. Restore writes the file anew from there and keeps the present one beside it."},
	DuplicateIDs: {restore: true, warning: true, reasons: true,
		headline: "goals.json holds an id more than once",
		advice:   "As soon as I can keep a copy, the newest of each such goal counts, and the file is written anew. I try again at every check."},
	Leftovers: {warning: true,
		headline: "Temporary files lie beside goals.json",
		question: "whether temporary files lie beside goals.json",
		over:     "The temporary files beside goals.json are gone",
		advice:   "They do no harm but take room. I remove them when I am started anew; you may delete them before that."},
	Quarantine: {warning: true,
		headline: "Many files that did not load lie beside goals.json",
		question: "how many files that did not load lie beside goals.json",
		over:     "Few files that did not load lie beside goals.json now",
		advice:   "They are called goals.json.corrupt-… and nothing reads them any more. Look whether one holds what you miss, then move them away or delete them. When there are too many I keep no more, and leave goals.json as it is."},
	DiskLow: {warning: true,
		headline: "The disk that holds goals.json is nearly full",
		question: "how much room is left on the disk",
		over:     "There is room again on the disk that holds goals.json",
		advice:   "Please make some room. Where it gets too little I take no more changes, so that nothing is lost."},
	PalaceUnwritable: {
		headline: "The palace cannot be written, so nothing new gets into goals.json",
		question: "whether the palace can be written",
		over:     "The palace can be written again",
		advice:   "What is saved already stays, and what I cannot save I refuse. Please look at the disk of my machine. I try again at every check."},
	PalaceDamaged: {reasons: true,
		headline: "The palace is damaged or gone",
		question: "whether the palace is sound",
		over:     "The palace is sound again",
		advice:   "No backup is made meanwhile, so that none from before is replaced."},
	PalaceUnread: {reasons: true,
		headline: "The palace could not be checked",
		over:     "The palace can be checked again",
		advice:   "I try again at every check, and make no backup meanwhile."},
	BackupsFailing: {warning: true,
		headline: "The palace cannot be backed up",
		question: "whether the palace can be backed up",
		over:     "The palace is backed up again",
		safely:   safe + ". I try again at every check."},
	PollStalled: {
		headline: "The bot that keeps goals.json does not hear Telegram",
		question: "whether Telegram is heard",
		over:     "The bot that keeps goals.json hears Telegram again",
		advice:   "Commands wait at Telegram for a day. I go on trying."},
	TokenConflict: {
		headline: "Another program besides the keeper of goals.json polls with this bot's token",
		question: "whether another program polls",
		over:     "Nobody but the keeper of goals.json polls with this bot's token any more",
		advice:   "Commands may reach the other one. Stop it; or, if it is not yours, ask @BotFather for a new token (/revoke) and set TELEGRAM_BOT_TOKEN."},
	OutboxStuck: {
		headline: "Messages of the bot that keeps goals.json do not leave",
		question: "whether messages leave",
		over:     "Messages of the bot that keeps goals.json leave again",
		advice:   "They wait in my own store, and I go on trying. /health says how many there are."},
	Silent: {
		headline: "goals.json is not checked any more",
		over:     "goals.json is checked again",
		advice:   "If this lasts, start the bot anew."},
	Internal: {
		headline: "goals.json could not be checked",
		over:     "goals.json can be checked again",
		advice:   "I try again at every check. If this lasts, start the bot anew."},
	Test: {
		headline: "This is a test alert: it does not say how goals.json is",
		over:     "That was the test. Alerts reach this chat.",
		advice:   "An alert that matters looks like this. The all-clear follows in a moment."},
}

// Question says what is not known while this cannot be looked for; it is empty
// where the check of goals.json itself tells.
func (c Cause) Question() string { return causes[c].question }

// Causes returns every cause.
func Causes() []Cause { return slices.Sorted(maps.Keys(causes)) }

func (c Cause) hasReasons() bool { return causes[c].reasons }

// Warning reports whether goals.json can be used although this is there.
func (c Cause) Warning() bool { return causes[c].warning }

// Warning reports whether goals.json can be used although this was found.
func (f Finding) Warning() bool { return f.Cause.Warning() }

// OfFile reports whether it is goals.json itself that something is wrong with.
func (f Finding) OfFile() bool { return causes[f.Cause].restore }

// Headline says in plain words what a finding means for goals.json.
func (f Finding) Headline() string {
	if c, ok := causes[f.Cause]; ok {
		return c.headline
	}
	return "goals.json is in danger: " + string(f.Cause)
}
