package nodeimage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// unused is how long a program that nobody asks for is kept. The programs of a version (600 MB) let its node image be
// made again within a minute when only our own files have changed.
const unused = 30 * 24 * time.Hour

// Go's caches of the builds, below Source.Cache. They are no step's.
const (
	goBuildCache = "gocache"
	goModCache   = "gomodcache"
)

// Prune frees the disk of what the making of images has left. It removes node images of ours that a newer build of the
// same version has replaced; Go's caches of the builds; outputs that only served to put a node image together; all root
// file systems, manifests and images but the last used of each kind; and programs that nobody has asked for in a month.
// Images in use stay, and so does everything in the cache folder that is no output of a build. It waits for a build that
// is under way.
func (s *Source) Prune(ctx context.Context) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if s.Engine != nil {
		_, err = s.Engine.Run(ctx, "image", "prune", "--force", "--filter", "label="+labelKubernetes)
	}
	return errors.Join(err, s.pruneCache(),
		os.RemoveAll(filepath.Join(s.Cache, goBuildCache)), os.RemoveAll(filepath.Join(s.Cache, goModCache)))
}

// keeping says which of a step's outputs are kept.
type keeping int

const (
	keepAll      keeping = iota // it is no step
	keepNone                    // what was made of them is there
	keepLast                    // another run takes the one that was used last
	keepPrograms                // each belongs to a version
)

// keepingOf knows the steps by their names.
func keepingOf(step string) keeping {
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

// pruneCache removes the outputs of steps that are not worth their room.
func (s *Source) pruneCache() error {
	steps, err := os.ReadDir(s.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, step := range steps {
		keep := keepingOf(step.Name())
		if !step.IsDir() || keep == keepAll {
			continue
		}
		dir := filepath.Join(s.Cache, step.Name())
		outputs, err := os.ReadDir(dir)
		errs = append(errs, err)
		slices.SortFunc(outputs, func(a, b fs.DirEntry) int { return modified(b).Compare(modified(a)) })
		for i, output := range outputs {
			if keep == keepLast && i == 0 || keep == keepPrograms && time.Since(modified(output)) < unused {
				continue
			}
			errs = append(errs, os.RemoveAll(filepath.Join(dir, output.Name())))
		}
	}
	return errors.Join(errs...)
}

// modified is when an output was made, or used last.
func modified(e fs.DirEntry) time.Time {
	info, err := e.Info()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// roomGiB is what the making of one node image takes at its height: Go's caches, the programs, and the image in the
// making and in the engine.
const roomGiB = 12

// sayRoom reports when a build may run out of disk.
func (s *Source) sayRoom(ctx context.Context) {
	if s.Engine == nil {
		return
	}
	places := []string{s.Cache}
	for _, storage := range []string{"{{.DockerRootDir}}", "{{.Store.GraphRoot}}"} { // of docker, of podman
		if dir, err := s.Engine.Run(ctx, "info", "--format", storage); err == nil {
			places = append(places, strings.TrimSpace(dir))
		}
	}
	for _, place := range places {
		if free, ok := freeGiB(place); ok && free < roomGiB {
			s.Log.Say("!  only %.1f GiB are free in %s, and to build a node image takes up to %d: make room, for example by make distclean, which removes all that was built",
				free, place, roomGiB)
			return // the others are mostly on the same disk
		}
	}
}

// freeGiB is how much of a folder's disk is free; not ok where the folder is not on this machine.
func freeGiB(dir string) (free float64, ok bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, false
	}
	return float64(disk.Bavail) * float64(disk.Bsize) / (1 << 30), true
}
