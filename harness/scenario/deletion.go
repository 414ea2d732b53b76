package scenario

// DeleteObject deletes an object of the claim's namespace, "deployment/web", as kubectl delete does: what it owns is
// deleted with it. It does not wait for either.
func (s *S) DeleteObject(object string) {
	s.t.Helper()
	s.changing()
	if err := s.stage.Delete(s.ctx, object); err != nil {
		s.abort("%v", err)
	}
}
