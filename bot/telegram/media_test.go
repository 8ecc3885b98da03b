package telegram

import (
	"testing"
	"time"

	"goalbot/message"
	"goalbot/telegramtest"
)

// fileMessage is a file that somebody has sent, said with words and a button.
func fileMessage(d *telegramtest.Document) message.Message {
	m := new(message.Text).Bold("#3").Add(" call mother").Message([]message.Button{{Label: "Open #3", Command: "goal 3"}})
	m.File = &message.File{Kind: d.Kind, ID: d.ID}
	m.Instead = &message.Message{Text: "Not here."}
	return m
}

// sent is a file that Ann has sent before.
func (w *world) sent(kind string) *telegramtest.Document {
	option := telegramtest.AsMedia(kind, "it.bin")
	if kind == "photo" {
		option = telegramtest.AsPhoto()
	}
	m := w.Say(w.Private(ann), ann, telegramtest.Wordless, option)
	return m.File()
}

// Every kind of file goes out again by its id, and nothing is downloaded or uploaded.
func TestFilesGoOutAgain(t *testing.T) {
	for _, kind := range message.FileKinds {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.sender(o)
				file := w.sent(kind)
				o.put(ann.ID, fileMessage(file))
				pass(time.Second)
				last, _ := w.Last(ann.ID)
				want := "#3 call mother"
				if kind == "video_note" {
					want = ""
				}
				if f := last.File(); f == nil || f.ID != file.ID || f.Kind != kind || last.Caption != want || len(last.Buttons) != 1 {
					t.Errorf("arrived as %+v", last)
				}
				if len(w.CallsTo("getFile")) > 0 || o.left() > 0 || len(o.dead) > 0 {
					t.Errorf("%d left, put aside %v", o.left(), o.dead)
				}
			})
		})
	}
}

// An id may be another bot's, or too old: that is said, with the words and the buttons.
// Red where the refusal is taken for one of the chat, and the message put aside.
func TestAFileThatTelegramHasNot(t *testing.T) {
	for name, fault := range map[string]*telegramtest.Fault{
		"lost":    nil,
		"expired": new(telegramtest.Status(400, "Bad Request: FILE_REFERENCE_EXPIRED")),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.sender(o)
				file := w.sent("video")
				if fault != nil {
					w.Fail("sendVideo", -1, *fault)
				} else {
					w.LoseFile(file.ID)
				}
				o.put(ann.ID, fileMessage(file))
				pass(time.Second)
				w.delivered(ann.ID, "#3 call mother\n\nTelegram no longer gives me this file, so I can't send it. Nothing else was changed. If you still have it, send it to me again in reply to this.")
				if last, _ := w.Last(ann.ID); len(last.Buttons) != 1 || len(last.Entities) != 1 {
					t.Errorf("arrived as %+v", last)
				}
				if o.left() > 0 || len(o.dead) > 0 {
					t.Errorf("%d left, put aside %v", o.left(), o.dead)
				}
			})
		})
	}
}

// A group may take no videos, and a person no voice messages.
func TestAChatThatTakesNoSuchFile(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		group := w.Group(-1004001, "Club", telegramtest.Supergroup, ann)
		o := newShelf()
		w.sender(o)
		for _, unnoticed := range []bool{false, true} {
			w.Restrict(group, telegramtest.Rights{NoMedia: true, Unnoticed: unnoticed})
			o.put(group.ID, fileMessage(w.sent("video")))
			pass(time.Minute)
		}
		w.delivered(group.ID, "Not here.", "Not here.")
		w.Restrict(w.Private(ann), telegramtest.Rights{NoMedia: true})
		o.put(ann.ID, fileMessage(w.sent("voice")))
		pass(time.Minute)
		w.delivered(ann.ID, "Not here.")
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("%d left, put aside %v", o.left(), o.dead)
		}
	})
}

// Whether a file that was sent by its id arrived is as unsure as with any other message.
func TestAFileMayHaveArrived(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendVoice", 1, telegramtest.CutBody())
		o.put(ann.ID, fileMessage(w.sent("voice")))
		pass(unsureWaits[0] - time.Second)
		if n := len(w.CallsTo("sendVoice")); n != 1 {
			t.Errorf("sent %d times at once", n)
		}
		pass(time.Minute)
		if n := len(w.CallsTo("sendVoice")); n != 2 || o.left() > 0 {
			t.Errorf("sent %d times, %d left", n, o.left())
		}
	})
}
