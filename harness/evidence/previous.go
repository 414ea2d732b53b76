package evidence

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// The files of a run's folder that the next run reads.
const (
	RecordFile   = "verdicts.json"
	PreviousFile = "previous.json"
)

// Previous is what earlier runs found out, to compare a run with: records of answered claims, the nearest first.
type Previous []*Record

// Flip compares a claim with its last answer; nil when nothing flipped, or nobody ever answered it.
func (p Previous) Flip(now *Claim) *Flip {
	for _, record := range p {
		for _, then := range record.Claims {
			if then.ID == now.ID {
				return Compare(record.Version, then, now)
			}
		}
	}
	return nil
}

// Keep puts the answers of the folder's last run into its previous.json, beside the older answers to the claims that
// it left open, before a new run takes its place. It returns them, and after them those of the nearest older versions on
// the same kind of cluster. The error reports files that cannot be read; nothing is compared with these.
func Keep(folder string) (Previous, error) {
	kept, err := keep(folder)
	previous := Previous{kept}
	errs := []error{err}
	older, err := olderFolders(folder)
	errs = append(errs, err)
	for _, other := range older {
		record, err := known(other)
		errs = append(errs, err)
		previous = append(previous, record)
	}
	return previous, errors.Join(errs...)
}

// keep writes a folder's previous.json, if there is anything to keep.
func keep(folder string) (*Record, error) {
	record, err := known(folder)
	if err != nil || len(record.Claims) == 0 {
		return record, err
	}
	return record, write(filepath.Join(folder, PreviousFile), record)
}

// known is what a folder's last run and, of what that left open, the runs before it had found out.
func known(folder string) (*Record, error) {
	before, err := loadIfThere(filepath.Join(folder, PreviousFile))
	if err != nil {
		return &Record{}, err
	}
	last, err := loadIfThere(filepath.Join(folder, RecordFile))
	if err != nil {
		return before, err
	}
	return Merge(before, last), nil
}

func loadIfThere(path string) (*Record, error) {
	record, err := Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Record{}, nil
	}
	if err != nil {
		return &Record{}, err
	}
	return record, nil
}

// Merge is a record of the last answer to each claim: that of the last run, else that of the runs before it. What
// fills pages and is not compared is left out.
func Merge(before, last *Record) *Record {
	merged := &Record{Schema: Schema, Version: before.Version, Wanted: before.Wanted, Partial: true, Started: before.Started, Finished: before.Finished, Environment: before.Environment}
	answered := map[string]bool{}
	for _, record := range []*Record{last, before} {
		for _, c := range record.Claims {
			if c == nil || !c.Settled() || answered[c.ID] {
				continue
			}
			if answered[c.ID] = true; len(merged.Claims) == 0 {
				merged.Version, merged.Wanted = record.Version, record.Wanted
				merged.Started, merged.Finished, merged.Environment = record.Started, record.Finished, record.Environment
			}
			kept := *c
			kept.Flip, kept.Diagnosis = nil, nil
			merged.Claims = append(merged.Claims, &kept)
		}
	}
	return merged
}

// olderFolders are the folders beside this one that hold the records of older versions on the same kind of cluster, the
// nearest first.
func olderFolders(folder string) ([]string, error) {
	out := filepath.Dir(folder)
	version, cluster := inFolder(folder)
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the records of older versions: %w", err)
	}
	var older []string
	for _, entry := range entries {
		other, on := inFolder(entry.Name())
		if entry.IsDir() && semver.IsValid(version) && semver.IsValid(other) && on == cluster && semver.Compare(other, version) < 0 {
			older = append(older, entry.Name())
		}
	}
	slices.SortFunc(older, func(a, b string) int {
		first, _ := inFolder(a)
		second, _ := inFolder(b)
		return semver.Compare(second, first)
	})
	for i := range older {
		older[i] = filepath.Join(out, older[i])
	}
	return older, nil
}

// Folder names the folder of a run: by its version, and on a cluster that somebody else made by what that is called as
// well, so that it does not take the place of our own cluster's record. A name that does not fit the name of a file is
// distinguished from those that look alike by a short hash.
func Folder(version, adopted string) string {
	fit := func(name string) string { return strings.Trim(unfit.ReplaceAllString(name, "-"), "-.") }
	name := cmp.Or(fit(version), "no-cluster")
	if adopted != "" {
		name += "@" + fit(adopted)
		if fit(adopted) != adopted {
			hash := sha256.Sum256([]byte(adopted))
			name += fmt.Sprintf("~%x", hash[:4])
		}
	}
	return name
}

// unfit is what does not belong into the name of a file, or parts such a name.
var unfit = regexp.MustCompile(`[^A-Za-z0-9._+-]+`)

// inFolder is the version whose run a folder holds, and the name of the cluster that somebody else made.
func inFolder(folder string) (version, adopted string) {
	version, adopted, _ = strings.Cut(filepath.Base(folder), "@")
	return version, adopted
}
