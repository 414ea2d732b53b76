package nodeimage

import (
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// deriveGoMod returns the go.mod of a main module that builds programs of a published module as its own go.mod would: with the
// same go and godebug lines, the same excludes, and the same replacements by other modules. Replacements by folders cannot be
// kept. The staging modules of Kubernetes and modules required as v0.0.0 are replaced by their published versions; otherwise
// the required version is used. If tree is not empty, that folder replaces the module itself.
func deriveGoMod(original []byte, version, tree string) ([]byte, error) {
	from, err := modfile.Parse("go.mod", original, nil)
	if err != nil {
		return nil, err
	}
	path := from.Module.Mod.Path
	to := new(modfile.File)
	if err := to.AddModuleStmt("noteproof.build/" + path); err != nil {
		return nil, err
	}
	if from.Go != nil {
		if err := to.AddGoStmt(from.Go.Version); err != nil {
			return nil, err
		}
	}
	for _, g := range from.Godebug {
		if err := to.AddGodebug(g.Key, g.Value); err != nil {
			return nil, err
		}
	}
	if err := to.AddRequire(path, version); err != nil {
		return nil, err
	}
	for _, e := range from.Exclude {
		if err := to.AddExclude(e.Mod.Path, e.Mod.Version); err != nil {
			return nil, err
		}
	}
	if err := addReplacements(to, from, version); err != nil {
		return nil, err
	}
	if tree != "" {
		if err := to.AddReplace(path, "", tree, ""); err != nil {
			return nil, fmt.Errorf("replace %s: %w", path, err)
		}
	}
	return to.Format()
}

// addReplacements adds the replacements by modules, and those of the staging modules by their published versions.
func addReplacements(to, from *modfile.File, version string) error {
	required := map[string]string{}
	for _, r := range from.Require {
		required[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range from.Replace {
		target, v := r.New.Path, r.New.Version
		if v == "" { // a folder
			if required[r.Old.Path] != "v0.0.0" && !strings.HasPrefix(target, "./staging/") {
				continue
			}
			target, v = r.Old.Path, stagingVersion(version)
		}
		if err := to.AddReplace(r.Old.Path, r.Old.Version, target, v); err != nil {
			return fmt.Errorf("replace %s: %w", r.Old.Path, err)
		}
	}
	return nil
}

// stagingVersion returns the version of the staging modules of a Kubernetes release: v0.37.2 for v1.37.2.
func stagingVersion(kubernetes string) string {
	return "v0" + strings.TrimPrefix(kubernetes, semver.Major(kubernetes))
}
