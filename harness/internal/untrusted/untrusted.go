// Package untrusted makes text that came from a cluster fit to stand in a terminal, in Markdown or in XML. Logs, names
// and messages are written by whatever ran on the cluster, so they may hold terminal escapes, HTML or table rows. It
// is pure.
package untrusted

import (
	"regexp"
	"strings"
	"unicode"
)

// escapes are terminal sequences: CSI ("\x1b[31m"), OSC up to its end, and the two-character ones.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-~])`)

// Text is the text without terminal escapes, without control and direction-turning characters and without bytes that
// are not UTF-8. Line ends and tabs stay.
func Text(text string) string {
	text = escapes.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r == '\uFEFF', unicode.Is(unicode.Bidi_Control, r), r == 0xFFFE, r == 0xFFFF:
			return -1
		default:
			return r
		}
	}, text)
}

// Line is Text on one line: every run of white space is one space.
func Line(text string) string { return strings.Join(strings.Fields(Text(text)), " ") }

// Short is Line cut after so many characters, with an ellipsis in the place of what was cut.
func Short(text string, most int) string {
	line := []rune(Line(text))
	if len(line) <= most {
		return string(line)
	}
	return strings.TrimSpace(string(line[:most-1])) + "…"
}

var markdown = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "!", `\!`, "$", `\$`,
)

// Markdown is Line as GitHub's Markdown shows it letter for letter, in a sentence, a list or the cell of a table. A
// mark that would make a list or a rule at the start of a line is escaped as well.
func Markdown(text string) string {
	line := markdown.Replace(Line(text))
	if strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "=") {
		return `\` + line
	}
	return numbered.ReplaceAllString(line, `$1\$2$3`)
}

var numbered = regexp.MustCompile(`^(\d+)([.)])( |$)`)

// Code is Line as a code span. It is not for the cell of a table, where a pipe ends even a code span.
func Code(text string) string {
	line := Line(text)
	ticks := strings.Repeat("`", longestRun(line)+1)
	if line == "" || strings.HasPrefix(line, "`") || strings.HasSuffix(line, "`") {
		line = " " + line + " "
	}
	return ticks + line + ticks
}

// Fence is Text as a fenced block of this language, which no line of the text can end. It ends with a line end.
func Fence(language, text string) string {
	ticks := strings.Repeat("`", max(3, longestRun(text)+1))
	return ticks + language + "\n" + strings.TrimRight(Text(text), "\n") + "\n" + ticks + "\n"
}

func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
