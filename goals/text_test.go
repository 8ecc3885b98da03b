package goals

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	thousand := strings.Repeat("😀", 1000)
	for _, c := range []struct {
		name, in, want string
		refuse         Refusal
	}{
		{name: "plain", in: "  call mother \n", want: "call mother"},
		{name: "lines stay", in: "a\r\nb\n\nc", want: "a\nb\n\nc"},
		{name: "tabs and odd line ends", in: "a\tb\u2028c\u2029d\re", want: "a b c d e"},
		{name: "control characters", in: "a\x00b\x1b[31mc\u0085d\x7f", want: "ab[31mcd"},
		{name: "bidi overrides", in: "pay \u202e0001\u202c now \u2066x\u2069", want: "pay 0001 now x"},
		{name: "bidi embeddings", in: "\u202apay\u202c \u202bnow\u202c \u202dx\u202c \u2067y\u2069 \u2068z\u2069", want: "pay now x y z"},
		{name: "direction marks stay", in: "שלום\u200f!", want: "שלום\u200f!"},
		{name: "a byte order mark", in: "\ufefftext", want: "text"},
		{name: "broken UTF-8", in: "a\xff\xfeb", want: "a\uFFFDb"},
		{name: "combining marks stay", in: "e\u0301te\u0301", want: "e\u0301te\u0301"},
		{name: "joined emoji stay whole", in: "👩‍👩‍👧‍👦 and 🏳️‍🌈", want: "👩‍👩‍👧‍👦 and 🏳️‍🌈"},
		{name: "markup is text", in: `<b>&amp;"`, want: `<b>&amp;"`},
		{name: "1,000 characters", in: thousand, want: thousand},
		{name: "1,000 characters after cleaning", in: "\u202e" + thousand + "\n", want: thousand},
		{name: "1,001 characters", in: thousand + "x", refuse: Refusal{Kind: LongText, Has: 1001, Limit: 1000}},
		{name: "nothing", in: "", refuse: Refusal{Kind: NoText}},
		{name: "blanks", in: " \n\t\u00a0\u3000", refuse: Refusal{Kind: NoText}},
		{name: "zero width", in: "\u200b\u200c\u200d\u2060\ufeff\u00ad", refuse: Refusal{Kind: NoText}},
		{name: "overrides", in: "\u202e\u202d\u2066", refuse: Refusal{Kind: NoText}},
		{name: "marks with nothing below", in: "\u0301\u034f\ufe0f", refuse: Refusal{Kind: NoText}},
		{name: "letters without ink", in: "\u3164\u115f\u1160\uffa0\u2800\ufffc", refuse: Refusal{Kind: NoText}},
		{name: "tags", in: "\U000e0041\U000e007f", refuse: Refusal{Kind: NoText}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := CleanText(DescriptionText, c.in, MaxDescription)
			if c.refuse != (Refusal{}) {
				wantRefusal(t, err, c.refuse)
				if got != "" {
					t.Errorf("refused, and still %q", got)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if again, err := CleanText(DescriptionText, got, MaxDescription); err != nil || again != got {
				t.Errorf("cleaned again: %q, %v", again, err)
			}
		})
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\n b\r\n\tc": "a b c",
		"\u202eevil":   "evil",
		"\u200b":       "\u200b",
		" \n ":         "",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("OneLine(%q) = %q, want %q", in, got, want)
		}
	}
	if Shows("\u202e \u200b") || !Shows("\u202ex") {
		t.Error("Shows looks at what no screen shows")
	}
}

// FuzzCleanText: what is kept is valid, within the limit, free of what must
// not reach a screen, and stays as it is when it is cleaned again.
func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"", "a", "\u202e", "a\x00\xff", " \u200b x", "👩‍👩‍👧‍👦", "\r\n\r", "\u2067א"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := CleanText(DescriptionText, in, 100)
		if err != nil {
			return
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 100 || got != strings.TrimSpace(got) || !Shows(got) {
			t.Errorf("%q became %q", in, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c' {
				t.Errorf("%q became %q, which holds %U", in, got, r)
			}
		}
		if again, err := CleanText(DescriptionText, got, 100); err != nil || again != got {
			t.Errorf("%q became %q, then %q (%v)", in, got, again, err)
		}
		if line := OneLine(got); strings.ContainsAny(line, "\n\r\t") || line == "" {
			t.Errorf("one line of %q: %q", got, line)
		}
	})
}
