package match

import "github.com/noteproof/noteproof/harness/probe"

// BeComplete matches a Table whose cells are all filled in.
func BeComplete() Described { return That("be filled in", (*probe.Table).Complete) }
