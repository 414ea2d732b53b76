package probe

import (
	"context"
	"fmt"
	"strings"
)

// Table is a table of whether targets were reached. Looks whose answer is an Answer fill in its cells. A Table is a look
// itself: it first fills in the cells that are still empty, and the answer is the table.
type Table struct {
	of      string
	columns []string
	rows    []string
	cells   []cell
	reached map[[2]string]bool
}

// NewTable returns an empty table of something, such as "Service type", with these columns. Cell adds the rows.
func NewTable(of string, columns ...string) *Table {
	return &Table{of: of, columns: columns, reached: map[[2]string]bool{}}
}

// Cell returns the look, which now also fills in a cell whenever it is made. A later answer replaces an earlier one.
func (t *Table) Cell(row, column string, look Look) Look {
	if len(t.rows) == 0 || t.rows[len(t.rows)-1] != row {
		t.rows = append(t.rows, row)
	}
	c := cell{Look: look, table: t, row: row, column: column}
	t.cells = append(t.cells, c)
	if r, ok := look.(Request); ok {
		return request{c, r.Target()}
	}
	return c
}

// cell is a look that fills in a cell of a table.
type cell struct {
	Look
	table       *Table
	row, column string
}

// Name implements Look.
func (c cell) Name() string { return fmt.Sprintf("%s × %s: %s", c.row, c.column, c.Look.Name()) }

// Ask implements Look.
func (c cell) Ask(ctx context.Context) (any, error) {
	seen, err := c.Look.Ask(ctx)
	if answer, ok := seen.(Answer); ok && err == nil {
		c.table.reached[[2]string{c.row, c.column}] = answer.Reached()
	}
	return seen, err
}

// Name implements Look.
func (t *Table) Name() string { return "all cells of " + t.of + " × " + strings.Join(t.columns, ", ") }

// Ask implements Look; the answer is the *Table itself. A cell whose look fails stays empty.
func (t *Table) Ask(ctx context.Context) (any, error) {
	for _, c := range t.cells {
		if _, asked := t.reached[[2]string{c.row, c.column}]; !asked {
			_, _ = c.Ask(ctx)
		}
	}
	return t, nil
}

// Complete returns whether every cell is filled in.
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
