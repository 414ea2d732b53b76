package environ

import (
	"slices"
	"strings"
	"testing"
)

func FuzzPermissions(f *testing.F) {
	for _, seed := range []string{"", "change-cluster", "change-cluster, break-nodes", ",,", "everything", "break-nodes,break-nodes"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		allowed, err := ParsePermissions(text)
		if err != nil {
			return
		}
		for permission, given := range allowed {
			if !given || !strings.Contains(text, string(permission)) {
				t.Errorf("%q allows %s", text, permission)
			}
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, seed := range []string{"", "1", "0", "-1", "NaN", "Inf", "1e300", "0x1p-2", "144", "145", "９"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if factor, err := TimeoutFactor(text); err == nil && !(factor > 0 && factor <= maxTimeoutFactor) {
			t.Errorf("%q is the factor %g", text, factor)
		}
		if parallel, err := Parallel(text); err == nil && parallel < 1 {
			t.Errorf("%q is %d scenarios", text, parallel)
		}
		yes, err := Bool(func(string) string { return text }, "KEEP")
		if known := []string{"", "0", "1", "no", "yes", "off", "on", "false", "true"}; err == nil && !slices.Contains(known, strings.ToLower(text)) {
			t.Errorf("KEEP=%q is %t", text, yes)
		}
	})
}

func FuzzAbsolute(f *testing.F) {
	f.Add("/home/mia", "a:b")
	f.Add("/", "../..::/x")
	f.Fuzz(func(t *testing.T, dir, paths string) {
		if !strings.HasPrefix(dir, "/") || strings.Contains(dir, ":") { // a list cannot have such a path
			return
		}
		once := AbsoluteList(dir, paths)
		if again := AbsoluteList("/elsewhere", once); again != once {
			t.Errorf("%q in %q is %q, and from elsewhere %q", paths, dir, once, again)
		}
	})
}
