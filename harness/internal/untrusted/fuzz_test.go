package untrusted_test

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

var seeds = []string{
	"", "a | b", "@team #12 GH-3 https://x.y www.x.y :+1: 34ab76e0123456789abcdef0123456789abcdef0", "![x](y) <b> &lt; `c` ~~d~~ $e$",
	"\x1b]8;;http://x\x1b\\text \u202E\u009b31m a\xffb", "1. item\n- item\n```\n# heading\n", "::a::b: @@a _@b a@b.c",
}

// live matches what GitHub links or replaces in the text of a page: names of accounts, issues, commits, emoji.
var live = regexp.MustCompile(`(?:^|[^0-9A-Za-z])@[0-9A-Za-z]|#\d|(?i:\bGH-\d)|\b[0-9a-f]{40}\b|:(?:\+1|-1|100|1234|[a-z]+[a-z0-9_+-]*):`)

var tag = regexp.MustCompile(`<[^>]*>`)

func FuzzMarkdown(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	github := goldmark.New(goldmark.WithExtensions(extension.GFM))
	f.Fuzz(func(t *testing.T, text string) {
		for name, written := range map[string]string{"Markdown": untrusted.Markdown(text), "Prose": untrusted.Prose(text)} {
			var page bytes.Buffer
			if err := github.Convert([]byte(written), &page); err != nil {
				t.Fatal(err)
			}
			rendered := page.String()
			if name == "Prose" {
				rendered = regexp.MustCompile(`<code>.*?</code>`).ReplaceAllString(rendered, "")
			}
			for _, found := range tag.FindAllString(rendered, -1) {
				if found != "<p>" && found != "</p>" {
					t.Errorf("%s(%q) = %q is rendered as %q, with %s", name, text, written, rendered, found)
				}
			}
			shown := html.UnescapeString(tag.ReplaceAllString(rendered, ""))
			if found := live.FindString(shown); found != "" {
				t.Errorf("%s(%q) = %q has %q, which GitHub would link", name, text, written, found)
			}
			if name == "Markdown" && strings.Join(strings.Fields(strings.ReplaceAll(shown, "\u200b", "")), " ") != strings.ReplaceAll(untrusted.Line(text), "\u200b", "") {
				t.Errorf("Markdown(%q) = %q shows %q", text, written, shown)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean := untrusted.Text(text)
		if !utf8.ValidString(clean) || strings.ContainsFunc(clean, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("Text(%q) = %q", text, clean)
		}
		if again := untrusted.Text(clean); again != clean {
			t.Errorf("Text(%q) = %q, and again %q", text, clean, again)
		}
		if short := untrusted.Short(text, 10); utf8.RuneCountInString(short) > 10 {
			t.Errorf("Short(%q, 10) = %q", text, short)
		}
	})
}

func FuzzCode(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	github := goldmark.New(goldmark.WithExtensions(extension.GFM))
	f.Fuzz(func(t *testing.T, text string) {
		var page bytes.Buffer
		if err := github.Convert([]byte(untrusted.Fence("text", text)), &page); err != nil {
			t.Fatal(err)
		}
		const begin, end = `<pre><code class="language-text">`, "</code></pre>\n"
		inside, isBlock := strings.CutPrefix(page.String(), begin)
		inside, ends := strings.CutSuffix(inside, end)
		if !isBlock || !ends || strings.Contains(inside, "<") {
			t.Errorf("Fence(%q) is rendered as %q", text, page.String())
		}
		page.Reset()
		if err := github.Convert([]byte("a "+untrusted.Code(text)+" b"), &page); err != nil {
			t.Fatal(err)
		}
		if strings.Count(page.String(), "<") != 4 || !strings.HasPrefix(page.String(), "<p>a <code>") {
			t.Errorf("Code(%q) is rendered as %q", text, page.String())
		}
	})
}
