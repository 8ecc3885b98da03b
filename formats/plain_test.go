package formats

import (
	"fmt"
	"strings"
	"testing"
)

func TestPlainLists(t *testing.T) {
	f := &File{}
	if err := readPlain("Shopping\n- [ ] milk\n  - two litres\n  the blue one\n- [x] bread\n\n☑ eggs\n1) tea\n", f); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range f.Items {
		got = append(got, fmt.Sprint(it.Status, " ", it.Text, " ", it.Criteria, it.Notes))
	}
	want := "pending Shopping [] []|pending milk [{two litres false}] [the blue one]|done bread [] []|done eggs [] []|pending tea [] []"
	if strings.Join(got, "|") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "|"), want)
	}
}
