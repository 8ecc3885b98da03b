package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/store"
	"goalbot/telegramtest"
)

// filed is a world in which Ann has sent a file, and the file's id.
func (w *world) filed(size int) (id string, data []byte) {
	data = bytes.Repeat([]byte("0123456789"), size/10)
	m := w.SendDocument(w.Private(ann), ann, "goals.json", data, "")
	return m.Document.ID, data
}

// The size is asked for first, and what is too large is not loaded: neither
// what the server says is too large, nor what it will not hand out at all.
func TestAFileIsFetchedIfItIsNotTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		id, data := w.filed(1000)
		got, err := w.client.Fetch(t.Context(), id, 1000)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		loads := len(w.CallsTo("download"))
		if _, err := w.client.Fetch(t.Context(), id, 999); !errors.Is(err, handlers.ErrTooLarge) {
			t.Errorf("a byte too many: %v", err)
		}
		huge, _ := w.filed(21 << 20)
		if _, err := w.client.Fetch(t.Context(), huge, 1<<40); !errors.Is(err, handlers.ErrTooLarge) {
			t.Errorf("more than Telegram hands out: %v", err)
		}
		if n := len(w.CallsTo("download")); n != loads {
			t.Error("it was loaded all the same")
		}
		if _, err := w.client.Fetch(t.Context(), "no such id", 1000); err == nil || errors.Is(err, handlers.ErrTooLarge) {
			t.Errorf("no such file: %v", err)
		}
	})
}

// A server that lies about the size, or does not say it, fills no memory.
// Taking away the limit turns this red.
func TestAFileThatIsLargerThanSaid(t *testing.T) {
	for _, header := range []bool{true, false} {
		wrote := make(chan int, fetchTries)
		c := NewClient(listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/getFile") {
				fmt.Fprint(w, `{"ok":true,"result":{"file_id":"f","file_path":"documents/f"}}`)
				return
			}
			if header {
				w.Header().Set("Content-Length", "100000000")
			}
			n, chunk := 0, make([]byte, 1<<20)
			for n < 100_000_000-len(chunk) {
				m, err := w.Write(chunk)
				if n += m; err != nil {
					break
				}
			}
			wrote <- n
		})), canary)
		t.Cleanup(c.Close)
		if _, err := c.Fetch(t.Context(), "f", 1000); !errors.Is(err, handlers.ErrTooLarge) {
			t.Errorf("header %v: %v", header, err)
		}
		if n := <-wrote; n > 20_000_000 {
			t.Errorf("header %v: %d bytes were written", header, n)
		}
	}
}

// Whatever goes wrong for a moment is tried again, and what stays wrong is
// given up before the request is.
func TestFetchingTriesAgain(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"502": telegramtest.ServerErrorHTML(502), "cut off": telegramtest.EOF(), "half": telegramtest.CutBody(), "flood": telegramtest.TooManyRequests(2),
	} {
		for _, method := range []string{"getFile", "download"} {
			if name == "flood" && method == "download" {
				continue
			}
			bubble(t, func(t *testing.T, w *world) {
				id, data := w.filed(1000)
				w.Fail(method, fetchTries-1, fault)
				if got, err := w.client.Fetch(t.Context(), id, 1000); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s of %s: %d bytes, %v", name, method, len(got), err)
				}
				w.Fail(method, -1, fault)
				if _, err := w.client.Fetch(t.Context(), id, 1000); err == nil {
					t.Errorf("%s of %s for ever: no error", name, method)
				}
			})
		}
	}
	bubble(t, func(t *testing.T, w *world) {
		id, _ := w.filed(1000)
		w.Fail("download", -1, telegramtest.Hang())
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := w.client.Fetch(ctx, id, 1000); err == nil || time.Since(began) > 20*time.Second {
			t.Errorf("a mute server: %v after %s", err, time.Since(began))
		}
	})
}

// A path from the server cannot lead out of the folder of this bot's files,
// nor to a file of its disk.
func TestOnlyAFileOfThisBotIsFetched(t *testing.T) {
	for _, path := range []string{"", ".", "/etc/passwd", "../../bot1:x/getMe", "documents/../../x", "a//b"} {
		bubble(t, func(t *testing.T, w *world) {
			w.Fail("getFile", -1, telegramtest.Answer(200, fmt.Sprintf(`{"ok":true,"result":{"file_id":"f","file_path":%q}}`, path)))
			if _, err := w.client.Fetch(t.Context(), "f", 1000); err == nil || len(w.CallsTo("download")) > 0 {
				t.Errorf("%q: %v", path, err)
			}
		})
	}
}

func TestAPictureArrivesWithItsCaption(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		picture := tinyPNG(t)
		m := new(message.Text).Bold("7 goals").Message([]message.Button{{Label: "List", Command: "goals"}})
		m.Photo = picture
		o.put(ann.ID, m)
		pass(time.Second)
		last, _ := w.Last(ann.ID)
		if last.Photo == nil || !bytes.Equal(last.Photo.Data, picture) || last.Caption != "7 goals" || len(last.Entities) != 1 || len(last.Buttons) != 1 {
			t.Errorf("arrived as %+v", last)
		}
	})
}

func tinyPNG(t *testing.T) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// slow is a line that takes so many bytes of a request in a second.
type slow struct {
	http.RoundTripper
	rate int
}

func (l slow) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if !sleep(req.Context(), time.Duration(len(body)/l.rate)*time.Second) {
		return nil, req.Context().Err()
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return l.RoundTripper.RoundTrip(req)
}

// A file that takes longer than an upload may was tried for ever, and nothing
// else reached the chat, alerts neither. An outage costs no file, nor does being told
// to wait. Not counting what breaks off, counting what breaks off while Telegram is not
// there, and counting every refusal turn this red.
func TestAFileThatTakesTooLongHoldsUpNothing(t *testing.T) {
	file := func(size int) message.Message {
		m := new(message.Text).Bold("goals.json").Message()
		m.Document = message.NewDocument("goals.json", make([]byte, size))
		return m
	}
	bubble(t, func(t *testing.T, w *world) {
		w.client.http.Transport = slow{w.client.http.Transport, 1000}
		o := newShelf()
		w.sender(o)
		o.put(ann.ID, file(300_000))
		o.say(ann.ID, "an alert")
		pass(10 * time.Minute)
		w.delivered(ann.ID, "goals.json\n\nIf you don't see the file above, the connection to Telegram broke off each time I tried to send it.", "an alert")

		w.Fail("", -1, telegramtest.ServerErrorHTML(502))
		o.put(bob.ID, file(30_000))
		pass(6 * time.Hour)
		w.Heal("")
		pass(10 * time.Minute)
		if m, _ := w.Last(bob.ID); m.Document == nil || m.Caption != "goals.json" {
			t.Errorf("after an outage it says %+v", m)
		}

		w.Fail("sendDocument", maxBroken+1, telegramtest.TooManyRequests(2))
		o.put(bob.ID, file(3_000))
		pass(10 * time.Minute)
		if m, _ := w.Last(bob.ID); m.Document == nil || len(m.Document.Data) != 3_000 {
			t.Errorf("told to wait it says %+v", m)
		}
		if o.left() > 0 || len(o.dead) > 0 {
			t.Errorf("left %d, put aside %v", o.left(), o.dead)
		}
	})
}

// A file that cannot be written, or is not as long as was said, is never sent in part as if
// it were all of it, and holds nothing up. Broken on purpose: no look at the length, and
// no recover, which ends the program.
func TestAFileThatCannotBeWrittenIsNotSent(t *testing.T) {
	part := func(w io.Writer) error {
		_, err := io.WriteString(w, "[1,")
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"too short": part,
		"an error":  func(w io.Writer) error { return errors.Join(part(w), errors.New("broken")) },
		"a panic":   func(w io.Writer) error { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				o := newShelf()
				w.senderWith(o, Hooks{Render: func(_ context.Context, _ store.Message, m message.Message) (message.Message, bool, error) {
					if m.Render == "" {
						return m, true, nil
					}
					made := new(message.Text).Add("All goals").Message()
					made.Document = &message.Document{Name: "goals.json", Size: 5, Write: write}
					return m.Rendered(made), true, nil
				}})
				o.put(ann.ID, message.Message{Render: "export"})
				o.say(ann.ID, "an alert")
				pass(10 * time.Minute)
				w.delivered(ann.ID, "All goals\n\nIf you don't see the file above, the connection to Telegram broke off each time I tried to send it.", "an alert")
			})
		})
	}
}

func TestAnUploadHasTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		o := newShelf()
		w.sender(o)
		w.Fail("sendDocument", 1, telegramtest.SlowBody(100*time.Millisecond)) // half a minute or more
		o.put(ann.ID, message.Message{Text: "a file", Document: message.NewDocument("goals.json", []byte("[]"))})
		pass(uploadDeadline)
		w.delivered(ann.ID, "a file")
		if o.left() > 0 {
			t.Error("it is not noted")
		}
	})
}
