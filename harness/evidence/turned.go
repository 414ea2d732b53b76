package evidence

import "slices"

// Turned returns whether looks at the point showed both answers. Supporting looks do not count, because they do not decide it.
func (p Point) Turned() bool {
	return slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return !e.Supporting && e.Looks.Turned() })
}

// Turned returns whether a point of the claim turned. Witnesses and contrasts do not count, because it is normal to wait until
// they match.
func (c *Claim) Turned() bool { return slices.ContainsFunc(c.Points, Point.Turned) }

// Turned returns whether looks at the control showed both answers.
func (c Control) Turned() bool {
	return slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Looks.Turned() })
}
