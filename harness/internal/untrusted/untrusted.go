// Package untrusted makes text from a cluster safe for a terminal, for Markdown and for XML. Logs, names and messages are
// written by whatever runs on the cluster, so they may contain terminal escapes, HTML or table rows. It is pure.
package untrusted

import (
	"regexp"
	"strings"
	"unicode"
)

// escapes matches terminal escape sequences: CSI ("\x1b[31m"), OSC with its terminator, and two-character sequences.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-~])`)

// Text removes terminal escapes, control characters and characters that change the direction of text, and replaces invalid
// UTF-8. It keeps newlines and tabs.
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

// Line returns Text on one line: it replaces every run of white space by one space.
func Line(text string) string { return strings.Join(strings.Fields(Text(text)), " ") }

// Short returns Line, cut to at most so many characters. An ellipsis replaces the rest.
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

// Markdown escapes Line, so that GitHub's Markdown shows it literally in a sentence, a list or the cell of a table. It also
// escapes a leading character that would begin a list or a rule, and separates with a zero-width space what GitHub would link or
// replace in spite of an escape: the name of an account, which it would notify, an issue, a commit, a URL, an emoji.
func Markdown(text string) string {
	return leading(escaped(Line(text)))
}

// Prose is Markdown for a sentence with words between backticks, which remain code spans. Do not use it in the cell of a table,
// where a pipe ends the cell even in a code span.
func Prose(text string) string {
	line := Line(text)
	parts := strings.Split(line, "`")
	if len(parts)%2 == 0 || strings.Contains(line, "``") {
		return Markdown(text) // these are no code spans
	}
	for i := range parts {
		if i%2 == 0 {
			parts[i] = escaped(parts[i])
		}
	}
	return leading(strings.Join(parts, "`"))
}

func escaped(line string) string {
	for _, r := range live {
		line = r.ReplaceAllString(line, "$1\u200b$2")
	}
	return markdown.Replace(line)
}

// mention matches the beginning of an account's name, with what is before it.
var mention = regexp.MustCompile(`((?:^|\W|_)@)(\w)`)

// emoji matches the name of an emoji between colons. Not every number is one, such as in a time.
var emoji = regexp.MustCompile(`(:)((?:100|1234|-1|[a-z0-9_+-]*[a-z+][a-z0-9_+-]*):)`)

// live matches what GitHub's Markdown links or replaces even if it is escaped, in two parts.
var live = []*regexp.Regexp{
	mention, mention, // again, because two may share a character
	regexp.MustCompile(`([\w.+-]@)(\w[\w-]*\.)`),               // an e-mail address
	regexp.MustCompile(`(?i)(#|\bGH-)(\d)`),                    // an issue
	regexp.MustCompile(`(\b[0-9a-f]{7})([0-9a-f]{33}\b)`),      // a commit
	regexp.MustCompile(`(?i)(https?:|ftp:|mailto:|xmpp:)(\S)`), // a URL
	regexp.MustCompile(`(?i)(www)(\.)`),                        // and one without a scheme
	emoji, emoji,                                               // again, because two may share a colon
}

// leading escapes a character that would begin a list or a rule.
func leading(line string) string {
	if strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "=") {
		return `\` + line
	}
	return numbered.ReplaceAllString(line, `$1\$2$3`)
}

var numbered = regexp.MustCompile(`^(\d+)([.)])( |$)`)

// Code returns Line as a code span. Do not use it in the cell of a table, where a pipe ends the cell even in a code span.
func Code(text string) string {
	line := Line(text)
	ticks := strings.Repeat("`", longestRun(line)+1)
	if line == "" || strings.HasPrefix(line, "`") || strings.HasSuffix(line, "`") {
		line = " " + line + " "
	}
	return ticks + line + ticks
}

// Fence returns Text as a fenced code block of this language, with a fence that the text does not contain. It ends with a
// newline.
func Fence(language, text string) string {
	text = Text(text) // without an escape between them, backticks become one run
	ticks := strings.Repeat("`", max(3, longestRun(text)+1))
	return ticks + language + "\n" + strings.TrimRight(text, "\n") + "\n" + ticks + "\n"
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
