package nodeimage

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// rootfs makes a layer of a Debian root file system. Its packages are those that Debian offers when it is made: only a
// change of the list rebuilds it.
func (s *Source) rootfs(ctx context.Context, d debian) (layer string, err error) {
	what := fmt.Sprintf("Debian %s root file system (%s)", d.Suite, d.Name)
	return s.cached("debian-"+d.Name, what, []any{d, platform(), layout}, func(out string) error {
		if err := needs("mmdebstrap", "mmdebstrap"); err != nil {
			return err
		}
		raw := filepath.Join(filepath.Dir(out), "raw.tar")
		_, err := command{Args: []string{"mmdebstrap", "--quiet", "--variant=" + d.Variant,
			"--include=" + strings.Join(d.Packages, ","), d.Suite, raw}}.run(ctx)
		if err != nil {
			return err
		}
		return repack(raw, out, d.Drop)
	})
}

// repack compresses a root file system as a layer and leaves out what drop names.
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
