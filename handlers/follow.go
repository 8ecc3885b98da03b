package handlers

import (
	"slices"
	"strconv"
	"strings"

	"goalbot/message"
)

// This file says what becomes of records when a group becomes a supergroup.

// FollowGroup says how a record is named and what it holds when the group with
// the id from has become the supergroup with the id to.
//
// What is about the chat, or about a person in it, goes along: the settings of
// a board, a question that somebody has yet to answer, a file that was offered.
// What is about a single message stays: the messages of the old group keep
// their numbers there, and in the new one others have them.
func FollowGroup(kind, name, value string, from, to int64) (newName, newValue string) {
	old, new := strconv.FormatInt(from, 10), strconv.FormatInt(to, 10)
	switch kind {
	case offerRecord, saidRecord, message.SentRecord, retiredRecord:
		return name, value
	}
	parts := strings.Split(name, "/")
	if len(parts) == 1 || slices.Contains(chatKinds, kind) {
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

// chatKinds are the kinds of records that are named by [call.questionName]: by
// the chat, the topic in it and the person, who is the chat where an admin is
// anonymous.
var chatKinds = []string{questionRecord, importRecord, fileRecord}
