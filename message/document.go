package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Document is a file, which may be written while it is sent and need not be in memory
// before.
type Document struct {
	Name  string
	Size  int64                 // bytes
	Write func(io.Writer) error // writes Size bytes, the same ones each time
}

// NewDocument returns a file with these bytes.
func NewDocument(name string, data []byte) *Document {
	return &Document{Name: name, Size: int64(len(data)), Write: func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// Bytes returns what is in the file.
func (d *Document) Bytes() ([]byte, error) {
	data := bytes.NewBuffer(make([]byte, 0, d.Size))
	if err := d.Write(data); err != nil {
		return nil, fmt.Errorf("write %s: %w", d.Name, err)
	}
	return data.Bytes(), nil
}

// kept is a file in a message that is kept.
type kept struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// MarshalJSON implements json.Marshaler.
func (d *Document) MarshalJSON() ([]byte, error) {
	data, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	return json.Marshal(kept{d.Name, data})
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Document) UnmarshalJSON(data []byte) error {
	var k kept
	if err := json.Unmarshal(data, &k); err != nil {
		return err
	}
	*d = *NewDocument(k.Name, k.Data)
	return nil
}
