package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/matrix"
	"github.com/noteproof/noteproof/harness/nodeimage"
)

func TestVersionsTellsWhatIsNewerThanTheLastMatrix(t *testing.T) {
	available := []nodeimage.Available{{Version: "v1.37.2", Origin: nodeimage.Present}, {Version: "v1.36.4", Origin: nodeimage.FromGo}}
	last := &matrix.State{Versions: []*matrix.Row{{Version: "v1.37.1", Finished: time.Now()}, {Version: "v1.36.4", Finished: time.Now()}}}
	text, err := json.Marshal(offer(available, last))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"version":"v1.37.2","minor":"1.37","origin":"present","new":true},{"version":"v1.36.4","minor":"1.36","origin":"module","new":false}]`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	shown := describeVersions(offer(available, last), last)
	for _, line := range []string{"│ v1.37.2 │ its node image is here      │ new", "│ v1.36.4 │ its node image can be built │     "} {
		if !strings.Contains(shown, line) {
			t.Errorf("the table lacks %q:\n%s", line, shown)
		}
	}
	if shown := describeVersions(nil, nil); !strings.Contains(shown, "no matrix has been run") {
		t.Errorf("it does not say why all are new:\n%s", shown)
	}
}

func TestNoVersionsAreAnEmptyArray(t *testing.T) {
	if text, err := json.Marshal(offer(nil, nil)); err != nil || string(text) != "[]" {
		t.Errorf("got %s, %v", text, err)
	}
}
