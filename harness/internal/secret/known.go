package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	// shortest is the length in bytes from which on a secret can be masked: a shorter one may be an ordinary word.
	shortest = 8
	// enough is how many bytes of a secret that was cut short are masked.
	enough = 16
)

// known is what this process uses as a secret, in all forms. It belongs to the process, like the variables and files that the
// secrets are read from.
var known struct {
	sync.RWMutex
	forms []string
	heads []string            // their first bytes, at most enough of them; the longest first
	tails map[string][]string // by head, what follows in each form
}

// Know makes Mask mask secrets wherever they stand, and Files find them, for as long as the process runs: as they are, encoded in
// base64, and escaped as in JSON, HTML and URLs; of a key or certificate in PEM also every line. It ignores secrets of less than 8
// bytes, which cannot be told from ordinary words.
func Know(secrets ...string) {
	known.Lock()
	defer known.Unlock()
	for _, value := range secrets {
		for _, form := range formsOf(strings.TrimSpace(value)) {
			if len(form) < shortest || strings.Contains(aToken+aKey+credentials+aSecret, form) || slices.Contains(known.forms, form) {
				continue
			}
			known.forms = append(known.forms, form)
			head, tail := form[:min(len(form), enough)], form[min(len(form), enough):]
			if known.tails == nil {
				known.tails = map[string][]string{}
			}
			if known.tails[head] == nil {
				known.heads = append(known.heads, head)
			}
			known.tails[head] = append(known.tails[head], tail)
		}
	}
	slices.SortFunc(known.heads, func(a, b string) int { return len(b) - len(a) })
}

// formsOf returns a secret and what it looks like where it is encoded.
func formsOf(value string) []string {
	if len(value) < shortest {
		return nil
	}
	inJSON, _ := json.Marshal(value) // of a string it does not fail
	forms := []string{
		value, strings.Trim(string(inJSON), `"`), html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.StdEncoding.EncodeToString([]byte(value[:len(value)/3*3])), // and what follows
	}
	if strings.HasPrefix(value, "-----BEGIN ") {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= enough && !strings.HasPrefix(line, "-----") {
				forms = append(forms, line)
			}
		}
	}
	return forms
}

// Mask replaces everything in the text that has the form of a secret, or that was passed to Know. Of a known secret that was cut
// short it masks what is left, if that is at least 16 bytes. Masking a text again changes nothing.
func Mask(text string) string {
	for _, form := range forms {
		text = form.apply(text)
	}
	known.RLock()
	defer known.RUnlock()
	for _, head := range known.heads {
		text = maskKnown(text, head, known.tails[head])
	}
	return text
}

// maskKnown masks the secrets that begin with head, as far as one of them is there.
func maskKnown(text, head string, tails []string) string {
	before, after, found := strings.Cut(text, head)
	if !found {
		return text
	}
	var masked strings.Builder
	for found {
		masked.WriteString(before)
		masked.WriteString(aSecret)
		longest := 0
		for _, tail := range tails {
			longest = max(longest, common(after, tail))
		}
		before, after, found = strings.Cut(after[longest:], head)
	}
	masked.WriteString(before)
	return masked.String()
}

// common returns the length of the common beginning of two texts.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Files returns those of the files in a directory, at any depth, that hold a known secret. It returns an error if a file cannot be
// read, with the other files that hold one.
func Files(dir string) (holding []string, err error) {
	known.RLock()
	values := slices.Clone(known.forms)
	known.RUnlock()
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(values, func(value string) bool { return bytes.Contains(text, []byte(value)) }) {
			holding = append(holding, path)
		}
		return nil
	})
	if err != nil {
		err = fmt.Errorf("look for secrets in %s: %w", dir, err)
	}
	return holding, err
}
