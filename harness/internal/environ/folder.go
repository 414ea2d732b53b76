package environ

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Cache returns the folder in which builds are kept, and creates it: NOTEPROOF_CACHE, which is relative to dir, or the folder noteproof
// in the user's cache folder. The error of one that cannot be written says what to do.
func Cache(env func(string) string, dir string) (string, error) {
	cache := Absolute(dir, env("NOTEPROOF_CACHE"))
	if cache == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache folder: %w: set NOTEPROOF_CACHE to a folder that can be written", err)
		}
		cache = filepath.Join(caches, "noteproof")
	}
	if err := Writable(cache, 0o755); err != nil {
		return "", fmt.Errorf("builds cannot be kept in %s: %w: set NOTEPROOF_CACHE to a folder that can be written", cache, err)
	}
	return cache, nil
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
