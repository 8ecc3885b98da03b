package goaljson

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"
)

// A verdict is what a Rust program with serde, serde_json and chrono makes of
// a file. Normalised is what it writes after reading it.
type verdict struct {
	Name          string
	Input         []byte
	OK            bool
	Goals         int
	UnknownFields bool `json:"unknown_fields"`
	Normalised    []byte
	SerdeError    string `json:"serde_error"`
}

func verdicts(t testing.TB) []verdict {
	f, err := os.Open("testdata/conformance.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list []verdict
	for lines := json.NewDecoder(bufio.NewReader(z)); lines.More(); {
		var v verdict
		if err := lines.Decode(&v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func TestDecodeAgreesWithSerde(t *testing.T) {
	list := verdicts(t)
	if len(list) != 1_379 {
		t.Errorf("%d cases, want 1379", len(list))
	}
	for _, v := range list {
		t.Run(v.Name, func(t *testing.T) {
			got, err := Decode(v.Input)
			if v.OK != (err == nil) {
				t.Fatalf("serde accepts: %v (%s)\nwe say: %v\ninput: %q", v.OK, v.SerdeError, err, v.Input)
			}
			if err != nil {
				return
			}
			if len(got) != v.Goals {
				t.Errorf("%d goals, want %d", len(got), v.Goals)
			}
			if v.UnknownFields {
				for _, g := range got {
					g.Extra = nil
					for i := range g.Sessions {
						g.Sessions[i].Extra = nil
					}
				}
			}
			if wrote := Append(nil, got); string(wrote) != string(v.Normalised) {
				t.Errorf("wrote\n%s\nwant\n%s", wrote, v.Normalised)
			}
		})
	}
}
