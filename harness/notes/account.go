package notes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
)

// NotAClaim is a part of the notes that asserts nothing testable.
type NotAClaim struct {
	// Quote is a part of a line, or whole lines. Whole lines may occur several times, such as "metadata:".
	Quote string
	// At says which place is meant if a part of a line occurs in several lines.
	At claim.Place
	// Kind is used instead of Quote, for all lines of a kind that no claim quotes, such as Heading. Only Markdown has kinds.
	Kind Kind
	// Untested is set if the part asserts something that no scenario tests yet.
	Untested bool
	// Why is the reason, which the account shows.
	Why string
}

// Line is a line of the notes that has text, and what covers it.
type Line struct {
	Number int
	Text   string
	Claims []string // the IDs, in the order of the claims
	Why    string   // why it is not a claim, or not tested yet; empty if nothing was declared
	// Untested is true if the line asserts something that no scenario tests yet.
	Untested bool
}

// Answered returns whether the line is covered by a claim, or by a reason why there is none.
func (l Line) Answered() bool { return len(l.Claims) > 0 || l.Why != "" }

// Account is all lines of the notes that have text. It omits fences and rules of Markdown.
type Account []Line

// Unanswered returns the lines that no claim quotes and that are not declared as NotAClaim.
func (a Account) Unanswered() []Line {
	var lines []Line
	for _, l := range a {
		if !l.Answered() {
			lines = append(lines, l)
		}
	}
	return lines
}

// String returns the account in a readable form: each line, and below it what covers it.
func (a Account) String() string {
	var b strings.Builder
	for _, l := range a {
		fmt.Fprintf(&b, "%3d  %s\n", l.Number, l.Text)
		if len(l.Claims) > 0 {
			fmt.Fprintf(&b, "     → %s\n", strings.Join(l.Claims, ", "))
		}
		switch {
		case l.Untested:
			fmt.Fprintf(&b, "     → not tested yet: %s\n", l.Why)
		case l.Why != "":
			fmt.Fprintf(&b, "     → not a claim: %s\n", l.Why)
		case !l.Answered():
			b.WriteString("     → NOT COVERED BY A CLAIM\n")
		}
	}
	return b.String()
}

// Account returns all lines that have text, with the claims that quote them, or with the reason why they are not a claim. The
// error lists the quotes that are not in the notes. The account then contains the other ones.
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
		lines, err := n.declaredLines(x)
		if err != nil {
			errs = append(errs, fmt.Errorf("NotClaims: %w", err))
			continue
		}
		for _, i := range lines {
			// Words of its own say more of a line than its kind, in whichever order they are declared.
			if x.Kind == "" || len(ids[i]) == 0 && why[i].Why == "" {
				why[i] = x
			}
		}
	}
	var account Account
	for i, text := range n.lines {
		if n.hasText(i + 1) {
			account = append(account, Line{Number: i + 1, Text: text, Claims: ids[i+1], Why: why[i+1].Why, Untested: why[i+1].Untested})
		}
	}
	return account, errors.Join(errs...)
}

// declaredLines returns the numbers of the lines that a NotAClaim declares.
func (n *Notes) declaredLines(x NotAClaim) ([]int, error) {
	switch {
	case (x.Kind == "") == (x.Quote == ""):
		return nil, errors.New("it needs either a quote or a kind of lines, not both")
	case strings.TrimSpace(x.Why) == "":
		return nil, fmt.Errorf("%q is declared without a reason", cmp.Or(x.Quote, string(x.Kind)))
	case x.Kind != "":
		return n.linesOfKind(x.Kind)
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

// Check returns the errors of the account: quotes that are not in the notes, and lines that are not covered.
func (n *Notes) Check(claims []claim.Claim, not []NotAClaim) error {
	account, err := n.Account(claims, not)
	errs := []error{err}
	for _, l := range account.Unanswered() {
		errs = append(errs, fmt.Errorf("line %d of the notes is not covered by a claim: %q: add one, or declare it in NotClaims with the reason", l.Number, l.Text))
	}
	return errors.Join(errs...)
}
