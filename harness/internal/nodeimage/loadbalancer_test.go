package nodeimage

import "testing"

func TestReplaceImage(t *testing.T) {
	const manifests = "kind: Pod\n  image: quay.io/metallb/speaker:v1\nother: quay.io/metallb/speaker:v1-frr\n"
	got, err := replaceImage(manifests, "quay.io/metallb/speaker:v1", "localhost/ours:v1")
	if want := "kind: Pod\n  image: localhost/ours:v1\nother: quay.io/metallb/speaker:v1-frr\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := replaceImage(manifests, "quay.io/metallb/controller:v1", "localhost/ours:v1"); err == nil {
		t.Error("want an error for an image that the manifests do not use")
	}
}
