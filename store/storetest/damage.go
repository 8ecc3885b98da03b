package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/store"
)

var damageTests = []func(*testing.T, Open){
	testADamagedRowIsNotUsed,
	testADamagedRecordIsReplaced,
	testADamagedGoalIsReported,
	testADamagedMetaIsRefused,
	testADamagedChangeIsNotTakenBack,
	testADamagedGoalIsNotBroughtBack,
}

// full makes a palace with something in every table.
func full(t testing.TB, open Open) Engine {
	t.Helper()
	at := noon
	p := open(t, Options{Now: func() time.Time { return at }})
	do := func(name string, by int64, f func(store.Tx) error) {
		at = at.Add(time.Minute)
		update(t, p, store.Origin{Key: fmt.Sprintf("tg/%s", at.Format("150405")), Name: name, By: by, At: at}, f)
	}
	for _, text := range []string{"one", "two", "three"} {
		do("addgoal", 7, func(tx store.Tx) error {
			_, err := tx.List().Add(goals.Draft{Description: text, Acceptance: []string{"it is done"}}, "g-"+text, at)
			return err
		})
	}
	do("note", 7, func(tx store.Tx) error { _, err := tx.List().AddNote(1, "it costs 500", at); return err })
	do("delete", 8, func(tx store.Tx) error { _, err := tx.List().Delete(3); return err })
	do("rename", 8, func(tx store.Tx) error {
		_, err := tx.List().Rename(2, "two, renamed", at)
		return errors.Join(err, send(7, "first")(tx), send(7, "second")(tx), send(-9, "third")(tx),
			tx.SetRecord("member", "8", `{"role":2}`), tx.SetRecord("setting", "zone", "UTC"))
	})
	if err := p.MoveToDeadLetters(t.Context(), outbox(t, p)[1].ID, "the group is gone"); err != nil {
		t.Fatal(err)
	}
	do("x", 7, send(-9, "fourth"))
	return p
}

// A row that does not match its checksum is not used, is reported at once and
// by every check, and a repair does without it. Reading any table without
// looking at the checksums turns this red.
func testADamagedRowIsNotUsed(t *testing.T, open Open) {
	last := func(by int64) func(p Engine) string {
		return func(p Engine) string {
			var text string
			err := p.View(context.Background(), func(tx store.Tx) error {
				events, err := tx.LastChange(by)
				for _, e := range events {
					text += fmt.Sprint(e.Name, e.Edit.Number, " ")
				}
				return err
			})
			if err != nil {
				return "refused"
			}
			return text
		}
	}
	recorded := func(kind store.Kind, name string) func(p Engine) string {
		return func(p Engine) string {
			var one string
			var all map[string]string
			err := p.View(context.Background(), func(tx store.Tx) (err error) {
				one, err = tx.Record(kind, name)
				return err
			})
			err = errors.Join(err, p.View(context.Background(), func(tx store.Tx) (err error) {
				all, err = tx.Records(kind)
				return err
			}))
			return fmt.Sprintf("%s%v%v", one, all, err)
		}
	}
	waits := func(chat int64) func(p Engine) string {
		return func(p Engine) string {
			all, err := p.Waiting(context.Background(), chat, 10)
			text := ""
			for _, m := range all {
				text += string(m.Body) + " "
			}
			return fmt.Sprint(text, err)
		}
	}
	history := func(p Engine) string {
		var text string
		err := p.View(context.Background(), func(tx store.Tx) error {
			events, err := tx.Events(1, 0, 10)
			for _, e := range events {
				text += e.Name + " "
			}
			return err
		})
		return fmt.Sprint(text, err)
	}
	parked := func(p Engine) string {
		all, err := p.DeadLetters(context.Background())
		return fmt.Sprintf("%d%v", len(all), err)
	}
	for _, test := range []struct {
		name, damage  string
		use           func(Engine) string
		sound, broken string
		after         string // what a repair leaves
		lost          string
	}{
		{"a role", `UPDATE records SET value = '{"role":3}' WHERE kind = 'member'`, recorded("member", "8"), `{"role":2}map[8:{"role":2}]<nil>`, "map[]<nil>", "map[]<nil>", `the record "member" "8"`},
		{"whose role", `UPDATE records SET name = '9' WHERE kind = 'member'`, recorded("member", "9"), "map[8:{\"role\":2}]<nil>", "map[]<nil>", "map[]<nil>", `the record "member" "9"`},
		{"what kind of record", `UPDATE records SET kind = 'member', name = '5', value = '{"role":3}' WHERE kind = 'setting'`, recorded("member", "5"), `map[8:{"role":2}]<nil>`, `map[8:{"role":2}]<nil>`, `map[8:{"role":2}]<nil>`, `the record "member" "5"`},
		{"what was done", "UPDATE events SET sum = 1 - sum WHERE number = 1 AND goal IS NULL", history, "note addgoal <nil>", "addgoal <nil>", "addgoal <nil>", "a part of the history of #1"},
		{"what would be taken back", "UPDATE events SET sum = 1 - sum WHERE number = 1 AND goal IS NULL", last(7), "note1 ", "refused", "addgoal3 ", "a part of the history of #1"},
		{"how a goal was added", "UPDATE events SET goal = replace(goal, 'one', 'ine') WHERE number = 1", history, "note addgoal <nil>", "note <nil>", "note <nil>", "a part of the history of #1"},
		{"who did it", "UPDATE changes SET member = 7 WHERE name = 'rename'", last(7), "note1 ", "refused", "note1 ", `the history of the change "tg/120600"`},
		{"whether it was taken back", "UPDATE changes SET taken_back = 1 WHERE name = 'note'", history, "note addgoal <nil>", "addgoal <nil>", "addgoal <nil>", `the history of the change "tg/120400"`},
		{"when it was done", "UPDATE changes SET at = at + 1 WHERE name = 'note'", history, "note addgoal <nil>", "addgoal <nil>", "addgoal <nil>", `the history of the change "tg/120400"`},
		{"an answer", "UPDATE outbox SET at = at + 1 WHERE id = 2", waits(7), "first second <nil>", "first <nil>", "first <nil>", "a message that chat 7 never got"},
		{"the first answer", "UPDATE outbox SET sum = 1 - sum WHERE id = 1", waits(7), "first second <nil>", "second <nil>", "second <nil>", "a message that chat 7 never got"},
		{"whom an answer is for", "UPDATE outbox SET chat = 9 WHERE id = 2", waits(9), "<nil>", "<nil>", "<nil>", "a message that chat 9 never got"},
		{"what was never sent", "UPDATE parked SET chat = 9", parked, "1<nil>", "0<nil>", "0<nil>", "a message that chat 9 never got"},
		{"a key", "UPDATE applied SET key = 'tg/1' WHERE key = 'tg/120400'", func(Engine) string { return "" }, "", "", "", `the key "tg/1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := full(t, open)
			same(t, "before", test.use(p), test.sound)
			wantErr(t, p.Check(t.Context()), nil)
			p.SQL(t, test.damage)
			same(t, "damaged", test.use(p), test.broken)
			if err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), test.lost) {
				t.Errorf("the check says: %v", err)
			}
			if test.broken != "" && test.broken != test.sound && !p.Doubtful() {
				t.Error("nobody was told")
			}

			p = p.Reopen(t) // the bot can do without
			same(t, "after reopening", test.use(p), test.broken)
			if !p.Doubtful() {
				t.Error("nobody was told at the start")
			}
			p, lost := p.Repair(t)
			same(t, "lost", lost, test.lost)
			wantErr(t, p.Check(t.Context()), nil)
			same(t, "after a repair", test.use(p), test.after)
			same(t, "list", listed(p.List()), "#1 one #2 two, renamed ")
			add(t, p, "four")
		})
	}
}

// A record that is written anew is sound again.
func testADamagedRecordIsReplaced(t *testing.T, open Open) {
	p := full(t, open)
	p.SQL(t, "UPDATE records SET value = 'x' WHERE kind = 'member'")
	update(t, p, origin("x", 7), func(tx store.Tx) error { return tx.SetRecord("member", "8", "new") })
	same(t, "record", record(t, p, "member", "8"), "new")
	wantErr(t, p.Check(t.Context()), nil)
}

// A goal whose row is damaged is named, and nothing goes on without it.
func testADamagedGoalIsReported(t *testing.T, open Open) {
	for _, damage := range []string{
		"UPDATE goals SET body = replace(body, 'two', 'twp') WHERE number = 2",
		"UPDATE goals SET id = 'g-other' WHERE number = 2",
		"UPDATE goals SET sum = 1 - sum WHERE number = 2",
		"UPDATE goals SET deleted = 1 WHERE number = 2",
	} {
		p := full(t, open)
		p.SQL(t, damage)
		if err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "#2") {
			t.Errorf("%s: the check says: %v", damage, err)
		}
	}
}

// Nothing goes on from a row that holds all the rest together.
func testADamagedMetaIsRefused(t *testing.T, open Open) {
	for _, column := range []string{"revision", "last_number", "last_message", "goal_rows", "event_rows", "event_bytes", "sum"} {
		p := full(t, open)
		p.SQL(t, "UPDATE meta SET "+column+" = 1 + "+column)
		if p.Update(t.Context(), origin("x", 7), func(store.Tx) error { return nil }) == nil {
			t.Errorf("%s: a change was saved", column)
		}
		if p.View(t.Context(), func(store.Tx) error { return nil }) == nil {
			t.Errorf("%s: something was read", column)
		}
	}
}

// What a damaged row says of a change must not get a checksum that it matches.
func testADamagedChangeIsNotTakenBack(t *testing.T, open Open) {
	p := full(t, open)
	p.SQL(t, "UPDATE changes SET name = 'noted' WHERE name = 'note'")
	err := p.Update(t.Context(), origin("undo", 7), func(tx store.Tx) error { return tx.TakeBack("tg/120400") })
	if err == nil || !strings.Contains(err.Error(), "tg/120400") || !p.Doubtful() {
		t.Errorf("the error is %v; that something is damaged is told: %v", err, p.Doubtful())
	}
	if err := p.Check(t.Context()); err == nil {
		t.Error("the damage is gone")
	}
}

// A deleted goal whose row is damaged is not brought back as somebody else's text.
func testADamagedGoalIsNotBroughtBack(t *testing.T, open Open) {
	p := full(t, open)
	before := func() int {
		return len(view(t, p, func(tx store.Tx) (map[int64]*goals.Goal, error) { return tx.Before("tg/120500") }))
	}
	same(t, "goals that can be brought back", before(), 1)
	same(t, "doubtful", p.Doubtful(), false)
	p.SQL(t, "UPDATE goals SET body = replace(body, 'three', 'trhee') WHERE number = 3")
	same(t, "goals that can be brought back", before(), 0)
	same(t, "doubtful", p.Doubtful(), true)
}
