package report

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Rows renders rows that are not from a record as a table for a terminal, in the style of the other tables.
func Rows(header []string, rows [][]string) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(cells(header))
	for _, row := range rows {
		t.AppendRow(cells(row))
	}
	return t.Render()
}

func cells(words []string) table.Row {
	row := table.Row{}
	for _, word := range words {
		row = append(row, word)
	}
	return row
}
