package breaks

import "testing"

func FuzzProcesses(f *testing.F) {
	for _, seed := range []string{"process 12 S\n kube-proxy\n --config=x\nprocess 13 R\n", " x\n", "process x y\n", "\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, err := parseProcesses(text)
		if err != nil && found != nil {
			t.Errorf("of %q there are %v and the error %v", text, found, err)
		}
	})
}
