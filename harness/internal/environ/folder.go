package environ

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Cache returns the folder in which builds are kept, which need not exist: NOTEPROOF_CACHE, which is relative to dir, or the folder
// noteproof in the user's cache folder. The error of one that cannot be written says what to do.
func Cache(env func(string) string, dir string) (string, error) {
	cache := Absolute(dir, env("NOTEPROOF_CACHE"))
	if cache == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache folder: %w: set NOTEPROOF_CACHE to a folder that can be written", err)
		}
		cache = filepath.Join(caches, "noteproof")
	}
	if err := Creatable(cache); err != nil {
		return "", fmt.Errorf("builds cannot be kept in %s: %w: set NOTEPROOF_CACHE to a folder that can be written", cache, err)
	}
	return cache, nil
}

// Creatable returns an error if a folder is not there and cannot be created, or if files cannot be created in it. It leaves nothing.
func Creatable(dir string) error {
	at := filepath.Clean(dir)
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is not a directory", at)
		case err == nil:
			return Writable(at, 0)
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR), at == filepath.Dir(at):
			return err
		}
		at = filepath.Dir(at)
	}
}

// Writable creates a folder with this mode, unless it exists, and returns an error if files cannot be created in it.
func Writable(dir string, mode os.FileMode) error {
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
