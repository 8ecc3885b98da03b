package store

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the kind of a record. Under a kind and a name the store keeps one value.
type Kind string

// The kinds of records, and what names and values of each are. A user, a chat and
// a message are named by their ids in decimal; a place is chat/topic/user.
const (
	// Who may use the bot: see package access.
	MemberRecord   Kind = "member"   // user: role, when they came, who invited them
	NameRecord     Kind = "name"     // user: what they were called last
	UsernameRecord Kind = "username" // user: what they are called behind an @, without it
	InviteRecord   Kind = "invite"   // hash of a code: what the code is good for; the code itself is kept nowhere

	SettingRecord  Kind = "setting"  // setting: the value that an owner has set in the chat
	PersonalRecord Kind = "personal" // user: the settings that they have made for themselves, by name
	NotifyRecord   Kind = "notify"   // user: "off" for who does not want to be told of changes to their goals
	ToldRecord     Kind = "told"     // user: what they were told lately that others did to their goals

	// What is open between a person and the bot.
	QuestionRecord Kind = "question"    // place: the pending questions, oldest first
	SaidRecord     Kind = "said"        // place: what each of the person's last messages did
	OfferRecord    Kind = "offer"       // token: a text that was offered as a goal
	AlbumRecord    Kind = "album"       // chat/album: what became of the files of an album
	ImportRecord   Kind = "import"      // place: the import that was proposed
	ImportedRecord Kind = "import-file" // place: the file that it is about
	ActionRecord   Kind = "action"      // user: the actions that can be undone, beside changes of goals
	UndoneRecord   Kind = "undone"      // user: the keys of the steps that can be redone, the last one at the end
	VanishedRecord Kind = "vanished"    // token: goals that another program left out of goals.json
	ConflictRecord Kind = "conflict"    // token: values of goals that were changed in two places

	// What stands in a chat.
	BoardRecord   Kind = "board"   // chat: what its board shows
	RetiredRecord Kind = "retired" // chat: the message that was its board before the present one
	SentRecord    Kind = "sent"    // tag/chat: the message in which something with a tag was delivered
	UploadRecord  Kind = "upload"  // tag/chat: when a file was asked for that may be on its way

	// What the program keeps for itself.
	MovedRecord    Kind = "moved"    // see MovedName: the supergroup that a group has become
	DigestRecord   Kind = "digest"   // "state": when a digest was sent last
	NoticesRecord  Kind = "notices"  // "series" and "news": the messages that another program's changes are folded into
	AlertRecord    Kind = "alert"    // "book" and "secret": the state of alerts, and the key that seals its copy
	ReplacedRecord Kind = "replaced" // hashes of the last versions of goals.json
	HandedRecord   Kind = "handed"   // machine/number: what a bot that does not lead hands over to the one that does
	BaseRecord     Kind = "base"     // slot, slot/goal or slot/lacks/span: a version of goals.json that another program may start from
)

// MovedName is the name of a [MovedRecord]. It is not the id alone, since records
// named by that follow the group.
func MovedName(chat int64) string { return "from/" + strconv.FormatInt(chat, 10) }

// FollowGroup says how a record is named and what it holds when the group with
// the id from has become the supergroup with the id to.
//
// What is about the chat, or about a person in it, goes along, also where the chat
// is one of several parts of the name. What is about a single message stays: the
// messages of the old group keep their numbers there, and in the new one others
// have them.
func FollowGroup(kind Kind, name, value string, from, to int64) (newName, newValue string) {
	old, new := strconv.FormatInt(from, 10), strconv.FormatInt(to, 10)
	parts := strings.Split(name, "/")
	switch kind {
	case OfferRecord, SaidRecord, SentRecord, UploadRecord, RetiredRecord, MovedRecord, HandedRecord, BaseRecord:
		return name, value
	case AlbumRecord:
		if parts[0] == old {
			parts[0] = new
		}
		return strings.Join(parts, "/"), value
	}
	if len(parts) == 1 || slices.Contains([]Kind{QuestionRecord, ImportRecord, ImportedRecord}, kind) {
		for i, part := range parts {
			if part == old {
				parts[i] = new
			}
		}
	}
	if value == old {
		value = new
	}
	return strings.Join(parts, "/"), value
}
