package message

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// A message whose file is written when it is sent can be kept all the same, with what
// the file has then.
func TestAFileIsKeptWithItsBytes(t *testing.T) {
	words := []byte("[1, 2]\x00\xff")
	m := Message{Text: "all", Document: &Document{Name: "a.json", Size: int64(len(words)), Write: func(w io.Writer) error {
		for _, b := range words {
			if _, err := w.Write([]byte{b}); err != nil {
				return err
			}
		}
		return nil
	}}}
	body, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Document
	if d == nil || d.Name != "a.json" || d.Size != int64(len(words)) {
		t.Fatalf("it is %+v", d)
	}
	if data, err := d.Bytes(); err != nil || !bytes.Equal(data, words) {
		t.Errorf("it has %q, %v", data, err)
	}
	broken := errors.New("broken")
	m.Document.Write = func(io.Writer) error { return broken }
	if _, err := m.Encode(); !errors.Is(err, broken) {
		t.Errorf("one that can't be written is kept: %v", err)
	}
	if _, err := Decode([]byte(`{"text": "x", "document": {"name": 1}}`)); err == nil {
		t.Error("a name that is a number is read")
	}
}
