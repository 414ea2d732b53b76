package notes_test

import (
	"fmt"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/notes"
)

func ExampleNotes_Find() {
	text := notes.Parse("# Services\n\n## ClusterIP\n\n- the **default**\n\n## NodePort\n\n- the **default** range is 30000-32767\n")

	fmt.Println(text.Find(notes.Quote{Text: "the default"})) // a whole line has priority over a part of one
	fmt.Println(text.Find(notes.Quote{Text: "the default range"}))
	fmt.Println(text.Find(notes.Quote{Text: "default", At: claim.Place{Under: "NodePort"}}))
	_, _, err := text.Find(notes.Quote{Text: "the defaults"})
	fmt.Println(err)
	// Output:
	// 5 5 <nil>
	// 9 9 <nil>
	// 9 9 <nil>
	// the quote "the defaults" is not in the notes; the nearest is line 5, which reads "the default" (they differ after "the default"): quote it word for word
}
