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
	over     string // the same when it is over; empty: goals.json is OK again
	question string // what is not known while it cannot be looked for
	advice   string // what there is to know or to do
	safely   string // the same where it is known that the palace is OK
	restore  bool   // writing the file anew helps
	warning  bool   // the file can be used all the same
	reasons  bool   // its detail is a reason, and another one is news
}

// What is said of the goals where something is wrong with goals.json.
const (
	safe   = "Your goals are safe in the bot's database"
	unsure = "I could not find out whether your goals are safe in the bot's database. I'll try again at every check."
)

// PalaceCauses are what must not be there for the goals to be safe.
var PalaceCauses = []Cause{PalaceDamaged, PalaceUnread, PalaceUnwritable}

var causes = map[Cause]cause{
	Malformed: {restore: true, reasons: true,
		headline: "goals.json is damaged and can't be read (Serde corruption)",
		safely:   safe + ". Restore rebuilds the file from there and keeps the current file beside it."},
	Unreadable: {restore: true, reasons: true,
		headline: "goals.json cannot be read",
		safely:   safe + ". Restore rebuilds the file from there and keeps the current file beside it."},
	TooLarge: {restore: true, reasons: true,
		headline: "goals.json is too large to read",
		safely:   safe + ". Restore rebuilds the file from there and keeps the current file beside it."},
	Missing: {restore: true,
		headline: "goals.json is missing",
		safely:   safe + ". Restore rebuilds the file from there."},
	Unwritable: {restore: true, reasons: true,
		headline: "goals.json cannot be updated and is out of date",
		safely:   safe + ", and commands still work. The file is updated as soon as it can be written again."},
	Differs: {restore: true, reasons: true,
		headline: "goals.json differs from the bot's database, and its changes cannot be imported",
		safely:   safe + ". I'll try again at every check. Restore rebuilds the file from there and keeps the current file beside it."},
	DuplicateIDs: {restore: true, warning: true, reasons: true,
		headline: "goals.json contains an id more than once",
		advice:   "Once a copy of the file can be kept, the newest version of each such goal wins and the file is rebuilt. I'll try again at every check."},
	Leftovers: {warning: true,
		headline: "There are leftover temporary files beside goals.json",
		question: "whether there are leftover temporary files beside goals.json",
		over:     "The temporary files beside goals.json are gone",
		advice:   "They do no harm but take up space. The bot removes its own when it restarts; you can delete all of them sooner."},
	Quarantine: {warning: true,
		headline: "There are many damaged files beside goals.json",
		question: "how many damaged files there are beside goals.json",
		over:     "There are few damaged files beside goals.json now",
		advice:   "They are named goals.json.corrupt-… and nothing reads them any more. Check whether one holds something you are missing, then move or delete them. If there are too many, I keep no more of them and leave goals.json as it is."},
	DiskLow: {warning: true,
		headline: "The disk that holds goals.json is nearly full",
		question: "how much space is left on the disk",
		over:     "The disk that holds goals.json has enough space again",
		advice:   "Please free some space. If it runs too low, I stop accepting changes so that nothing is lost."},
	PalaceUnwritable: {
		headline: "The bot's database cannot be written, so goals.json gets no changes",
		question: "whether the bot's database can be written",
		over:     "The bot's database can be written again",
		advice:   "What is already saved is safe. I refuse changes that I cannot save. I'll try again at every check."},
	PalaceDamaged: {reasons: true,
		headline: "The bot's database is damaged or missing",
		question: "whether the bot's database is OK",
		over:     "The bot's database is OK again",
		advice:   "No backups are made until this is fixed, so that no good backup is replaced."},
	PalaceUnread: {reasons: true,
		headline: "The bot's database could not be checked",
		over:     "The bot's database can be checked again",
		advice:   "I'll try again at every check. Until then no backup is made."},
	BackupsFailing: {warning: true,
		headline: "The bot's database cannot be backed up",
		question: "whether the bot's database can be backed up",
		over:     "The bot's database is backed up again",
		safely:   safe + ". I'll try again at every check."},
	PollStalled: {
		headline: "The bot that keeps goals.json gets nothing from Telegram",
		question: "whether Telegram can be reached",
		over:     "The bot that keeps goals.json hears from Telegram again",
		advice:   "Telegram keeps commands for a day. I'll keep trying."},
	TokenConflict: {
		headline: "Another program is using the token of the bot that keeps goals.json",
		question: "whether another program is using the bot's token",
		over:     "No other program is using the token of the bot that keeps goals.json any more",
		advice:   "Commands may reach that program instead. Stop it. If it is not yours, get a new token from @BotFather (/revoke) and set TELEGRAM_BOT_TOKEN."},
	OutboxStuck: {
		headline: "Messages from the bot that keeps goals.json are not being sent",
		question: "whether messages are being sent",
		over:     "Messages from the bot that keeps goals.json are being sent again",
		advice:   "They are kept in the bot's database, and I'll keep trying. /health shows how many there are."},
	Silent: {
		headline: "goals.json is no longer being checked",
		over:     "goals.json is being checked again",
		advice:   "If this continues, restart the bot."},
	Internal: {
		headline: "goals.json could not be checked",
		over:     "goals.json can be checked again",
		advice:   "I'll try again at every check. If this continues, restart the bot."},
	Test: {
		headline: "This is a test alert. It says nothing about the state of goals.json",
		over:     "The test is over. Alerts reach this chat.",
		advice:   "A real alert looks like this. The all-clear follows in a moment."},
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
