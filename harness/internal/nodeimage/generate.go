package nodeimage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// openAPIPackage describes all types of the API. It is generated; before 1.24, the Kubernetes module does not contain it.
	openAPIPackage = kubernetesModule + "/pkg/generated/openapi"
	openAPIFile    = "pkg/generated/openapi/zz_generated.openapi.go"
	// openAPITag marks the packages whose types it describes.
	openAPITag = "+k8s:openapi-gen="
	// openAPIGenerator is built in the version that the release requires.
	openAPIGenerator = "k8s.io/kube-openapi/cmd/openapi-gen"
)

// completeTree returns a copy of a Kubernetes module with the missing file, generated as in the release's build/root/Makefile.
// It is a copy, because the go command does not accept additional files in a module of its cache, not even by an overlay.
func (s *Source) completeTree(ctx context.Context, m downloaded, version string) (dir string, err error) {
	goVersion, err := s.goVersion(ctx)
	if err != nil {
		return "", err
	}
	what := "generate " + openAPIFile + " (" + kubernetesModule + " " + version + ")"
	return s.cached(step{"tree-kubernetes", []any{version, goVersion, s.platform()}}, what, func(tree string) error {
		if err := os.CopyFS(tree, os.DirFS(m.Dir)); err != nil {
			return fmt.Errorf("copy the module: %w", err)
		}
		work := filepath.Dir(tree)
		if err := writeMainModule(work, m, version, tree); err != nil {
			return err
		}
		generator := filepath.Join(work, "openapi-gen")
		if _, err := s.goTool(ctx, work, "build", "-mod=mod", "-o", generator, openAPIGenerator); err != nil {
			return err
		}
		packages, err := s.openAPIPackages(ctx, work)
		if err != nil {
			return err
		}
		env, err := s.goEnv()
		if err != nil {
			return err
		}
		_, err = command{Dir: work, Env: append(env, "GOFLAGS=-mod=mod -modcacherw"), Args: []string{generator,
			"-i", strings.Join(packages, ","), "-p", openAPIPackage, "-O", "zz_generated.openapi", "--output-base", work,
			"-h", filepath.Join(tree, "hack", "boilerplate", "boilerplate.generatego.txt"), "-r", filepath.Join(work, "violations"),
		}}.run(ctx)
		if err != nil {
			return err
		}
		return os.Rename(filepath.Join(work, openAPIPackage, filepath.Base(openAPIFile)), filepath.Join(tree, openAPIFile))
	})
}

// openAPIPackages lists the packages of Kubernetes that the API server imports and that have the tag.
func (s *Source) openAPIPackages(ctx context.Context, work string) ([]string, error) {
	// -e, because one of the imports is the package that does not exist yet.
	out, err := s.goTool(ctx, work, "list", "-mod=mod", "-deps", "-e", "-f", "{{.ImportPath}} {{.Dir}}", kubernetesModule+"/cmd/kube-apiserver")
	if err != nil {
		return nil, err
	}
	var tagged []string
	for line := range strings.Lines(out) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(path, "k8s.io/") || dir == "" {
			continue
		}
		has, err := hasTag(dir)
		if err != nil {
			return nil, err
		}
		if has {
			tagged = append(tagged, path)
		}
	}
	if len(tagged) == 0 {
		return nil, fmt.Errorf("no package that kube-apiserver imports contains %s", openAPITag)
	}
	slices.Sort(tagged)
	return tagged, nil
}

func hasTag(dir string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return false, err
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, err
		}
		if strings.Contains(string(text), openAPITag) {
			return true, nil
		}
	}
	return false, nil
}
