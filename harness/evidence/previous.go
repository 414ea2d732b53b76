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

// The files of a run's directory.
const (
	RecordFile   = "verdicts.json"
	PreviousFile = "previous.json" // the answers of earlier runs
	LogFile      = "run.log"       // what the run logged
	lockFile     = "lock"          // locked during the run
)

// Previous holds the answers of earlier runs, for comparison: records of answered claims, the nearest version first.
type Previous []*Record

// Flip compares a claim with its last answer. It returns nil if no point flipped, or if there is no earlier answer.
func (p Previous) Flip(current *Claim) *Flip {
	for _, record := range p {
		for _, earlier := range record.Claims {
			if earlier.ID == current.ID {
				return Compare(record.Target(), earlier, current)
			}
		}
	}
	return nil
}

// sameCluster returns whether two records can be of one cluster. Clusters that noteproof creates differ only in their versions.
func sameCluster(a, b Environment) bool {
	return a.ClusterUID == "" || b.ClusterUID == "" || a.ClusterUID == b.ClusterUID
}

// Of returns the answers that can be of the same cluster: contexts of different clusters may have the same name.
func (p Previous) Of(environment Environment) Previous {
	return slices.DeleteFunc(slices.Clone(p), func(r *Record) bool { return !sameCluster(r.Environment, environment) })
}

// keepAnswers saves the answers of a target's last run in the previous.json of a new run. For claims that the last run did not answer it
// keeps the older answers. It returns these answers, followed by those of older versions on the same kind of cluster, the nearest
// version first. last is the directory of the last run, and empty if there is none. The error reports files that cannot be read, which
// are skipped.
func keepAnswers(link, last, dir string) (Previous, error) {
	var previous Previous
	var errs []error
	if last != "" {
		record, err := lastAnswers(last)
		if err == nil && len(record.Claims) > 0 {
			err = write(filepath.Join(dir, PreviousFile), record)
		}
		previous, errs = append(previous, record), append(errs, err)
	}
	older, err := olderFolders(link)
	errs = append(errs, err)
	for _, other := range older {
		record, err := lastAnswers(other)
		errs = append(errs, err)
		previous = append(previous, record)
	}
	return previous, errors.Join(errs...)
}

// lastAnswers returns the last answer to each claim in a directory: that of the last run, otherwise that of an earlier run.
func lastAnswers(folder string) (*Record, error) {
	before, err := loadIfExists(filepath.Join(folder, PreviousFile))
	if err != nil {
		return &Record{}, err
	}
	last, err := loadIfExists(filepath.Join(folder, RecordFile))
	if err != nil {
		return before, err
	}
	if !sameCluster(before.Environment, last.Environment) {
		before = &Record{}
	}
	return Merge(before, last), nil
}

func loadIfExists(path string) (*Record, error) {
	record, err := Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Record{}, nil
	}
	if err != nil {
		return &Record{}, err
	}
	return record, nil
}

// Merge returns a record with the last answer to each claim: that of last, otherwise that of before. It omits flips and
// diagnoses, which are not compared.
func Merge(before, last *Record) *Record {
	merged := &Record{Schema: Schema, Version: before.Version, Wanted: before.Wanted, Variant: before.Variant, Partial: true, Started: before.Started, Finished: before.Finished, Environment: before.Environment}
	answered := map[string]bool{}
	for _, record := range []*Record{last, before} {
		for _, c := range record.Claims {
			if c == nil || !c.Settled() || answered[c.ID] {
				continue
			}
			if answered[c.ID] = true; len(merged.Claims) == 0 {
				merged.Version, merged.Wanted, merged.Variant = record.Version, record.Wanted, record.Variant
				merged.Started, merged.Finished, merged.Environment = record.Started, record.Finished, record.Environment
			}
			kept := *c
			kept.Flip, kept.Diagnosis, kept.History = nil, nil, nil
			merged.Claims = append(merged.Claims, &kept)
		}
	}
	return merged
}

// olderFolders returns the directories next to this one with the records of older versions on the same kind of cluster, the
// nearest version first.
func olderFolders(folder string) ([]string, error) {
	out := filepath.Dir(folder)
	version, cluster := parseFolder(folder)
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the records of older versions: %w", err)
	}
	var older []string
	for _, entry := range entries {
		other, on := parseFolder(entry.Name())
		info, err := os.Stat(filepath.Join(out, entry.Name())) // of the directory to which a link leads
		if err == nil && info.IsDir() && semver.IsValid(version) && semver.IsValid(other) && on == cluster && semver.Compare(other, version) < 0 {
			older = append(older, entry.Name())
		}
	}
	slices.SortFunc(older, func(a, b string) int {
		first, _ := parseFolder(a)
		second, _ := parseFolder(b)
		return semver.Compare(second, first)
	})
	for i := range older {
		older[i] = filepath.Join(out, older[i])
	}
	return older, nil
}

// Folder returns the name of the link to a target's newest run: the record's Target, and on an existing cluster also the cluster's name,
// so that its records are separate from those of clusters that noteproof creates. If the cluster's name contains characters that are
// replaced, or is too long for a directory's, a short hash makes the name unique.
func Folder(target, adopted string) string {
	sanitize := func(name string) string {
		name = invalidChars.ReplaceAllString(name, "-") // to ASCII
		return strings.Trim(name[:min(len(name), maxFolderPart)], "-.")
	}
	name := cmp.Or(sanitize(target), "no-cluster")
	if adopted != "" {
		name += "@" + sanitize(adopted)
		if sanitize(adopted) != adopted {
			hash := sha256.Sum256([]byte(adopted))
			name += fmt.Sprintf("~%x", hash[:4])
		}
	}
	return name
}

// maxFolderPart limits each of the two parts of a directory's name, of which file systems allow 255 bytes.
const maxFolderPart = 100

// invalidChars matches characters that are not used in a directory's name, including the separators @ and ~.
var invalidChars = regexp.MustCompile(`[^A-Za-z0-9._+-]+`)

// parseFolder returns the version of a run's directory, and what distinguishes its cluster from those of other directories: the
// sanitized name of an existing cluster, or the variant of a cluster of noteproof's with the leading "+".
func parseFolder(folder string) (version, cluster string) {
	version, cluster, adopted := strings.Cut(filepath.Base(folder), "@")
	if base, variant, some := strings.Cut(version, "+"); some && !adopted { // the version of an existing cluster may have a suffix
		return base, "+" + variant
	}
	return version, cluster
}
