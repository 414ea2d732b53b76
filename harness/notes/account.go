package notes

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
)

// NotAClaim is a part of the notes that asserts nothing a cluster could be asked.
type NotAClaim struct {
	// Quote is a part of a line, or whole lines, which may stand in the notes many times, as "metadata:" does.
	Quote string
	// Why is the reason, as a reader of the account sees it.
	Why string
}

// Line is one line of the notes that is not empty, and who answers for it.
type Line struct {
	Number int
	Text   string
	Claims []string // the IDs, in the claims' own order
	Why    string   // why it is not a claim; empty when nobody said so
}

// Answered says whether a claim answers for the line, or a reason why none does.
func (l Line) Answered() bool { return len(l.Claims) > 0 || l.Why != "" }

// Account is every line of the notes that is not empty.
type Account []Line

// Unanswered are the lines that no claim answers for and that nobody declared to be no claim.
func (a Account) Unanswered() []Line {
	var lines []Line
	for _, l := range a {
		if !l.Answered() {
			lines = append(lines, l)
		}
	}
	return lines
}

// String is the account as a person reads it: each line, and below it who answers for it.
func (a Account) String() string {
	var b strings.Builder
	for _, l := range a {
		fmt.Fprintf(&b, "%3d  %s\n", l.Number, l.Text)
		if len(l.Claims) > 0 {
			fmt.Fprintf(&b, "     → %s\n", strings.Join(l.Claims, ", "))
		}
		if l.Why != "" {
			fmt.Fprintf(&b, "     → not a claim: %s\n", l.Why)
		}
		if !l.Answered() {
			b.WriteString("     → NOBODY ANSWERS FOR THIS LINE\n")
		}
	}
	return b.String()
}

// Account lists every line with the claims that answer for it, or with the reason why it is no claim. The error names
// each quote that is not in the notes; the account is made of the others all the same.
func (n *Notes) Account(claims []claim.Claim, not []NotAClaim) (Account, error) {
	ids := make([][]string, len(n.lines)+1)
	why := make([]string, len(n.lines)+1)
	var errs []error
	for _, c := range claims {
		first, last, err := n.Find(c.Quote)
		if err != nil {
			errs = append(errs, fmt.Errorf("claim %s: %w", c.ID, err))
			continue
		}
		for i := first; i <= last; i++ {
			if !slices.Contains(ids[i], c.ID) {
				ids[i] = append(ids[i], c.ID)
			}
		}
	}
	for _, x := range not {
		places, err := n.places(x.Quote)
		if err == nil && !places[0].whole {
			_, _, err = n.Find(x.Quote)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("what is declared not to be a claim: %w", err))
			continue
		}
		if strings.TrimSpace(x.Why) == "" {
			errs = append(errs, fmt.Errorf("%q is declared not to be a claim, but not why", x.Quote))
			continue
		}
		for _, p := range places {
			for i := p.first; i <= p.last; i++ {
				why[i] = x.Why
			}
		}
	}
	var account Account
	for i, text := range n.lines {
		if strings.TrimSpace(text) != "" {
			account = append(account, Line{Number: i + 1, Text: text, Claims: ids[i+1], Why: why[i+1]})
		}
	}
	return account, errors.Join(errs...)
}

// Check is Account for those who want only the faults: quotes that are not in the notes and lines nobody answers for.
func (n *Notes) Check(claims []claim.Claim, not []NotAClaim) error {
	account, err := n.Account(claims, not)
	errs := []error{err}
	for _, l := range account.Unanswered() {
		errs = append(errs, fmt.Errorf("nobody answers for line %d of the notes, %q: make it a claim, or say why it is none", l.Number, l.Text))
	}
	return errors.Join(errs...)
}
