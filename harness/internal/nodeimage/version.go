package nodeimage

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// DefaultVersion is the Kubernetes version that is meant when none is named.
const DefaultVersion = "v1.37.2"

const kubernetesModule = "k8s.io/kubernetes"

var wantedVersion = regexp.MustCompile(`^v?(\d+\.\d+)(\.\d+(-[0-9A-Za-z.]+)?)?$`)

// Resolve says which version want means: "v1.37.2" itself, for "1.37" the newest available patch, for "" the
// DefaultVersion.
func (s *Source) Resolve(ctx context.Context, want string) (string, error) {
	all, err := s.ResolveAll(ctx, []string{want})
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// ResolveAll is Resolve for several versions, with one look-up for all.
func (s *Source) ResolveAll(ctx context.Context, wants []string) ([]string, error) {
	return resolve(wants, func(minors []string) (map[string]string, error) {
		return s.newestPatches(ctx, s.publishedVersions(ctx), len(minors), func(minor string) bool { return slices.Contains(minors, minor) })
	})
}

// resolve asks newest for the newest patches of the minors among the versions that are wanted, if there are any.
func resolve(wants []string, newest func(minors []string) (map[string]string, error)) ([]string, error) {
	all := make([]string, len(wants))
	var minors []string
	for i, want := range wants {
		if want == "" {
			want = DefaultVersion
		}
		m := wantedVersion.FindStringSubmatch(want)
		if m == nil {
			return nil, fmt.Errorf("%q is no Kubernetes version: say for example %s, or %s for its newest patch",
				want, DefaultVersion, semver.MajorMinor(DefaultVersion))
		}
		all[i] = "v" + m[1] + m[2]
		if m[2] == "" {
			minors = append(minors, all[i])
		}
	}
	if len(minors) == 0 {
		return all, nil
	}
	patches, err := newest(minors)
	if err != nil {
		return nil, fmt.Errorf("find the newest patch of %s (an exact version needs no look-up): %w", strings.Join(minors, ", "), err)
	}
	for i, v := range all {
		if !slices.Contains(minors, v) {
			continue
		}
		if all[i] = patches[v]; all[i] == "" {
			return nil, fmt.Errorf("no version of Kubernetes %s is available, neither published nor as a Go module: make versions lists those that can", v)
		}
	}
	return all, nil
}

// nearest is the lowest release in listed that is want or later, within the same minor; "" when there is none.
func nearest(want string, listed []string) string {
	fit := slices.DeleteFunc(slices.Clone(listed), func(v string) bool {
		return semver.MajorMinor(v) != semver.MajorMinor(want) || semver.Prerelease(v) != "" || semver.Compare(v, want) < 0
	})
	if len(fit) == 0 {
		return ""
	}
	return slices.MinFunc(fit, semver.Compare)
}

// recipe is how the image of one version, and a cluster of it, differ from another's.
type recipe struct {
	LDFlags      []string // for every Kubernetes program
	CgroupDriver string   // of containerd: "systemd" or "cgroupfs"
	// AddonLDFlags are for etcd and CoreDNS, on top of the usual ones.
	AddonLDFlags []string `json:",omitempty"`
	// AlsoStamped are packages that hold the version besides component-base's.
	AlsoStamped []string `json:",omitempty"`
	// Generate says that the module lacks the file openAPIFile, which is then generated.
	Generate bool `json:",omitempty"`
	// Kubeadm are patches of kubeadm's configuration, for a node image of any origin. They are no part of an image.
	Kubeadm []KubeadmPatch `json:"-"`
}

// KubeadmPatch is something that a version's cluster is configured with.
type KubeadmPatch struct {
	Found string // what the version is like
	Did   string // what the patch does about it
	Patch string // for kind's kubeadmConfigPatches
}

// quirk is something in which old versions differ from the newest.
type quirk struct {
	before string // the first version without the quirk
	reason string
	apply  func(*recipe)
}

// quirks is the one place that knows how versions differ.
func quirks() []quirk {
	return []quirk{
		{"v1.24.0", "its modules reach into the Go runtime by linkname, which newer linkers refuse", func(r *recipe) {
			r.LDFlags = append(r.LDFlags, "-checklinkname=0")
		}},
		{"v1.27.0", "so does the CoreDNS that it asks for, 1.9.3 or older", func(r *recipe) {
			r.AddonLDFlags = append(r.AddonLDFlags, "-checklinkname=0")
		}},
		{"v1.24.0", "kind sets the kubelet's cgroup driver to cgroupfs before 1.24", func(r *recipe) {
			r.CgroupDriver = "cgroupfs"
		}},
		{"v1.24.0", openAPIFile + " is not in the module and must be generated", func(r *recipe) {
			r.Generate = true
		}},
		{"v1.27.0", "a kubelet asks the API server at most 5 times a second (from 1.27 on 50), so scenarios that run at once wait for each other", func(r *recipe) {
			r.Kubeadm = append(r.Kubeadm, KubeadmPatch{
				Found: "a kubelet before 1.27, which asks the API server at most 5 times a second",
				Did:   "it may ask 50 times, as from 1.27 on",
				Patch: "kind: KubeletConfiguration\nkubeAPIQPS: 50\nkubeAPIBurst: 100\neventRecordQPS: 50\neventBurst: 100\n",
			})
		}},
		{"v1.28.0", "the aggregator reports client-go's version as the server's", func(r *recipe) {
			r.AlsoStamped = append(r.AlsoStamped, "k8s.io/client-go/pkg/version")
		}},
	}
}

// KubeadmPatches are what a cluster of the version is configured with, whoever made the node image.
func KubeadmPatches(version string) []KubeadmPatch { return recipeFor(version).Kubeadm }

func recipeFor(version string) recipe {
	r := recipe{LDFlags: []string{"-s", "-w"}, CgroupDriver: "systemd"}
	for _, q := range quirks() {
		if semver.Compare(version, q.before) < 0 {
			q.apply(&r)
		}
	}
	return r
}
