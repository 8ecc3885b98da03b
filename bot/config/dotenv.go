package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/joho/godotenv"

	"goalbot/securefile"
)

// This file reads .env. godotenv parses it, line by line: so a problem has a
// line number, and the library's errors, which quote the rest of the file with
// the token in it, are dropped unread.

// dotenv is what a file like .env says.
type dotenv struct {
	name     string // of the file, without its folder
	entries  map[string]dotenvEntry
	problems []string
	warnings []string
}

type dotenvEntry struct {
	value string
	line  int
}

// maxDotenv is far more than all settings need.
const maxDotenv = 1 << 20

func readDotenv(path string) dotenv {
	d := dotenv{name: filepath.Base(path), entries: make(map[string]dotenvEntry)}
	content, info, err := readSettings(path, maxDotenv)
	if errors.Is(err, fs.ErrNotExist) {
		return d
	}
	if _, long := errors.AsType[*securefile.SizeError](err); long {
		d.problems = append(d.problems, d.name+" is too long to hold settings.")
		return d
	}
	if err != nil {
		d.problems = append(d.problems, d.name+" "+unreadable(err)+".")
		return d
	}
	if problem := d.foreign(info); problem != "" {
		d.problems = append(d.problems, problem)
		return d
	}
	if w := loose(d.name, info, "chmod 600 "+d.name); w != "" {
		d.warnings = append(d.warnings, w)
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		d.problems = append(d.problems, d.name+" must be saved as UTF-8.")
		return d
	}
	line := 0
	for text := range strings.SplitSeq(string(content), "\n") {
		line++
		if problem := d.add(line, strings.TrimSuffix(text, "\r")); problem != "" {
			if !strings.HasSuffix(problem, "?") {
				problem += "."
			}
			d.problems = append(d.problems, fmt.Sprintf("%s line %d: %s", d.name, line, problem))
		}
	}
	return d
}

// foreign says what is wrong with a file that others have written or may write:
// with TELEGRAM_API_URL they would get the token.
func (d *dotenv) foreign(info fs.FileInfo) string {
	if uid, yes := foreignOwner(info); yes {
		return fmt.Sprintf("%s belongs to another user (id %d), who could have the token sent elsewhere with it, so it was not read. If it is meant for this bot: sudo chown %d %s && sudo chmod 600 %s. Otherwise start the bot in another folder.",
			d.name, uid, os.Geteuid(), d.name, d.name)
	}
	if _, write := openTo(info.Mode()); write {
		return fmt.Sprintf("%s can be changed by other users of this machine (mode %04o), who could have the token sent elsewhere with it, so it was not read. Check what it says, then: chmod 600 %s.",
			d.name, info.Mode().Perm(), d.name)
	}
	return ""
}

const notUnderstood = "must be NAME=value on one line; put a value with quotes, blanks, # or \\ in single quotes"

// plainName is what an unknown name must look like to be repeated: a password
// that stands where a name should has digits or small letters in it.
var plainName = regexp.MustCompile(`^[A-Z_]{1,40}$`)

// add takes a line in and returns what is wrong with it.
func (d *dotenv) add(line int, text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return "contains a control character; type it again"
	}
	values, err := godotenv.UnmarshalBytes([]byte(text))
	if err == nil && len(values) == 0 {
		return ""
	}
	name, value := "", ""
	for name, value = range values {
	}
	switch _, twice := d.entries[name]; {
	case err == nil && len(values) == 1 && slices.ContainsFunc(variables, func(s setting) bool { return s.name == name }):
		if twice {
			return fmt.Sprintf("%s is set a second time; the first is in line %d", name, d.entries[name].line)
		}
	case anyToken.MatchString(text):
		return "looks like a bot token without the name of a setting; write TELEGRAM_BOT_TOKEN= before it"
	case err != nil || len(values) != 1 || name == "":
		return notUnderstood
	default:
		return unknownName(name)
	}
	if value != literal(text, name) {
		return fmt.Sprintf("the value of %s contains a $ or a \\ and would not be read literally; put it in single quotes, as in %s='...'", name, name)
	}
	d.entries[name] = dotenvEntry{value, line}
	return ""
}

// literal is the value as godotenv reads it where it takes no $ for a variable
// and no \ for an escape.
func literal(text, name string) string {
	const dollar, backslash = "\x01", "\x02"
	values, err := godotenv.Unmarshal(strings.NewReplacer("$", dollar, `\`, backslash).Replace(text))
	if err != nil {
		return ""
	}
	return strings.NewReplacer(dollar, "$", backslash, `\`).Replace(values[name])
}

// unknownName says that there is no such setting, and which one may be meant.
func unknownName(name string) string {
	problem := "there is no setting of this name"
	if plainName.MatchString(name) {
		problem = "there is no setting " + name
	}
	if near := nearestSetting(strings.ToUpper(name)); near != "" {
		return problem + "; did you mean " + near + "?"
	}
	return problem + "; .env.example lists them all"
}

// nearestSetting returns the setting that a mistyped name most likely means, or "".
func nearestSetting(name string) string {
	best, bestDistance := "", len(name)/2
	for _, s := range variables {
		if distance := editDistance(name, s.name); distance < bestDistance {
			best, bestDistance = s.name, distance
		}
	}
	if best == "" && len(name) > 4 { // a part of the name, as in BOT_TOKEN
		for _, s := range variables {
			if strings.Contains(s.name, name) {
				return s.name
			}
		}
	}
	return best
}

// editDistance counts the letters to add, drop or replace to turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}
