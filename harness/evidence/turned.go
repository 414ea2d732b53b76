package evidence

import "slices"

// Turned says whether looks that decide the point showed first one answer and later the other. Supporting looks do not
// count: they decide nothing.
func (p Point) Turned() bool {
	return slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return !e.Supporting && e.Looks.Turned() })
}

// Turned says whether a point of the claim turned. Witnesses and contrasts do not count: waiting until one of them comes
// out as wanted is how it is asked.
func (c *Claim) Turned() bool { return slices.ContainsFunc(c.Points, Point.Turned) }

// Turned says whether a look at the control came out the other way before or after one that came out as wanted.
func (c Control) Turned() bool {
	return slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Looks.Turned() })
}
