package nodeimage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// oldest is the oldest supported minor.
const oldest = "v1.23"

// stagingModule is published with every release of Kubernetes, as v0.37.2 for v1.37.2. Its list of versions contains
// releases that the list of the Kubernetes module lacks.
const stagingModule = "k8s.io/api"

// Origins of a node image.
const (
	Present   = "present"   // the container engine has it
	Published = "published" // the kind project publishes it; it is pulled by digest
	FromGo    = "module"    // it is built from the Go module
	Loaded    = "loaded"    // it is loaded from an archive
)

// unlisted returns releases that the lists of versions may lack although their modules may be available. Their minors receive
// no further releases.
func unlisted() []string {
	return []string{"v1.23.17", "v1.24.17", "v1.25.16", "v1.26.13", "v1.26.15", "v1.27.8", "v1.27.16", "v1.28.15"}
}

// Available is the newest available patch of a Kubernetes minor.
type Available struct {
	Version string // "v1.37.2"
	Origin  string // Present, Published or FromGo: how Node would obtain its image
}

// Versions returns the newest available patch of each of the newest minors, the newest minor first. minors limits their number;
// 0 means all. Without an Engine, no image counts as present.
func (s *Source) Versions(ctx context.Context, minors int) ([]Available, error) {
	published := s.publishedVersions(ctx)
	newest, err := s.newestPatches(ctx, published, minors, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	var all []Available
	for _, minor := range slices.SortedFunc(maps.Keys(newest), func(a, b string) int { return semver.Compare(b, a) }) {
		a := Available{Version: newest[minor], Origin: FromGo}
		if slices.Contains(published, a.Version) {
			a.Origin = Published
		}
		if s.Engine != nil {
			_, ok, err := s.present(ctx, a.Version)
			if err != nil {
				return nil, err
			}
			if ok {
				a.Origin = Present
			}
		}
		all = append(all, a)
	}
	return all, nil
}

// newestPatches maps the newest minors that include accepts ("v1.37") to their newest available releases. minors limits their
// number; 0 means all.
func (s *Source) newestPatches(ctx context.Context, published []string, minors int, include func(minor string) bool) (map[string]string, error) {
	check := s.served
	known, err := s.releases(ctx)
	if err != nil {
		if len(published) == 0 || ctx.Err() != nil {
			return nil, err
		}
		s.Log.Say("!  which versions can be built is unknown, so only those that are published are considered: %v", err)
		check = func(context.Context, []string) (map[string]bool, error) { return map[string]bool{}, nil }
	}
	known = slices.DeleteFunc(append(known, published...), func(v string) bool {
		minor := semver.MajorMinor(v)
		return semver.Prerelease(v) != "" || semver.Compare(minor, oldest) < 0 || !include(minor)
	})
	return newestMinors(known, minors, func(versions []string) (map[string]bool, error) {
		served, err := check(ctx, versions)
		for _, v := range published {
			served[v] = true
		}
		return served, err
	})
}

// newestMinors is newestOf, limited to the newest minors that have an available release; 0 means all minors. It passes as few
// versions as possible to check, because each needs network requests.
func newestMinors(known []string, minors int, check func([]string) (map[string]bool, error)) (map[string]string, error) {
	byMinor := map[string][]string{}
	for _, v := range known {
		byMinor[semver.MajorMinor(v)] = append(byMinor[semver.MajorMinor(v)], v)
	}
	left := slices.SortedFunc(maps.Keys(byMinor), func(a, b string) int { return semver.Compare(b, a) })
	if minors == 0 {
		minors = len(left)
	}
	newest := map[string]string{}
	for len(newest) < minors && len(left) > 0 {
		var next []string
		n := min(minors-len(newest), len(left))
		for _, minor := range left[:n] {
			next = append(next, byMinor[minor]...)
		}
		found, err := newestOf(next, check)
		if err != nil {
			return nil, err
		}
		maps.Copy(newest, found)
		left = left[n:]
	}
	return newest, nil
}

// newestOf finds the newest available release of each minor. It checks the newest releases of all minors at once, then the
// next ones of the minors that are left.
func newestOf(releases []string, check func([]string) (map[string]bool, error)) (map[string]string, error) {
	left := map[string][]string{} // by minor, the newest first
	slices.SortFunc(releases, func(a, b string) int { return semver.Compare(b, a) })
	for _, v := range slices.Compact(releases) {
		left[semver.MajorMinor(v)] = append(left[semver.MajorMinor(v)], v)
	}
	newest := map[string]string{}
	for len(left) > 0 {
		var next []string
		for _, versions := range left {
			next = append(next, versions[0])
		}
		slices.SortFunc(next, semver.Compare)
		available, err := check(next)
		if err != nil {
			return nil, err
		}
		for minor, versions := range left {
			if available[versions[0]] {
				newest[minor] = versions[0]
			}
			if left[minor] = versions[1:]; available[versions[0]] || len(versions) == 1 {
				delete(left, minor)
			}
		}
	}
	return newest, nil
}

// releases returns all known releases of Kubernetes, some of them twice. Their modules need not be available.
func (s *Source) releases(ctx context.Context) ([]string, error) {
	out, err := s.ownGo(ctx, "", "list", "-m", "-versions", kubernetesModule, stagingModule)
	if err != nil {
		return nil, fmt.Errorf("look up the releases of Kubernetes: %w", err)
	}
	return append(unlisted(), listed(out)...), nil
}

// listed parses the output of go list -m -versions: in each line a module and its versions.
func listed(out string) []string {
	var all []string
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		for i, v := range words {
			switch {
			case i == 0:
			case words[0] == kubernetesModule:
				all = append(all, v)
			case strings.HasPrefix(v, "v0."):
				all = append(all, "v1"+strings.TrimPrefix(v, "v0"))
			}
		}
	}
	return all
}

// served reports which versions can be built: the go command can download and verify their Kubernetes module and all staging
// modules that it requires. It downloads only go.mod files, and asks proxies whether they serve the source.
func (s *Source) served(ctx context.Context, versions []string) (map[string]bool, error) {
	buildable := map[string]bool{}
	var releases []string
	for _, v := range versions {
		releases = append(releases, kubernetesModule+"@"+v)
	}
	found, err := s.verified(ctx, releases)
	if err != nil {
		return buildable, err
	}
	staging := map[string][]string{} // by version
	var all []string
	for _, v := range versions {
		goMod, ok := found[kubernetesModule+"@"+v]
		if !ok {
			continue
		}
		text, err := os.ReadFile(goMod)
		if err != nil {
			return buildable, err
		}
		if staging[v], err = stagingModules(text, v); err != nil {
			return buildable, err
		}
		all = append(all, staging[v]...)
	}
	if len(all) == 0 {
		return buildable, nil
	}
	if found, err = s.verified(ctx, all); err != nil {
		return buildable, err
	}
	proxies, err := s.ownGo(ctx, "", "env", "GOPROXY")
	if err != nil {
		return buildable, err
	}
	for v := range staging {
		all = append(all, kubernetesModule+"@"+v)
	}
	withheld, err := refused(ctx, strings.TrimSpace(proxies), all)
	if err != nil {
		return buildable, err
	}
	for v, modules := range staging {
		buildable[v] = !withheld[kubernetesModule+"@"+v] && !slices.ContainsFunc(modules, func(m string) bool { return found[m] == "" || withheld[m] })
	}
	return buildable, nil
}

// stagingModules returns the modules that a release's go.mod requires and replaces by folders of its own, with their published
// version: k8s.io/api@v0.37.2. It omits the samples, which only tests use.
func stagingModules(goMod []byte, version string) ([]string, error) {
	file, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, err
	}
	required := map[string]bool{}
	for _, r := range file.Require {
		required[r.Mod.Path] = true
	}
	var all []string
	for _, r := range file.Replace {
		if required[r.Old.Path] && !strings.HasPrefix(r.Old.Path, "k8s.io/sample-") && strings.HasPrefix(r.New.Path, "./staging/") {
			all = append(all, r.Old.Path+"@"+stagingVersion(version))
		}
	}
	return all, nil
}

// verified looks up modules, each as path@version, and returns the go.mod files of those that are available and verified.
func (s *Source) verified(ctx context.Context, modules []string) (map[string]string, error) {
	out, err := s.ownGo(ctx, "", append([]string{"list", "-m", "-e", "-json"}, modules...)...)
	if err != nil {
		return nil, fmt.Errorf("look up which releases of Kubernetes are available as Go modules: %w", err)
	}
	return readVerified(out)
}

// readVerified parses the output of go list -m -e -json. A version whose checksum is unknown has no GoMod.
func readVerified(out string) (map[string]string, error) {
	found := map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var m struct {
			Path, Version, GoMod string
			Error                *struct{ Err string }
		}
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("parse the go command's output on modules: %w", err)
		}
		if m.Error == nil && m.GoMod != "" {
			found[m.Path+"@"+m.Version] = m.GoMod
		}
	}
}

// publishedVersions returns the versions for which the kind project publishes node images; none if the registry is unreachable.
func (s *Source) publishedVersions(ctx context.Context) []string {
	published, err := name.NewRepository(publishedRepository)
	if err != nil {
		panic(err) // a constant
	}
	repository, err := s.Registries.repository(published)
	if err != nil {
		panic(err) // ParseRegistries has checked it
	}
	versions, err := s.tags(ctx, repository)
	if err != nil {
		s.Log.Say("cannot list the published node images (%v)", shortCause(err))
	}
	return versions
}

// tags returns the tags of a repository that are versions.
func (s *Source) tags(ctx context.Context, repository name.Repository) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	asked, err := s.options(ctx, repository.Registry)
	if err != nil {
		return nil, err
	}
	all, err := remote.List(repository, asked...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(tag string) bool { return !semver.IsValid(tag) }), nil
}
