package telegramtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"goalbot/telegramtest"
)

var mediaMethods = map[string]string{
	"document": "sendDocument", "photo": "sendPhoto", "video": "sendVideo", "audio": "sendAudio", "voice": "sendVoice",
	"video_note": "sendVideoNote", "animation": "sendAnimation",
}

// fileOf is what a message tells of its file of a kind, of a photo the largest size.
func fileOf(t *testing.T, m map[string]json.RawMessage, kind string) (f struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name"`
	Size     int    `json:"file_size"`
}) {
	t.Helper()
	raw := m[kind]
	if kind == "photo" {
		var sizes []json.RawMessage
		if err := json.Unmarshal(raw, &sizes); err != nil || len(sizes) < 2 {
			t.Fatalf("photo %s: %v", raw, err)
		}
		raw = sizes[len(sizes)-1]
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatalf("%s is %s: %v", kind, raw, err)
	}
	return f
}

// What people send is sent again by its id, as what it is.
func TestFilesAreSentAgainByTheirIDs(t *testing.T) {
	for kind, method := range mediaMethods {
		t.Run(kind, func(t *testing.T) {
			st := newStage(t)
			chat := st.Private(ann)
			said := st.Say(chat, ann, "look", telegramtest.AsMedia(kind, "it.bin"))
			if kind == "photo" {
				said = st.Say(chat, ann, "look", telegramtest.AsPhoto())
			}
			st.Say(chat, ann, telegramtest.Wordless, telegramtest.WithFileOf(said))
			got := told(st)
			first, second := fileOf(t, got[len(got)-2], kind), fileOf(t, got[len(got)-1], kind)
			if first.ID == second.ID || first.UniqueID != second.UniqueID || first.ID == "" || first.UniqueID == "" || first.Size == 0 {
				t.Errorf("the same file twice is %+v and %+v", first, second)
			}
			if named := kind != "photo" && kind != "voice" && kind != "video_note"; named != (first.Name == "it.bin") {
				t.Errorf("its name is %q", first.Name)
			}
			if caption := string(got[len(got)-2]["caption"]); (caption == "") != (kind == "video_note") {
				t.Errorf("its caption is %q", caption)
			}
			if kind == "animation" && got[len(got)-1]["document"] == nil {
				t.Error("an animation is a document too")
			}
			ok[message](st, method, params{"chat_id": ann.ID, kind: second.ID, "caption": "yours"})
			m, _ := st.Last(chat.ID)
			if f := m.File(); f == nil || f.ID != second.ID || f.Kind != kind || (m.Caption == "") != (kind == "video_note") {
				t.Errorf("sent again: %+v", m)
			}
			st.refused(method, params{"chat_id": ann.ID}, "Bad Request: there is no "+strings.ReplaceAll(kind, "_", " ")+" in the request")
			st.refused(method, params{"chat_id": ann.ID, kind: "AgAD"}, "Bad Request: wrong file identifier/HTTP URL specified")
			st.refused(method, params{"chat_id": ann.ID, kind: "a b"}, "Bad Request: wrong remote file identifier specified: Wrong character in the string")
			if kind != "video_note" {
				st.refused(method, params{"chat_id": ann.ID, kind: second.ID, "caption": strings.Repeat("x", 1025)}, "Bad Request: message caption is too long")
			}
			st.LoseFile(second.ID)
			st.refused(method, params{"chat_id": ann.ID, kind: second.ID}, "Bad Request: wrong file identifier/HTTP URL specified")
		})
	}
}

// A photo is no document, nor the other way round; other kinds stay what they are.
func TestFilesKeepTheirKind(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	photo := st.Say(chat, ann, telegramtest.Wordless, telegramtest.AsPhoto())
	voice := st.Say(chat, ann, telegramtest.Wordless, telegramtest.AsMedia("voice", "v.ogg"))
	st.refused("sendDocument", params{"chat_id": ann.ID, "document": photo.Photo.ID}, "Bad Request: can't use file of type Photo as Document")
	st.refused("sendPhoto", params{"chat_id": ann.ID, "photo": voice.Media.ID}, "Bad Request: can't use file of type VoiceNote as Photo")
	ok[message](st, "sendDocument", params{"chat_id": ann.ID, "document": voice.Media.ID})
	if m, _ := st.Last(chat.ID); m.Media == nil || m.Media.Kind != "voice" {
		t.Errorf("it is %+v", m)
	}
}

// A chat may take no files of a kind, and a person no voice messages.
func TestWhoTakesNoMedia(t *testing.T) {
	st := newStage(t)
	home := st.Private(ann)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	for kind, refused := range map[string][2]string{
		"video":      {"videos", "CHAT_SEND_VIDEOS_FORBIDDEN"},
		"audio":      {"music", "CHAT_SEND_AUDIOS_FORBIDDEN"},
		"voice":      {"voice notes", "CHAT_SEND_VOICES_FORBIDDEN"},
		"video_note": {"video notes", "CHAT_SEND_ROUNDVIDEOS_FORBIDDEN"},
		"animation":  {"animations", "CHAT_SEND_GIFS_FORBIDDEN"},
	} {
		id := st.Say(home, ann, telegramtest.Wordless, telegramtest.AsMedia(kind, "it.bin")).Media.ID
		st.Restrict(group, telegramtest.Rights{NoMedia: true})
		st.refused(mediaMethods[kind], params{"chat_id": group.ID, kind: id}, "Bad Request: not enough rights to send "+refused[0]+" to the chat")
		st.Restrict(group, telegramtest.Rights{NoMedia: true, Unnoticed: true})
		st.refused(mediaMethods[kind], params{"chat_id": group.ID, kind: id}, "Bad Request: "+refused[1])
		st.Restrict(home, telegramtest.Rights{NoMedia: true})
		if kind == "voice" || kind == "video_note" {
			st.refused(mediaMethods[kind], params{"chat_id": ann.ID, kind: id}, "Bad Request: user restricted receiving of "+strings.TrimSuffix(refused[0], "s")+" messages")
			continue
		}
		ok[message](st, mediaMethods[kind], params{"chat_id": ann.ID, kind: id})
	}
}
