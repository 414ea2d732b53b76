package untrusted_test

import (
	"strings"
	"testing"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain Korean stays":       {"컨테이너 안에", "컨테이너 안에"},
		"line ends and tabs stay":  {"a\n\tb", "a\n\tb"},
		"a lone CR is a line end":  {"10%\r20%\r\nend", "10%\n20%\nend"},
		"colours are removed":      {"\x1b[1;31mred\x1b[0m", "red"},
		"a title is not set":       {"\x1b]0;owned\x07text", "text"},
		"a link is not made":       {"\x1b]8;;http://x\x1b\\text", "text"},
		"a lone escape is removed": {"a\x1b", "a"},
		"bells and backspaces":     {"a\x07\x08b\x00", "ab"},
		"C1 controls":              {"a\u009b31mb", "a31mb"},
		"direction of text":        {"abc\u202Etxt\u2066", "abctxt"},
		"invalid UTF-8":            {"a\xffb", "a\uFFFDb"},
		"no character XML forbids": {"a\uFFFEb", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := untrusted.Text(c.text); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"a | b":                       `a \| b`,
		"two\nlines":                  "two lines",
		"<script>alert(1)</script>":   "&lt;script&gt;alert(1)&lt;/script&gt;",
		"[x](javascript:y)":           `\[x\](javascript:y)`,
		"![x](y)":                     `\!\[x\](y)`,
		"*bold* _it_ `code` # \\ ~~x": "\\*bold\\* \\_it\\_ \\`code\\` \\# \\\\ \\~\\~x",
		"- item":                      `\- item`,
		"+ item":                      `\+ item`,
		"1. item":                     `1\. item`,
		"0.31 cores":                  "0.31 cores",
		"@admin: see (@ops)":          "@\u200badmin: see (@\u200bops)",
		"agnhost:2@sha256:ab":         "agnhost:2@sha256:ab",
		"see #12 or GH-3 of a/b#4":    "see \\#\u200b12 or GH-\u200b3 of a/b\\#\u200b4",
		"on https://x.y or www.x.y":   "on https:\u200b//x.y or www\u200b.x.y",
		"all is :+1: :white_heart:":   "all is :\u200b+1: :\u200bwhite\\_heart:",
		"at 18:32:10 on 10.0.0.1:80":  "at 18:32:10 on 10.0.0.1:80",
		"by 34ab76e0123456789abcdef0123456789abcdef0": "by 34ab76e\u200b0123456789abcdef0123456789abcdef0",
		"uid 8d56a56a-30a5":                           "uid 8d56a56a-30a5",
		"&lt;":                                        "&amp;lt;",
		"\x1b[31mred":                                 "red",
	} {
		if got := untrusted.Markdown(text); got != want {
			t.Errorf("Markdown(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCodeAndFence(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "`plain`",
		"a`b":   "``a`b``",
		"``":    "``` `` ```",
		"":      "`  `",
	} {
		if got := untrusted.Code(text); got != want {
			t.Errorf("Code(%q) = %q, want %q", text, got, want)
		}
	}
	got := untrusted.Fence("text", "a\n```\n# heading\n\n")
	if hidden := untrusted.Fence("text", "``\x1b[m`\n# heading"); hidden != "````text\n```\n# heading\n````\n" {
		t.Errorf("Fence = %q: an escape hides a run of backticks", hidden)
	}
	if want := "````text\na\n```\n# heading\n````\n"; got != want {
		t.Errorf("Fence = %q, want %q", got, want)
	}
}

func TestShort(t *testing.T) {
	if got := untrusted.Short("가나다라마", 5); got != "가나다라마" {
		t.Errorf("text that fits was cut: %q", got)
	}
	got := untrusted.Short(strings.Repeat("가", 20), 5)
	if got != "가가가가…" {
		t.Errorf("Short = %q, want five characters, the last an ellipsis", got)
	}
}

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"use `lo=dev`, not *that*":       `use ` + "`lo=dev`" + `, not \*that\*`,
		"`<b>` and <b> of `@team` @team": "`<b>` and &lt;b&gt; of `@team` @\u200bteam",
		"a lone ` stays <b>":             "a lone \\` stays &lt;b&gt;",
		"``two`` are escaped":            "\\`\\`two\\`\\` are escaped",
		"- `no` list":                    "\\- `no` list",
	} {
		if got := untrusted.Prose(text); got != want {
			t.Errorf("Prose(%q) = %q, want %q", text, got, want)
		}
	}
}
