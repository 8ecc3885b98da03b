package formats

import (
	"regexp"
	"strings"
	"time"

	"goalbot/goals"
)

// This file reads todo.txt (github.com/todotxt/todo.txt): a task in each line,
// "x 2026-11-02 2026-11-01 call Ann +family @phone due:2026-12-01".

var (
	todoHead = regexp.MustCompile(`^(x )?(?:\(([A-Z])\) )?(?:(\d{4}-\d\d-\d\d) )?(?:(\d{4}-\d\d-\d\d) )?`)
	todoKey  = regexp.MustCompile(`(?:^|\s)(due|t|rec|pri):(\S+)`)
	todoLine = regexp.MustCompile(`(?m)^(?:x \d{4}-\d\d-\d\d |\([A-Z]\) |\d{4}-\d\d-\d\d \S)|\s(?:due|t|rec):\S`)
	todoTag  = regexp.MustCompile(`(?m)(?:^|\s)[+@]\pL\S*`)
)

// looksLikeTodoTxt reports whether every other line at least has something that
// only todo.txt has, or all of them tags and one of them that.
func looksLikeTodoTxt(text string) bool {
	lines, sure, tags := 0, 0, 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if lines++; lines > 1000 {
			break
		}
		if todoLine.MatchString(line) {
			sure++
		} else if todoTag.MatchString(line) {
			tags++
		}
	}
	return sure > 0 && (2*sure >= lines || sure+tags == lines)
}

func (f *File) readTodoTxt(text string) error {
	f.Program = "todo.txt"
	left := leave{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		head := todoHead.FindStringSubmatch(line)
		rest := line[len(head[0]):]
		it := Item{Status: doneIf(head[1] != ""), Priority: head[2]}
		if day := func(s string) time.Time { return readTime(s, f.zone) }; it.Status == goals.Done {
			it.Finished, it.Created = day(head[3]), day(head[4])
		} else {
			it.Created = day(head[3])
		}
		for _, key := range todoKey.FindAllStringSubmatch(rest, -1) {
			switch key[1] {
			case "due":
				it.Due = readDate(key[2], f.zone)
			case "t":
				it.Start = readDate(key[2], f.zone)
			case "rec":
				it.Repeat = key[2]
			case "pri": // of a task that is done
				it.Priority = key[2]
			}
		}
		it.Text, it.Tags = cutTags(todoKey.ReplaceAllString(rest, ""), "@+")
		if err := f.add(it, left); err != nil {
			return err
		}
	}
	f.LeftOut = left.words()
	return nil
}
