package goals

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTag is how many characters a tag has at most, without its #.
const MaxTag = 40

// aTag finds # and what follows it, where no word, link or other sign goes before it.
var aTag = regexp.MustCompile(`(?:^|[^\p{L}\p{N}\p{M}_#/&?=-])#([\p{L}\p{N}\p{M}_-]+)`)

// Tags are the words of a text that begin with #, as "#reading" does: folded, without
// the #, each once. What has no letter is none, since #12 is a goal.
func Tags(text string) (tags []string) {
	if !strings.Contains(text, "#") {
		return nil
	}
	for _, found := range aTag.FindAllStringSubmatch(text, -1) {
		tag := strings.TrimRight(Fold(found[1]), "-")
		if strings.IndexFunc(tag, unicode.IsLetter) >= 0 && utf8.RuneCountInString(tag) <= MaxTag && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// HasTags reports whether a goal has all of these tags, which are as [Tags] returns
// them.
func (g *Goal) HasTags(tags []string) bool {
	has := Tags(g.Description)
	return !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(has, tag) })
}
