package nodeimage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// keepUnused is how long an unused program is kept. With the programs of a version (600 MB), its node image is rebuilt within a
// minute when only our own files have changed.
const keepUnused = 30 * 24 * time.Hour

// The builds' Go caches, below Source.Cache. They are not outputs of a step.
const (
	goBuildCache = "gocache"
	goModCache   = "gomodcache"
)

// Prune frees disk space that builds have used. It removes our node images that a newer build of the same version has replaced;
// the builds' Go caches; outputs from which a node image was assembled; all root file systems, manifests and images except the
// last used one of each step; and programs that were not used for a month. It keeps images in use, and everything in the cache
// folder that is not an output of a build. While another build is running it removes nothing: the next call does.
func (s *Source) Prune(ctx context.Context) error {
	unlock, free, err := s.tryLock()
	if !free || err != nil {
		return err
	}
	defer unlock()
	if s.Engine != nil {
		_, err = s.Engine.Run(ctx, "image", "prune", "--force", "--filter", "label="+labelKubernetes)
	}
	return errors.Join(err, s.pruneCache(),
		os.RemoveAll(filepath.Join(s.Cache, goBuildCache)), os.RemoveAll(filepath.Join(s.Cache, goModCache)))
}

// retention says which of a step's outputs are kept.
type retention int

const (
	keepAll      retention = iota // the folder does not belong to a step
	keepNone                      // the image that was assembled from them exists
	keepLast                      // the next run uses the one that was used last
	keepPrograms                  // there is one for each version
)

// retentionOf returns the retention of the step with this name.
func retentionOf(step string) retention {
	switch {
	case step == "images", step == "store", step == "node-files", strings.HasPrefix(step, "tree-"):
		return keepNone
	case strings.HasPrefix(step, "debian-"), strings.HasPrefix(step, "image-"), strings.HasPrefix(step, "manifests-"):
		return keepLast
	case strings.HasPrefix(step, "go-"), strings.HasPrefix(step, "cc-"):
		return keepPrograms
	default:
		return keepAll
	}
}

// pruneCache removes the outputs of steps according to their retention.
func (s *Source) pruneCache() error {
	steps, err := os.ReadDir(s.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, step := range steps {
		keep := retentionOf(step.Name())
		if !step.IsDir() || keep == keepAll {
			continue
		}
		dir := filepath.Join(s.Cache, step.Name())
		outputs, err := os.ReadDir(dir)
		errs = append(errs, err)
		slices.SortFunc(outputs, func(a, b fs.DirEntry) int { return modified(b).Compare(modified(a)) })
		for i, output := range outputs {
			if keep == keepLast && i == 0 || keep == keepPrograms && time.Since(modified(output)) < keepUnused {
				continue
			}
			errs = append(errs, os.RemoveAll(filepath.Join(dir, output.Name())))
		}
	}
	return errors.Join(errs...)
}

// modified returns the time when an output was created or last used.
func modified(e fs.DirEntry) time.Time {
	info, err := e.Info()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// maxGoCache is how many bytes the Go build cache may have when a build begins. A minor of Kubernetes adds 6 to 7 GB, of which another patch
// of it uses nearly all, and another minor little.
const maxGoCache = 10_000_000_000

// boundGoCache removes the Go build cache if it has more bytes. The caller holds the lock of builds.
func (s *Source) boundGoCache(bytes int64) error {
	dir := filepath.Join(s.Cache, goBuildCache)
	var size int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) { // also if go itself is trimming it
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the size of the Go build cache: %w", err)
	}
	if size <= bytes {
		return nil
	}
	s.Log.Say("   remove the Go build cache of earlier builds, which has %.1f GB", float64(size)/1e9)
	return os.RemoveAll(dir)
}

// neededGiB is the peak disk usage of building one node image: Go's caches, the programs, and the image both as an archive and
// in the engine.
const neededGiB = 12

// warnLowDisk logs a warning if a build may run out of disk space.
func (s *Source) warnLowDisk(ctx context.Context) {
	if s.Engine == nil {
		return
	}
	_ = os.MkdirAll(s.Cache, 0o755) // which the build tells about if it fails
	dirs := []string{s.Cache}
	for _, storage := range []string{"{{.DockerRootDir}}", "{{.Store.GraphRoot}}"} { // of docker, of podman
		if dir, err := s.Engine.Run(ctx, "info", "--format", storage); err == nil {
			dirs = append(dirs, strings.TrimSpace(dir))
		}
	}
	for _, dir := range dirs {
		if free, ok := freeGiB(dir); ok && free < neededGiB {
			s.Log.Say("!  only %.1f GiB are free in %s, but building a node image takes up to %d GiB: free space, for example with noteproof distclean, which removes everything that was built",
				free, dir, neededGiB)
			return // the other folders are usually on the same disk
		}
	}
}

// freeGiB returns the free space of a folder's disk. ok is false if the folder is not on this machine.
func freeGiB(dir string) (free float64, ok bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, false
	}
	return float64(disk.Bavail) * float64(disk.Bsize) / (1 << 30), true
}
