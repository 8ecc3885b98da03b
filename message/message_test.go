package message

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Counting runes or bytes instead of UTF-16 units turns this red.
func TestOffsetsAreInUTF16Units(t *testing.T) {
	for _, c := range []struct {
		name string
		text *Text
		want string
		ents []Entity
	}{
		{"plain", new(Text).Add("a <b> & *c*"), "a <b> & *c*", nil},
		{"ASCII", new(Text).Add("ab ").Bold("cd").Add(" e"), "ab cd e", []Entity{{Bold, 3, 2, 0}}},
		{"two-byte letters", new(Text).Add("йй").Italic("éé"), "ййéé", []Entity{{Italic, 2, 2, 0}}},
		{"an emoji before", new(Text).Add("😀").Code("x"), "😀x", []Entity{{Code, 2, 1, 0}}},
		{"an emoji inside", new(Text).Strike("a😀b").Pre("y"), "a😀by", []Entity{{Strike, 0, 4, 0}, {Pre, 4, 1, 0}}},
		{"a family", new(Text).Bold("👩‍👩‍👧").Bold("!"), "👩‍👩‍👧!", []Entity{{Bold, 0, 8, 0}, {Bold, 8, 1, 0}}},
		{"white space at the ends", new(Text).Add(".").Bold(" \n😀 x\n ").Add("."), ".", []Entity{{Bold, 3, 4, 0}}},
		{"nothing but white space", new(Text).Bold(" \n").Italic(""), " \n", nil},
		{"broken UTF-8", new(Text).Bold("a\xff\xfe\xfdb").Code("c"), "a\uFFFDbc", []Entity{{Bold, 0, 3, 0}, {Code, 3, 1, 0}}},
		{"appended", new(Text).Add("😀").Append(new(Text).Add("é").Bold("😀")).Code("z"), "😀é😀z", []Entity{{Bold, 3, 2, 0}, {Code, 5, 1, 0}}},
		{"an instant", new(Text).Add("é ").Instant("today 17:44", time.Unix(1_772_366_640, 0)), "é today 17:44", []Entity{{Instant, 2, 11, 1_772_366_640}}},
		{"the last instant of 32 bits", new(Text).Instant("in 2038", time.Unix(1<<31-1, 0)), "in 2038", []Entity{{Instant, 0, 7, 1<<31 - 1}}},
		{"an instant beyond 32 bits", new(Text).Instant("in 2038", time.Unix(1<<31, 0)), "in 2038", nil},
		{"the instant of number 0, which is none to Telegram", new(Text).Instant("in 1970", time.Unix(0, 0)), "in 1970", nil},
		{"an instant without words", new(Text).Instant(" ", time.Unix(1_772_366_640, 0)), " ", nil},
		{"folded", new(Text).Folded("a\nb"), "a\nb", []Entity{{Folded, 0, 3, 0}}},
		{"formatted", new(Text).Addf("%d%% of %s", 5, "😀").Bold("!"), "5% of 😀!", []Entity{{Bold, 8, 1, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := c.text.Message()
			if !strings.HasPrefix(m.Text, c.want) || m.Text != c.text.String() || !slices.Equal(m.Entities, c.ents) {
				t.Errorf("got %q %v, want %q %v", m.Text, m.Entities, c.want, c.ents)
			}
			if got, want := c.text.Len(), len([]rune(m.Text)); got != want {
				t.Errorf("length %d, want %d", got, want)
			}
		})
	}
}

func TestAMessageDoesNotChangeWithItsText(t *testing.T) {
	var text Text
	text.Bold("a")
	m := text.Message()
	text.Bold("b")
	if m.Text != "a" || len(m.Entities) != 1 {
		t.Errorf("the message became %+v", m)
	}
}

func TestRowsWithoutButtonsAreLeftOut(t *testing.T) {
	b := Button{Label: "a", Command: "b"}
	m := new(Text).Add("x").Message(nil, []Button{b}, []Button{})
	if !reflect.DeepEqual(m.Buttons, [][]Button{{b}}) {
		t.Errorf("got %v", m.Buttons)
	}
}

// styled gives every button a style.
func styled(rows [][]Button) [][]Button {
	for _, row := range rows {
		for i := range row {
			row[i].Style = Success
		}
	}
	return rows
}

// What Telegram would refuse must not get as far as the outbox. Leaving out
// any one of the checks turns this red.
func TestEncodeRefusesWhatTelegramWould(t *testing.T) {
	long := strings.Repeat("😀", MaxText)
	grid := func(rows, columns int, label string) (all [][]Button) {
		for range rows {
			all = append(all, slices.Repeat([]Button{{Label: label, Command: "goal 1"}}, columns))
		}
		return all
	}
	for _, c := range []struct {
		name string
		m    Message
		ok   bool
	}{
		{"4,096 characters of four bytes", Message{Text: long}, true},
		{"4,097 characters", Message{Text: long + "x"}, false},
		{"no text", Message{Text: " \n"}, false},
		{"new buttons for an old message", Message{Edit: 5, Buttons: grid(1, 1, "a")}, true},
		{"no buttons for an old message", Message{Edit: 5}, true},
		{"white space for an old message", Message{Edit: 5, Text: " "}, false},
		{"a document alone", Message{Document: NewDocument("a", []byte("b"))}, true},
		{"an empty document", Message{Text: "x", Document: NewDocument("a", nil)}, false},
		{"a document that nobody writes", Message{Document: &Document{Name: "a", Size: 1}}, false},
		{"a document too large", Message{Document: NewDocument("a", make([]byte, MaxDocument+1))}, false},
		{"a picture alone", Message{Photo: []byte("b")}, true},
		{"a picture as large as may be", Message{Photo: make([]byte, MaxPhoto)}, true},
		{"a picture too large", Message{Photo: make([]byte, MaxPhoto+1)}, false},
		{"what is made later", Message{Render: "export", Args: "csv", Edit: 5}, true},
		{"a text beside what is made later", Message{Render: "export", Text: "x"}, false},
		{"a file beside what is made later", Message{Render: "export", Document: NewDocument("a", []byte("b"))}, false},
		{"a picture and a document", Message{Photo: []byte("b"), Document: NewDocument("a", []byte("b"))}, false},
		{"a caption of 1,024", Message{Text: long[:4*MaxCaption], Document: NewDocument("a", []byte("b"))}, true},
		{"a caption of 1,025", Message{Text: long[:4*MaxCaption+4], Document: NewDocument("a", []byte("b"))}, false},
		{"a caption of 1,025 under a picture", Message{Text: long[:4*MaxCaption+4], Photo: []byte("b")}, false},
		{"a file by its id", Message{File: &File{Kind: "voice", ID: "x"}}, true},
		{"a file without an id", Message{File: &File{Kind: "voice"}}, false},
		{"a file of a kind that nobody knows", Message{File: &File{Kind: "sticker", ID: "x"}}, false},
		{"a file by its id and another", Message{File: &File{Kind: "voice", ID: "x"}, Photo: []byte("b")}, false},
		{"a caption of 1,025 under a file by its id", Message{Text: long[:4*MaxCaption+4], File: &File{Kind: "voice", ID: "x"}}, false},
		{"64 bytes of data", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Command: strings.Repeat("x", 64)}}}}, true},
		{"65 bytes of data", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Command: strings.Repeat("é", 32) + "x"}}}}, false},
		{"no data", Message{Text: "x", Buttons: [][]Button{{{Label: "a"}}}}, false},
		{"a link", Message{Text: "x", Buttons: [][]Button{{{Label: "a", URL: "https://example.org"}}}}, true},
		{"a link of 2,048 bytes", Message{Text: "x", Buttons: [][]Button{{{Label: "a", URL: strings.Repeat("u", MaxLink)}}}}, true},
		{"a longer link", Message{Text: "x", Buttons: [][]Button{{{Label: "a", URL: strings.Repeat("u", MaxLink+1)}}}}, false},
		{"something to copy", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Copy: strings.Repeat("é", MaxCopied)}}}}, true},
		{"too much to copy", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Copy: strings.Repeat("é", MaxCopied+1)}}}}, false},
		{"two things in one button", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Command: "b", Copy: "c"}}}}, false},
		{"no label", Message{Text: "x", Buttons: [][]Button{{{Label: " ", Command: "b"}}}}, false},
		{"a style", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Command: "b", Style: Danger}, {Label: "a", Command: "b", Style: Success}, {Label: "a", Command: "b", Style: Primary}}}}, true},
		{"a style that nobody knows", Message{Text: "x", Buttons: [][]Button{{{Label: "a", Command: "b", Style: "blue"}}}}, false},
		{"100 entities", Message{Text: "x", Entities: slices.Repeat([]Entity{{Bold, 0, 1, 0}}, 100)}, true},
		{"101 entities", Message{Text: "x", Entities: slices.Repeat([]Entity{{Bold, 0, 1, 0}}, 101)}, false},
		{"8 in a row", Message{Text: "x", Buttons: grid(1, 8, "a")}, true},
		{"9 in a row", Message{Text: "x", Buttons: grid(1, 9, "a")}, false},
		{"100 buttons", Message{Text: "x", Buttons: grid(20, 5, "a")}, true},
		{"105 buttons", Message{Text: "x", Buttons: grid(21, 5, "a")}, false},
		{"all that fits in the labels", Message{Text: "x", Buttons: grid(90, 1, strings.Repeat("x", 70))}, true},
		{"no room for styles", Message{Text: "x", Buttons: styled(grid(90, 1, strings.Repeat("x", 70)))}, false},
		{"too much in the labels", Message{Text: "x", Buttons: grid(90, 1, strings.Repeat("x", 80))}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.m.Encode()
			if (err == nil) != c.ok {
				t.Fatalf("got error %v", err)
			}
			if err != nil {
				return
			}
			back, err := Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := back.Encode(); err != nil || !bytes.Equal(again, body) {
				t.Errorf("came back as %s, %v; want %s", again, err, body)
			}
			if back.Document != nil { // functions are never equal
				back.Document, c.m.Document = nil, nil
			}
			if !reflect.DeepEqual(back, c.m) {
				t.Errorf("came back as %+v", back)
			}
		})
	}
	if err := (Message{Document: NewDocument("a", make([]byte, MaxDocument))}).check(); err != nil {
		t.Errorf("a document as large as may be: %v", err)
	}
	if _, err := Decode([]byte("{")); err == nil {
		t.Error("half a message was read")
	}
}

// What goes to a private chat instead loses what belongs to the group, and says
// what it is about where there is room. Adding the words without looking turns
// this red.
func TestAMessageForAPrivateChatInstead(t *testing.T) {
	m := Message{Text: "x", Thread: 7, ReplyTo: 8, Edit: 9, Ask: true, Tag: "board", Quiet: true, Elsewhere: []int64{1}, About: "For Club."}
	got := m.Private()
	if want := (Message{Text: "x\n\nFor Club.", Quiet: true, Ask: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	for _, long := range []Message{{Text: strings.Repeat("x", MaxText-5)}, {Text: strings.Repeat("x", MaxCaption-5), Photo: []byte("p")}} {
		long.About = "For Club."
		if got := long.Private(); got.Text != long.Text {
			t.Errorf("%d characters", len(got.Text))
		}
	}
	if got := (Message{File: &File{Kind: "voice", ID: "x"}}).Private(); got.File == nil {
		t.Error("a file stays behind")
	}
	if got := (Message{Document: NewDocument("a", []byte("b")), About: "For Club."}).Private(); got.Text != "For Club." {
		t.Errorf("below a file: %q", got.Text)
	}
}
