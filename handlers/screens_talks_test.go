package handlers

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// The files of testdata/screens hold what a person sees, a screen each: what
// they said or tapped, and all that is answered. They are there to be read.

// step is something said or tapped. With a screen it is written there, without
// one it only leads on.
//
// "tap Label" presses a button of the latest message, "edit words" alters what
// Ann said last, "reply words" answers the latest message, "forward Bob: words"
// passes on what Bob said, "Vera: words" is said by Vera in her own chat, and
// "group: words" by Ann in a group.
type step struct {
	say, screen string
	do          func(*house) []message.Message // instead of saying anything
}

// talk is a conversation. One in a house that goes by the real clock says so:
// its times are not written.
type talk struct {
	house func(*testing.T) *house
	live  bool
	steps []step
}

// talks lead through all screens.
func talks() []talk {
	with := func(all ...*goals.Goal) func(*testing.T) *house {
		return func(t *testing.T) *house { return open(t, all...) }
	}
	return []talk{
		{with(), false, []step{
			{"/start", "start", nil}, {"/help", "help", nil}, {"/help done", "help-command", nil}, {"/help wether", "help-unknown", nil}, {"/help add", "help-suggestion", nil},
			{"/goals", "board-empty", nil}, {"/done", "which-none-at-all", nil}, {"/stats", "stats-empty", nil}, {"/export", "export-empty", nil},
			{"/history", "history-empty", nil}, {"/undo", "undo-nothing", nil}, {"/cancel", "cancel-nothing", nil}, {"/search", "search-asks", nil},
			{"/weather", "unknown", nil}, {"/gaols", "unknown-suggestion", nil}, {"/list", "unknown-other-name", nil}, {"", "no-words", nil},
			{"/addgoal", "add-asks", nil}, {"call mother", "added", nil}, {"edit call father", "changed-by-edit", nil},
			{"/addgoal", "", nil}, {"/cancel", "cancelled", nil}, {"/done 1", "", nil}, {"/goals", "board-nothing-open", nil},
			{"reopen father", "offer-without-slash", nil}, {"How do I sort my goals?", "offer-question", nil}, {"yes", "yes-to-nothing", nil}, {"thanks", "thanks", nil}, {"buy milk", "offer-line", nil}, {"tap Add as", "offer-taken", nil}, {"tap Undo", "undo-tapped-added", nil},
			{"the report\n- three pages\n- read by somebody", "offer-lines", nil}, {"tap 3 goals", "offer-taken-each", nil},
			{"forward Bob: look at this", "offer-forwarded", nil}, {"tap Add as", "offer-taken-forwarded", nil},
			{"/goal 1", "", nil}, {"reply he is at home", "offer-reply", nil}, {"tap Add as a note", "offer-taken-note", nil},
		}},
		{with(sample()...), false, []step{
			{"/goals", "board-open", nil}, {"tap Blocked", "board-blocked", nil}, {"tap Done", "board-done", nil}, {"tap All", "board-all", nil},
			{"/goals pending", "board-to-do", nil}, {"/goals begun", "board-in-progress", nil}, {"/goals abandoned", "board-abandoned", nil},
			{"/goal 1", "card-pending", nil}, {"/goal 2", "card-in-progress", nil}, {"/goal 3", "card-blocked", nil},
			{"/goal 4", "card-done", nil}, {"/goal 5", "card-abandoned", nil}, {"/goal 6", "card-tasks", nil},
			{"/search report figures", "search", nil}, {"/search pyramids", "search-nothing", nil},
			{"/stats", "stats", nil}, {"/export", "export-json", nil}, {"/export markdown", "export-markdown", nil}, {"/export csv", "export-csv", nil}, {"/export pdf", "export-unknown", nil},
			{"/done the", "which-matches", nil}, {"/done pyramids", "which-nothing", nil}, {"/done 99", "which-no-number", nil}, {"/begin", "which-asks", nil},
		}},
		{with(sample()...), false, []step{
			{"/begin 1", "started", nil}, {"/begin 1", "started-already", nil}, {"/block 1 rain", "blocked", nil}, {"/reopen 1", "reopened", nil},
			{"/abandon 1 too late", "abandoned", nil}, {"/reopen 1", "", nil}, {"/done 1", "done", nil}, {"/done 1", "done-already", nil},
			{"/undo", "undo", nil}, {"tap Redo", "redo", nil}, {"/undo 1", "undo-takes-no-words", nil}, {"/reopen 1", "", nil},
			{"/rename 1", "rename-asks", nil}, {"call father", "renamed", nil}, {"/note 1", "note-asks", nil}, {"he is away", "noted", nil},
			{"/criterion 1", "criterion-asks", nil}, {"he laughs", "criterion-added", nil},
			{"/note 1 " + strings.Repeat("a long story ", 30), "", nil}, {"/goal 1", "card-long-note", nil}, {"/undo", "", nil},
			{"/done 6", "done-not-verified", nil}, {"tap Done anyway", "done-anyway", nil}, {"/reopen 6", "", nil},
			{"/done 1 4 6", "done-several", nil}, {"/history", "history", nil}, {"/history 1", "history-goal", nil},
			{"/delete 2", "delete-asks", nil}, {"tap Keep", "", nil}, {"tap Delete", "", nil}, {"tap Delete", "deleted", nil}, {"tap Undo", "undo-tapped-deleted", nil},
			{"/goal 2", "", nil}, {"tap Done", "done-not-ticked", nil}, {"tap Done anyway", "done-tapped", nil}, {"tap Reopen", "reopened-tapped", nil},
			{"tap Block", "block-asks", nil}, {"tap without", "blocked-tapped", nil},
			{"/addgoal " + strings.Repeat("long ", 201), "add-too-long", nil},
		}},
		{with(sample()...), false, []step{
			{"/goal 2", "", nil}, {"tap ☐ 2", "ticked-tapped", nil}, {"tap Undo", "undo-tapped-ticked", nil}, {"/tick 2", "tick-asks", nil}, {"/tick 2 1", "ticked", nil}, {"/goals", "", nil},
			{"/tick 2 2", "ticked-all", nil}, {"/tick 2 1", "unticked", nil}, {"/done 2", "", nil}, {"/tick 2 3", "tick-no-such", nil}, {"/tick 1 1", "tick-no-criteria", nil}, {"/history 2", "history-ticks", nil},
			{"/edit 2", "edit-asks", nil}, {"tap three pages", "edit-asks-text", nil}, {"four pages", "edited-criterion", nil}, {"/edit 2", "", nil}, {"tap read by", "", nil}, {"tap Remove it", "removed-criterion", nil},
			{"/due 1", "due-asks", nil}, {"tap Tomorrow", "due-tapped", nil}, {"/due 1", "due-asks-again", nil}, {"every monday 9:00", "due-repeats", nil}, {"/goals", "board-dates", nil}, {"/goals due", "board-due", nil}, {"/goals overdue", "board-overdue-none", nil}, {"/goal 1", "card-date", nil},
			{"/done 1", "done-repeats", nil}, {"/undo", "", nil}, {"/due 1 off", "due-off", nil}, {"/due 1 some day", "due-unread", nil}, {"/due 1 3/4", "due-ambiguous", nil}, {"tap Cancel", "", nil},
			{"/addgoal call the dentist tomorrow at 9", "added-with-date", nil}, {"tap Without date", "added-without-date", nil}, {"/addgoal meet Ann tomorrow at 5", "added-perhaps-with-date", nil}, {"call the vet tomorrow at 9", "offer-with-date", nil}, {"tap Without date", "", nil},
			{"/remind 1", "remind-asks", nil}, {"fri 9:00", "remind-set", nil}, {"/remind 1", "remind-asks-again", nil}, {"tap No reminder", "remind-off", nil}, {"/remind 1 blue", "remind-unread", nil}, {"/remind 1 3/4", "remind-ambiguous", nil}, {"tap Cancel", "", nil},
			{"", "reminder", func(h *house) []message.Message {
				return h.reminderAt("2026-03-02 09:00", 1)
			}},
			{"tap evening", "reminder-snoozed", nil},
			{"", "reminders", func(h *house) []message.Message { return h.reminderAt("2026-03-02 10:00", 1, 2, 3) }},
			{"/history 1", "history-reminders", nil},
			{"/edit 2 c2 x", "edit-no-such", nil}, {"/edit 2 c1 -", "", nil}, {"/edit 3", "edit-asks-note", nil}, {"/edit 1", "edit-nothing", nil},
		}},
		{with(sample()...), false, []step{
			{"/next", "next", nil}, {"tap Another", "next-another", nil}, {"tap Another", "", nil}, {"tap Another", "next-all", nil}, {"tap ☐ Tick it", "next-ticked", nil}, {"tap ☐ Tick it", "next-ticked-all", nil},
			{"/today", "today", nil}, {"/due 1 today", "", nil}, {"/due 3 tomorrow", "", nil}, {"/due 6 tomorrow at 18:00", "", nil},
			{"", "", func(h *house) []message.Message { h.now = h.now.Add(24 * time.Hour); return nil }},
			{"/today", "today-due", nil},
			{"tap Finish", "today-finish", nil}, {"tap ✅ #1", "today-finished", nil}, {"tap ✅ #6", "today-finish-asks", nil}, {"tap Done anyway", "", nil}, {"tap Undo", "", nil}, {"/undo", "", nil},
			{"/tick 2 2", "", nil}, {"/goals", "", nil}, {"tap Next steps", "board-steps", nil}, {"tap ☐ #2", "board-ticked", nil}, {"tap Finish", "board-finish", nil}, {"tap ✅ #2", "board-finished", nil}, {"tap Finish", "board-finish-over", nil}, {"/reopen 2", "", nil},
			{"/done 1 2 anyway", "", nil}, {"/abandon 6", "", nil}, {"/next", "next-unblock", nil}, {"/abandon 3", "", nil}, {"/next", "next-nothing", nil},
		}},
		{with(sample()...), false, []step{
			{"/goal 1", "", nil}, {"photo in reply", "attached", nil}, {"file report.pdf in reply see page 3", "attached-with-note", nil}, {"voice in reply", "", nil}, {"reply https://example.org/report", "attached-link", nil}, {"/goal 1", "card-attachments", nil}, {"/goals", "board-attachments", nil},
			{"/goal 1", "", nil}, {"tap 📎 1", "attachment", nil}, {"/file 1", "attachments", nil}, {"/file 1 4", "attachment-link", nil}, {"/file 2", "attachments-none", nil}, {"/file 1 7", "attachment-no-such", nil}, {"group: /file 1 3", "attachment-group", nil},
			{"photo", "attach-which", nil}, {"tap #1", "attached-tapped", nil}, {"photo buy milk", "offer-with-photo", nil}, {"tap Add as", "offer-taken-photo", nil}, {"photo /attach 1 the receipt", "attached-by-caption", nil},
			{"/attach 1", "attach-asks", nil}, {"no link", "attach-refused", nil}, {"/edit 1", "edit-asks-attachment", nil}, {"tap report.pdf", "edit-asks-name", nil}, {"the report", "edited-attachment", nil}, {"/edit 1 f1 -", "removed-attachment", nil}, {"/history 1", "history-attachments", nil}, {"/attach", "attach-asks-which", nil},
		}},
		{with(sample()...), false, []step{
			{"/tags", "tags-none", nil}, {"/addgoal read Dune #reading #home", "", nil}, {"/addgoal paint the fence #home", "", nil}, {"/goals", "board-tags", nil}, {"tap Tags", "tags", nil}, {"tap #home", "board-tag", nil}, {"/goals #reading #home", "board-two-tags", nil}, {"#reading", "", nil}, {"/goals #nothing", "board-no-tag", nil},
			{"/pin 8", "pinned", nil}, {"/top 7", "moved-top", nil}, {"/up 7", "moved-already", nil}, {"/down 7", "moved-down", nil}, {"/goals", "board-pinned", nil}, {"/goal 7", "", nil}, {"tap Move", "order", nil}, {"tap Up", "order-up", nil}, {"tap Pin", "order-pinned", nil}, {"/pin 1", "", nil}, {"/pin 6", "pin-too-many", nil}, {"/unpin 8", "unpinned", nil}, {"/unpin 8", "unpinned-already", nil}, {"/history 7", "history-order", nil}, {"/next", "", nil},
		}},
		{with(sample()...), false, []step{
			{"/review", "review-nothing", nil}, {"/done 1", "", nil}, {"/park 2", "parked", nil}, {"/goals", "board-parked", nil}, {"/goal 2", "card-parked", nil}, {"/park 2 off", "parked-off", nil}, {"/park 2 yesterday", "parked-over", nil}, {"/begin 6", "", nil}, {"/addgoal learn the flute", "", nil}, {"/begin 7", "", nil}, {"/due 6 tomorrow", "", nil},
			{"/review", "review-week", nil},
			{"", "", func(h *house) []message.Message { h.now = h.now.Add(15 * 24 * time.Hour); return nil }},
			{"/review", "review", nil}, {"tap #3 is stuck", "stuck-one", nil}, {"tap Unblock", "stuck-unblocked", nil}, {"tap #2: Still on it", "stuck-still", nil}, {"tap Park", "stuck-parked", nil}, {"tap Undo", "stuck-undone", nil}, {"/history 2", "history-parked", nil},
			{"", "stuck-unasked", func(h *house) []message.Message {
				h.must(h.h.Review(h.t.Context(), h.now))
				h.now = h.now.Add(15 * 24 * time.Hour)
				h.must(h.h.Review(h.t.Context(), h.now))
				return h.spoken()[:1]
			}},
		}},
		{with(), false, []step{
			{"read 10 books", "offer-count", nil}, {"tap Add and count", "offer-taken-count", nil}, {"/addgoal run 35 km", "added-count", nil}, {"tap Count", "count-tapped", nil},
			{"/log 2 +2", "logged", nil}, {"/log 2", "log-asks", nil}, {"tap +5", "logged-answered", nil}, {"/goals", "board-counts", nil}, {"/goal 2", "card-count", nil}, {"tap +1", "logged-tapped", nil}, {"tap Chart", "chart", nil}, {"/goal 2", "", nil}, {"tap +1", "", nil}, {"tap Undo", "undo-tapped-logged", nil},
			{"/done 2", "done-not-counted", nil}, {"tap Cancel", "", nil}, {"/log 2 34,5", "", nil}, {"/log run +0,5", "logged-reached", nil}, {"/log 2 +3", "logged-beyond", nil}, {"/history 2", "history-counts", nil},
			{"/log 2 1,000", "log-unclear", nil}, {"/log 2 a bit", "log-unread", nil}, {"/log 2 3 books", "log-unit", nil}, {"/log 2 +99999999999", "log-large", nil}, {"/log 2 off", "log-off", nil}, {"/log 2 +1", "log-not-counted", nil},
			{"/addgoal get from 90 to 80 kg", "added-count-down", nil}, {"tap Count", "", nil}, {"/log 3 88.5", "logged-down", nil}, {"/goal 3", "card-count-down", nil}, {"tap Chart", "chart-down", nil},
			{"/addgoal save money", "", nil}, {"/log 4", "log-asks-target", nil}, {"500 €", "log-target-answered", nil}, {"/log 4 of 5000", "log-target-set", nil}, {"/goal 4", "card-count-large", nil}, {"reply +100", "logged-by-reply", nil}, {"reply 250", "offer-log", nil}, {"tap Log 250", "logged-by-offer", nil},
			{"/done 4 anyway", "", nil}, {"/log 4 +1", "log-closed", nil},
		}},
		{with(sample()...), false, []step{
			{"/goal 2", "", nil}, {"reply 2", "ticked-by-reply", nil}, {"reply #1", "", nil},
			{"/verify 6", "verify-which-task", nil}, {"2", "", nil}, {"/undo", "", nil},
			{"/verify 6 upload https://example.org/log?a=1&b=2", "verified", nil}, {"/verify 6 2", "verified-already", nil}, {"/fail 6 2 the log is of another day", "failed", nil},
			{"/goal 6", "card-evidence", nil}, {"tap Verify", "verify-which-task-tapped", nil}, {"tap 2. upload", "verify-asks", nil}, {"tap Skip", "verified-tapped", nil}, {"tap Undo", "undo-tapped-verified", nil},
			{"tap Failed", "fail-asks", nil}, {"the wire is cut", "failed-answered", nil},
			{"/verify 6 2 by hand", "", nil}, {"/verify 6 announce told everybody", "verified-all", nil}, {"tap Done", "done-when-verified", nil},
			{"/verify 6", "verified-all-already", nil}, {"/verify 1", "verify-no-tasks", nil}, {"/link 1", "link-asks", nil}, {"find her number", "linked", nil}, {"/link 1 Find her  number", "linked-already", nil},
			{"/verify 1 3", "verify-no-such-task", nil}, {"/history 6", "history-evidence", nil}, {"/fail call", "failed-only", nil},
		}},
		{with(sample()[:3]...), false, []step{
			{"group: /goals", "group-board", nil}, {"group: /done 1", "group-done", nil}, {"/settings reactions on", "settings-reactions", nil}, {"group: /reopen 1", "group-reaction", nil}, {"group: /addgoal", "group-add-asks", nil},
		}},
		{func(t *testing.T) *house { h := people(t); h.say("/addgoal call mother"); return h }, true, []step{
			{"tap ✅ Done", "group-denied-tap", func(h *house) []message.Message {
				req := h.request("/goal 1")
				req.Chat = Chat{ID: group}
				tap := h.tapped(h.one(req), "Done")
				tap.From, tap.Chat = Person{ID: viewer, Name: "Vera"}, req.Chat
				return h.do(tap)
			}},
		}},
		{with(plain(25)...), false, []step{
			{"/goals", "board-page-1", nil}, {"tap Page 2", "board-page-2", nil}, {"tap #12", "", nil}, {"tap List", "board-back", nil},
			{"/begin goal", "which-many", nil},
		}},
		{with(plain(4)...), false, []step{
			{"tap ✅ Done", "conflict", func(h *house) []message.Message {
				card := h.say("/goal 1")
				h.one(h.at(ben, "/rename 1 goal one"))
				return h.do(h.tapped(card, "Done"))
			}},
			{"tap ✅ Done", "conflict-gone", func(h *house) []message.Message {
				card := h.say("/goal 2")
				h.one(h.at(ben, "/delete 2 yes"))
				return h.do(h.tapped(card, "Done"))
			}},
			{"/done 1 3 4", "", nil}, {"Ben: /reopen 1", "", nil}, {"Ben: /note 3 see the photos", "", nil},
			{"/undo", "undo-conflict-several", nil}, {"tap Undo only", "undo-rest", nil},
			{"/note 4 mine", "", nil}, {"Ben: /begin 4", "", nil}, {"/undo", "undo-conflict", nil}, {"tap Undo anyway", "undo-anyway", nil},
		}},
		{with(), false, []step{
			{"/settings", "settings", nil}, {"tap Time zone", "settings-timezone", nil}, {"tap Berlin", "settings-set", nil}, {"tap Digest", "settings-digest", nil},
			{"/settings dates", "settings-dates", nil}, {"/settings quiet", "settings-quiet", nil}, {"/settings repeat", "settings-repeat", nil}, {"/settings ring", "settings-ring", nil},
			{"/settings news", "settings-news", nil}, {"tap task fails", "settings-news-tapped", nil}, {"/settings news done", "settings-news-refused", nil},
			{"/me", "me", nil}, {"tap Digest", "me-digest", nil}, {"/me timezone tokyo", "me-timezone", nil}, {"/me quiet 22-7", "me-quiet", nil}, {"/me ring answers", "me-unknown", nil}, {"/me timezone default", "", nil},
			{"/settings quiet soon", "settings-refused", nil}, {"/settings weather", "settings-unknown", nil},
		}},
		{people, true, []step{
			{"/members", "members", nil}, {"tap Edith", "members-one", nil}, {"tap Make a viewer", "members-made", nil}, {"/members Bob", "members-nobody", nil},
			{"/revoke", "revoke-who", nil}, {"/revoke Vera", "revoke-asks", nil}, {"tap Revoke", "revoked", nil}, {"/revoke Ann", "revoke-refused", nil},
			{"/invite", "invite", nil}, {"tap Editor", "invite-link", nil}, {"/invite viewer", "", nil}, {"/members", "members-invitations", nil}, {"tap Invitations", "invitations", nil}, {"tap Cancel 1", "invitations-cancelled", nil}, {"tap Cancel 1", "invitations-none", nil},
			{"/start", "joined", func(h *house) []message.Message {
				h.knock(h.at(someone, "/start "+h.invitation(ann, access.Editor)))
				return h.spoken()
			}},
			{"Someone: /settings", "denied-owner", nil}, {"Edith: /addgoal x", "denied-viewer", nil}, {"Edith: /start nonsense", "link-refused", nil},
			{"/addgoal call mother", "", nil}, {"/addgoal read a book", "", nil}, {"Someone: /block 1 she is away", "told-blocked", nil}, later("Someone: /rename 1 call her", "told-renamed"),
			later("Someone: /done 1 2", "told-done-several"), later("Someone: /delete 2 yes", "told-deleted"), later("Someone: /undo", "told-undone"), {"Someone: /note 2 the red one", "", nil}, {"Edith: /goals", "", nil},
			{"", "told-folded", func(h *house) []message.Message { return []message.Message{h.tellOwed(time.Minute)} }},
			{"/addgoal paint the fence", "", nil}, {"/assign 3", "assign-asks", nil}, {"tap Someone", "assign-tapped", nil}, {"/goals", "board-assigned", nil}, {"/goals mine", "board-mine-none", nil}, later("/assign 3 me", "assigned"), {"/goals mine", "board-mine", nil}, {"/goal 3", "card-assigned", nil}, {"tap Assign", "assign-asks-again", nil}, {"tap Nobody", "assign-off", nil},
			{"/assign 3 Bob", "assign-unknown", nil}, {"/assign 3 @someone", "", nil}, {"/history 3", "history-assigned", nil},
			{"/notify", "notify", nil}, {"tap Turn off", "notify-off", nil}, {"/notify perhaps", "notify-refused", nil},
		}},
		{with(sample()[:3]...), false, []step{
			{"/import", "import-asks", nil},
			{"/import", "import", func(h *house) []message.Message {
				all := sample()
				return h.do(h.sent("/import", "goals.json", encoded(newer(all[0], "call mother today"), all[1], all[3])))
			}},
			{"tap Cancel", "import-left", nil},
			{"/import", "", func(h *house) []message.Message {
				all := sample()
				return h.do(h.sent("/import", "goals.json", encoded(newer(all[0], "call mother today"), all[1], all[3])))
			}},
			{"tap Import", "imported", nil},
			{"/import", "import-refused", func(h *house) []message.Message {
				return h.do(h.sent("/import", "goals.json", []byte("[\n  {\"id\": \"g-1\", \"description\": 5}\n]")))
			}},
			{"/import", "import-nothing-new", func(h *house) []message.Message {
				return h.do(h.sent("/import", "goals.json", h.onDisk()))
			}},
			{"/import", "import-foreign", func(h *house) []message.Message {
				data, err := os.ReadFile("../formats/testdata/todoist.csv")
				if err != nil {
					h.t.Fatal(err)
				}
				return h.do(h.sent("/import", "House.csv", data))
			}},
			{"/import", "import-unknown", func(h *house) []message.Message {
				return h.do(h.sent("/import", "page.html", []byte("<!doctype html>")))
			}},
			{"", "other-file", func(h *house) []message.Message { return h.do(h.sent("", "cat.jpg", []byte{0xff, 0xd8})) }},
		}},
		{monitored, true, []step{
			{"/health", "health", nil}, {"/mute", "mute-nothing", nil}, {"/unmute", "unmute-nothing", nil}, {"/mute soon", "mute-refused", nil},
			{"", "alert", func(h *house) []message.Message { return h.breakFile() }},
			{"tap Details", "details", nil}, {"/mute", "mute", nil}, {"tap 1 h", "muted", nil}, {"/unmute", "unmuted", nil}, {"/ack", "acknowledged", nil},
			{"", "", func(h *house) []message.Message { return []message.Message{h.say("/health")} }},
			{"tap Restore", "restore-asks", nil}, {"tap Cancel", "restore-left", nil}, {"/restore", "restored", nil},
			{"/testalert", "testalert", nil},
		}},
		{with(sample()...), false, []step{
			{"", "in-two-places", func(h *house) []message.Message { _, said := inTwoPlaces(h); return said[:1] }},
			{"tap #3: use", "in-two-places-used", nil}, {"tap #1: use", "in-two-places-last", nil}, {"/conflict", "in-two-places-decided", nil},
		}},
		{with(sample()...), false, []step{
			{"", "news-failed", func(h *house) []message.Message {
				p := remembers(h)
				p.alters("g-00000006", task("announce", goals.Failed, ""))
				return newsIn(p.does("g-00000006", task("upload", goals.Failed, "")))[:1]
			}},
			{"", "news-blocked", func(h *house) []message.Message {
				h.now = h.now.Add(6 * time.Minute)
				return newsIn(remembers(h).does("g-00000006", blocks("the server is down")))[:1]
			}},
			{"", "news-ready", func(h *house) []message.Message {
				h.now = h.now.Add(6 * time.Minute)
				p := remembers(h)
				for _, name := range []string{"upload", "announce"} {
					p.alters("g-00000006", task(name, goals.Verified, ""))
				}
				return newsIn(p.does("g-00000006", func(g *goals.Goal) { g.Status = goals.InProgress }))[:1]
			}},
			{"tap Done", "news-done", nil},
			{"", "news-one", func(h *house) []message.Message {
				return newsIn(remembers(h).does("g-00000001", task("call", goals.Failed, "nobody answered")))[:1]
			}},
		}},
		{with(sample()[:3]...), false, []step{
			{"", "digest", func(h *house) []message.Message {
				o := store.Origin{Key: "digest", At: h.now}
				h.must(h.truth.Update(h.t.Context(), o, func(tx store.Tx) error { return h.h.SendDigest(tx, h.now, func(time.Time) time.Time { return h.now }) }))
				return h.spoken()[:1]
			}},
			{"", "merged", func(h *house) []message.Message {
				all := h.truth.List().All()
				h.must(os.WriteFile(cache.New(h.dir).Path(), encoded(newer(all[0], "call mother today"), goal("g-0000abcd", "water the plants")), 0o600))
				h.must(h.mirror.Check(h.t.Context()))
				return h.spoken()[:1]
			}},
			{"tap Remove", "vanished-remove", nil}, {"tap Yes, remove", "vanished-removed", nil}, {"tap Undo", "", nil}, {"/vanished", "", nil},
			{"", "merged-again", func(h *house) []message.Message {
				var last []message.Message
				for i := range 2 * maxNotices {
					n := NewNotices(h.members, h.settings)
					n.now = func() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }
					h.must(h.truth.Update(h.t.Context(), store.Origin{Key: fmt.Sprint("again/", i), At: h.now, Once: true}, func(tx store.Tx) error {
						all := tx.List().All()
						return n.Merged(tx, goals.Merged{Changed: unchanged(all[:1]), Vanished: all[1:3]}, "")
					}))
					if said := h.spoken(); len(said) > 0 {
						last = said[:1]
					}
				}
				h.must(h.truth.Update(h.t.Context(), store.Origin{Key: "again", At: h.now, Once: true}, func(tx store.Tx) error {
					return tx.SetRecord(store.NoticesRecord, seriesName, "")
				}))
				return last
			}},
			{"", "quarantined", func(h *house) []message.Message {
				h.must(os.WriteFile(cache.New(h.dir).Path(), []byte("[{"), 0o600))
				h.h.Handle(h.t.Context(), h.request("/done 1"))
				return h.spoken()[1:2]
			}},
			{"", "not-saved", func(*house) []message.Message { return []message.Message{NotSaved(store.ErrFull)} }},
			{"", "not-saved-on-server", func(*house) []message.Message { return []message.Message{NotSaved(store.ErrServerFull)} }},
			{"", "unreachable", func(*house) []message.Message { return []message.Message{Unreachable()} }},
			{"", "not-done", func(h *house) []message.Message {
				h.must(h.h.Failed(h.t.Context(), h.request("/done 1")))
				return h.spoken()
			}},
			{"", "file-behind", func(*house) []message.Message {
				return []message.Message{fileBehind(fmt.Errorf("write: %w", syscall.ENOSPC))}
			}},
			{"", "backlog", func(h *house) []message.Message {
				var row []message.Message
				for _, words := range []string{"/addgoal one\n- a", "/done 2 anyway", "/done 99", "/note 3 the ladder is borrowed", "/health", "/goal 3", "/undo"} {
					row = append(row, h.say(words))
				}
				m, n := Combine(row)
				if n != len(row) {
					h.t.Errorf("%d of %d are told together", n, len(row))
				}
				return []message.Message{m}
			}},
		}},
	}
}

// sample are six goals in which there is a bit of everything.
func sample() []*goals.Goal {
	all := []*goals.Goal{
		goal("g-00000001", "call mother"), goal("g-00000002", "write the report"), goal("g-00000003", "mend the roof"),
		goal("g-00000004", "learn to swim"), goal("g-00000005", "fly to the moon"), goal("g-00000006", "ship the release"),
	}
	all[1].Status, all[1].Acceptance, all[1].Notes = goals.InProgress, []string{"three pages", "read by somebody"}, []string{"figures come from Bob"}
	all[2].Status, all[2].Notes = goals.Blocked, []string{"Blocked: rain"}
	all[3].Status, all[3].Acceptance = goals.Done, []string{"ten lengths"}
	all[4].Status, all[4].Notes = goals.Abandoned, []string{"Abandoned: too far"}
	all[5].Sessions = []goals.Session{
		{ID: "s1", Task: "build", State: goals.Verified}, {ID: "s2", Task: "upload", State: goals.Running}, {ID: "s3", Task: "announce", State: goals.Launched},
	}
	all[5].Progress = all[5].DerivedProgress()
	return all
}

// later is a step when what others were told before it is over.
func later(say, screen string) step {
	return step{say, screen, func(h *house) []message.Message {
		h.now = h.now.Add(toldWindow)
		return h.do(h.does(say, message.Message{}))
	}}
}
