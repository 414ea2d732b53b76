package probe

import (
	"context"
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
