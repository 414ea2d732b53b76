package nodeimage

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func (s *Source) rootfsStep(d debian) step {
	return step{"debian-" + d.Name, []any{d, s.platform(), layout}}
}

// rootfs writes a layer with a Debian root file system. Its packages have the versions of the time of the build; new versions
// do not cause a rebuild.
func (s *Source) rootfs(ctx context.Context, d debian) (layer string, err error) {
	what := fmt.Sprintf("Debian %s root file system (%s)", d.Suite, d.Name)
	return s.cached(s.rootfsStep(d), what, func(out string) error {
		raw := filepath.Join(filepath.Dir(out), "raw.tar")
		args := []string{"mmdebstrap", "--quiet", "--variant=" + d.Variant, "--include=" + strings.Join(d.Packages, ",")}
		if s.architecture() != runtime.GOARCH { // the packages' scripts are run by qemu's user emulation
			args = append(args, "--architectures="+s.architecture())
		}
		temp, err := tempDir()
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		if err := os.Chmod(temp, 0o755); err != nil { // apt's own user downloads into it
			return err
		}
		if _, err := (command{Env: []string{"TMPDIR=" + temp}, Args: append(args, d.Suite, raw)}).run(ctx); err != nil {
			return err
		}
		return repack(raw, out, d.Drop)
	})
}

// repack compresses a root file system into a layer, without the paths that drop matches.
func repack(raw, out string, drop []string) error {
	in, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer in.Close()
	w, err := newLayer(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	return errors.Join(copyTar(w, in, drop), w.Close())
}
