package nodeimage

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// DefaultVersion is the default Kubernetes version.
const DefaultVersion = "v1.37.2"

const kubernetesModule = "k8s.io/kubernetes"

// ErrNotAVersion is returned for a text that cannot be the version of Kubernetes.
var ErrNotAVersion = errors.New("not a Kubernetes version")

// CheckVersion returns an error that wraps ErrNotAVersion if a text cannot be the version of Kubernetes that Resolve expects.
func CheckVersion(want string) error {
	if want == "" || wantedVersion.MatchString(want) {
		return nil
	}
	return fmt.Errorf("%q is %w: use for example %s, or %s for its newest patch, with +NAME for a variant of the cluster",
		want, ErrNotAVersion, DefaultVersion, semver.MajorMinor(DefaultVersion))
}

// VariantPattern is what the name of a variant of a cluster looks like. It is part of the names of nodes, which are short.
const VariantPattern = `[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?`

var wantedVersion = regexp.MustCompile(`^(?:v?(1\.\d+)(\.\d+(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)?)?(\+` + VariantPattern + `)?$`)

// SplitVariant splits a version such as "v1.37.2+nftables" into the version and the name of the variant of the cluster. Both may
// be empty.
func SplitVariant(version string) (kubernetes, variant string) {
	kubernetes, variant, _ = strings.Cut(version, "+")
	return kubernetes, variant
}

// Resolve returns the version that want denotes: an exact version such as "v1.37.2" itself, the newest available patch for a
// minor such as "1.37", and DefaultVersion for "". The name of a variant after the version is kept.
func (s *Source) Resolve(ctx context.Context, want string) (string, error) {
	all, err := s.ResolveAll(ctx, []string{want})
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// ResolveAll resolves several versions with a single lookup.
func (s *Source) ResolveAll(ctx context.Context, wants []string) ([]string, error) {
	return resolve(wants, func(minors []string) (map[string]string, error) {
		return s.newestPatches(ctx, s.publishedVersions(ctx), len(minors), func(minor string) bool { return slices.Contains(minors, minor) })
	})
}

// resolve calls newest once for all minors among the wanted versions, if there are any.
func resolve(wants []string, newest func(minors []string) (map[string]string, error)) ([]string, error) {
	all, variants := make([]string, len(wants)), make([]string, len(wants))
	var minors []string
	for i, want := range wants {
		if err := CheckVersion(want); err != nil {
			return nil, err
		}
		m := wantedVersion.FindStringSubmatch(want)
		if variants[i] = m[3]; m[1] == "" {
			m = wantedVersion.FindStringSubmatch(DefaultVersion)
		}
		if all[i] = "v" + m[1] + m[2]; m[2] == "" {
			minors = append(minors, all[i])
		}
	}
	patches := map[string]string{}
	if len(minors) > 0 {
		var err error
		if patches, err = newest(minors); err != nil {
			return nil, fmt.Errorf("find the newest patch of %s (an exact version needs no lookup): %w", strings.Join(minors, ", "), err)
		}
	}
	for i, v := range all {
		if slices.Contains(minors, v) {
			if all[i] = patches[v]; all[i] == "" {
				return nil, fmt.Errorf("no version of Kubernetes %s is available, neither published nor as a Go module: noteproof versions lists the available ones", v)
			}
		}
		all[i] += variants[i]
	}
	return all, nil
}

// nearest returns the lowest listed release of the same minor that is not older than want; "" if there is none.
func nearest(want string, listed []string) string {
	fit := slices.DeleteFunc(slices.Clone(listed), func(v string) bool {
		return semver.MajorMinor(v) != semver.MajorMinor(want) || semver.Prerelease(v) != "" || semver.Compare(v, want) < 0
	})
	if len(fit) == 0 {
		return ""
	}
	return slices.MinFunc(fit, semver.Compare)
}

// recipe contains everything in which the images and clusters of versions differ. Its JSON is part of the hash of an image.
type recipe struct {
	LDFlags      []string // for every Kubernetes program
	CgroupDriver string   // of containerd: "systemd" or "cgroupfs"
	// AddonLDFlags are additional flags for etcd and CoreDNS.
	AddonLDFlags []string `json:",omitempty"`
	// AlsoStamped are packages, in addition to component-base's, in which the linker sets the version.
	AlsoStamped []string `json:",omitempty"`
	// Generate says that the module lacks the file openAPIFile, which must be generated.
	Generate bool `json:",omitempty"`
	// Kubeadm are patches of kubeadm's configuration. They apply to node images of any origin and are not part of an image.
	Kubeadm []KubeadmPatch `json:"-"`
}

// KubeadmPatch is a change to kubeadm's configuration that clusters of a version need.
type KubeadmPatch struct {
	Found string // the version's property that requires the patch
	Did   string // the effect of the patch
	Patch string // for kind's kubeadmConfigPatches
}

// quirk is a difference between old versions and the newest.
type quirk struct {
	before string // the first version without the quirk
	reason string
	apply  func(*recipe)
}

// quirks returns the known differences between old versions and the newest.
func quirks() []quirk {
	return []quirk{
		{"v1.24.0", "its modules access the Go runtime by linkname, which newer linkers reject", func(r *recipe) {
			r.LDFlags = append(r.LDFlags, "-checklinkname=0")
		}},
		{"v1.27.0", "the required CoreDNS, 1.9.3 or older, does the same", func(r *recipe) {
			r.AddonLDFlags = append(r.AddonLDFlags, "-checklinkname=0")
		}},
		{"v1.24.0", "kind sets the kubelet's cgroup driver to cgroupfs before 1.24", func(r *recipe) {
			r.CgroupDriver = "cgroupfs"
		}},
		{"v1.24.0", openAPIFile + " is not in the module and must be generated", func(r *recipe) {
			r.Generate = true
		}},
		{"v1.27.0", "a kubelet sends at most 5 requests per second (from 1.27 on 50), so concurrent scenarios delay each other", func(r *recipe) {
			r.Kubeadm = append(r.Kubeadm, KubeadmPatch{
				Found: "a kubelet before 1.27, which sends at most 5 requests per second to the API server",
				Did:   "the limit is 50, as from 1.27 on",
				Patch: "kind: KubeletConfiguration\nkubeAPIQPS: 50\nkubeAPIBurst: 100\neventRecordQPS: 50\neventBurst: 100\n",
			})
		}},
		{"v1.28.0", "the aggregator reports client-go's version as the server's", func(r *recipe) {
			r.AlsoStamped = append(r.AlsoStamped, "k8s.io/client-go/pkg/version")
		}},
	}
}

// KubeadmPatches returns the patches for clusters of the version, for a node image of any origin.
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
