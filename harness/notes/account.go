package notes

import (
	"cmp"
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
	// At says where a part of a line stands that stands in several.
	At claim.Place
	// Kind is, instead of a quote, all lines of a kind that no claim quotes, such as Heading. Only Markdown has them.
	Kind Kind
	// Untested is set when it does assert something, which no scenario tries yet.
	Untested bool
	// Why is the reason, as a reader of the account sees it.
	Why string
}

// Line is one line of the notes that says anything, and what covers it.
type Line struct {
	Number int
	Text   string
	Claims []string // the IDs, in the claims' own order
	Why    string   // why it is not a claim, or not tried yet; empty when neither was declared
	// Untested is true when the line asserts something that no scenario tries yet.
	Untested bool
}

// Answered says whether the line is covered: by a claim, or by a reason why there is none.
func (l Line) Answered() bool { return len(l.Claims) > 0 || l.Why != "" }

// Account is every line of the notes that says anything; fences and rules of Markdown are left out.
type Account []Line

// Unanswered are the lines that are neither quoted by a claim nor declared to be none.
func (a Account) Unanswered() []Line {
	var lines []Line
	for _, l := range a {
		if !l.Answered() {
			lines = append(lines, l)
		}
	}
	return lines
}

// String is the account as a person reads it: each line, and below it what covers it.
func (a Account) String() string {
	var b strings.Builder
	for _, l := range a {
		fmt.Fprintf(&b, "%3d  %s\n", l.Number, l.Text)
		if len(l.Claims) > 0 {
			fmt.Fprintf(&b, "     → %s\n", strings.Join(l.Claims, ", "))
		}
		switch {
		case l.Untested:
			fmt.Fprintf(&b, "     → not tried yet: %s\n", l.Why)
		case l.Why != "":
			fmt.Fprintf(&b, "     → not a claim: %s\n", l.Why)
		case !l.Answered():
			b.WriteString("     → NOT COVERED BY A CLAIM\n")
		}
	}
	return b.String()
}

// Account lists every line with the claims that answer for it, or with the reason why it is no claim. The error names
// each quote that is not in the notes; the account is made of the others all the same.
func (n *Notes) Account(claims []claim.Claim, not []NotAClaim) (Account, error) {
	ids := make([][]string, len(n.lines)+1)
	why := make([]NotAClaim, len(n.lines)+1)
	var errs []error
	for _, c := range claims {
		first, last, err := n.Find(Quote{c.Quote, c.At})
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
		lines, err := n.excused(x)
		if err != nil {
			errs = append(errs, fmt.Errorf("what is declared not to be a claim: %w", err))
			continue
		}
		for _, i := range lines {
			if x.Kind == "" || len(ids[i]) == 0 {
				why[i] = x
			}
		}
	}
	var account Account
	for i, text := range n.lines {
		if n.says(i + 1) {
			account = append(account, Line{Number: i + 1, Text: text, Claims: ids[i+1], Why: why[i+1].Why, Untested: why[i+1].Untested})
		}
	}
	return account, errors.Join(errs...)
}

// excused are the lines that are declared not to be a claim.
func (n *Notes) excused(x NotAClaim) ([]int, error) {
	switch {
	case (x.Kind == "") == (x.Quote == ""):
		return nil, errors.New("it names a quote or a kind of lines, and one of them alone")
	case strings.TrimSpace(x.Why) == "":
		return nil, fmt.Errorf("%q is declared, but not why", cmp.Or(x.Quote, string(x.Kind)))
	case x.Kind != "":
		return n.ofKind(x.Kind)
	}
	quote := Quote{x.Quote, x.At}
	places, err := n.places(quote)
	if err == nil && (!places[0].whole || x.At.Nth > 0) {
		places = make([]place, 1)
		places[0].first, places[0].last, err = n.Find(quote)
	}
	if err != nil {
		return nil, err
	}
	var lines []int
	for _, p := range places {
		for i := p.first; i <= p.last; i++ {
			lines = append(lines, i)
		}
	}
	return lines, nil
}

// Check reports the faults of the account alone: quotes that are not in the notes, and lines that are not covered.
func (n *Notes) Check(claims []claim.Claim, not []NotAClaim) error {
	account, err := n.Account(claims, not)
	errs := []error{err}
	for _, l := range account.Unanswered() {
		errs = append(errs, fmt.Errorf("line %d of the notes is not covered by a claim: %q: add one, or declare it in NotClaims with the reason", l.Number, l.Text))
	}
	return errors.Join(errs...)
}
