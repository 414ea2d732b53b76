package suite

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

func variantPath(name string) string { return path.Join("clusters", name+".yaml") }

// Variants returns the names of the suite's variants of the cluster, sorted.
func (s Suite) Variants() []string {
	paths, _ := fs.Glob(s.Manifests, variantPath("*")) // the pattern is valid
	var names []string
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(path.Base(p), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Variant returns the text of the variant of this name. The error of an unknown name lists those that the suite has.
func (s Suite) Variant(name string) ([]byte, error) {
	if names := s.Variants(); !slices.Contains(names, name) {
		has := "it has none"
		if len(names) > 0 {
			has = "it has " + strings.Join(names, ", ")
		}
		return nil, fmt.Errorf("the suite has no variant %q of the cluster: %s; for one of your own, set NOTEPROOF_CLUSTER to its file", name, has)
	}
	text, err := fs.ReadFile(s.Manifests, variantPath(name))
	if err != nil {
		return nil, fmt.Errorf("read the variant %s of the cluster: %w", name, err)
	}
	return text, nil
}

func (s Suite) checkVariant(name string) error {
	if err := nodeimage.CheckVersion("+" + name); err != nil {
		return fmt.Errorf("the name of the manifest %s is not that of a variant: it has up to 20 lower-case letters, digits and dashes", variantPath(name))
	}
	text, err := s.Variant(name)
	if err != nil {
		return err
	}
	if _, err := cluster.ParseVariant(name, text); err != nil {
		return fmt.Errorf("%s: %w", variantPath(name), err)
	}
	return nil
}
