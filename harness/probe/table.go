package probe

import (
	"context"
	"fmt"
	"strings"
)

// Table is a truth table in the making: looks whose answers are Answers fill in, cell by cell, whether somebody was
// reached. As a look of its own it shows the table as far as it is filled in.
type Table struct {
	of      string
	columns []string
	rows    []string
	reached map[[2]string]bool
}

// NewTable begins a table of something, such as "Service type", with these columns. Cells bring the rows.
func NewTable(of string, columns ...string) *Table {
	return &Table{of: of, columns: columns, reached: map[[2]string]bool{}}
}

// Cell is a look that fills in a cell whenever it is asked. The last answer stands.
func (t *Table) Cell(row, column string, look Look) Look {
	if len(t.rows) == 0 || t.rows[len(t.rows)-1] != row {
		t.rows = append(t.rows, row)
	}
	return New(fmt.Sprintf("%s × %s: %s", row, column, look.Name()), func(ctx context.Context) (any, error) {
		seen, err := look.Ask(ctx)
		if answer, is := seen.(Answer); is && err == nil {
			t.reached[[2]string{row, column}] = answer.Reached()
		}
		return seen, err
	})
}

// Name implements Look.
func (t *Table) Name() string { return "all cells of " + t.of + " × " + strings.Join(t.columns, ", ") }

// Ask implements Look; the answer is the *Table itself.
func (t *Table) Ask(context.Context) (any, error) { return t, nil }

// Complete says whether every cell is filled in.
func (t *Table) Complete() bool {
	return len(t.rows) > 0 && len(t.reached) == len(t.rows)*len(t.columns)
}

func (t *Table) String() string {
	rows := make([]string, len(t.rows))
	for i, row := range t.rows {
		cells := make([]string, len(t.columns))
		for j, column := range t.columns {
			cells[j] = column + " " + t.word(row, column)
		}
		rows[i] = row + ": " + strings.Join(cells, ", ")
	}
	return strings.Join(rows, "; ")
}

func (t *Table) word(row, column string) string {
	reached, seen := t.reached[[2]string{row, column}]
	switch {
	case !seen:
		return "?"
	case reached:
		return "yes"
	default:
		return "no"
	}
}
