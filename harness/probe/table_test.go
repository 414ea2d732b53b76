package probe

import (
	"context"
	"errors"
	"testing"
)

func TestTable(t *testing.T) {
	answer := func(status int) Look {
		return New("an answer", func(context.Context) (any, error) { return Answer{Status: status}, nil })
	}
	table := NewTable("type", "in", "out")
	first := table.Cell("a", "in", answer(200))
	if _, err := first.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "a: in yes, out ?"; table.String() != want || table.Complete() {
		t.Errorf("half a table is %q, complete is %t, want %q", table, table.Complete(), want)
	}
	for _, look := range []Look{table.Cell("a", "out", answer(0)), table.Cell("b", "in", answer(0)), table.Cell("b", "out", answer(404))} {
		if _, err := look.Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := "a: in yes, out no; b: in no, out yes"; table.String() != want || !table.Complete() {
		t.Errorf("the table is %q, complete is %t, want %q", table, table.Complete(), want)
	}
	if want := "a × in: an answer"; first.Name() != want {
		t.Errorf("a cell is called %q, want %q", first.Name(), want)
	}
}

func TestTableFillsInItsEmptyCells(t *testing.T) {
	asked := 0
	answer := New("an answer", func(context.Context) (any, error) { asked++; return Answer{Status: 200}, nil })
	table := NewTable("type", "in", "out")
	if _, err := table.Cell("a", "in", answer).Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	table.Cell("a", "out", answer)
	table.Cell("b", "in", answer)
	table.Cell("b", "out", New("broken", func(context.Context) (any, error) { return nil, errors.New("no") }))
	if _, err := table.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "a: in yes, out yes; b: in yes, out ?"; table.String() != want || asked != 3 || table.Complete() {
		t.Errorf("the table is %q after %d answers, want %q after 3", table, asked, want)
	}
}
