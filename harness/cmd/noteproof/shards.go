package main

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/noteproof/noteproof/harness/evidence"
)

// joinShards returns the paths of records with those of shards replaced by the record that they make together, which becomes the newest
// run of its version below over. A record that cannot be read stays: who reads it next tells.
func joinShards(paths []string, over string) ([]string, error) {
	type shard struct {
		path   string
		record *evidence.Record
	}
	shards := map[string][]shard{} // by the folder of what they are about
	var rest []string
	for _, path := range paths {
		record, err := evidence.Load(path)
		if err != nil || record.Shard == (evidence.Shard{}) {
			rest = append(rest, path)
			continue
		}
		adopted := ""
		if record.Environment.Adopted {
			adopted = record.Environment.Cluster
		}
		folder := evidence.Folder(record.Target(), adopted)
		shards[folder] = append(shards[folder], shard{path, record})
	}
	for _, folder := range slices.Sorted(maps.Keys(shards)) {
		if len(shards[folder]) == 1 { // it is reported as it is
			rest = append(rest, shards[folder][0].path)
			continue
		}
		var records []*evidence.Record
		for _, s := range shards[folder] {
			records = append(records, s.record)
		}
		joined, err := evidence.JoinShards(records)
		if err != nil {
			return nil, exit{exitUsage, err}
		}
		path, err := writeJoined(filepath.Join(over, folder), joined)
		if err != nil {
			return nil, err
		}
		rest = append(rest, path)
	}
	return rest, nil
}

// writeJoined writes a joined record as a run, to which link leads then, and returns its path.
func writeJoined(link string, joined *evidence.Record) (path string, err error) {
	run, err := evidence.NewRun(link, "joined-"+rand.String(5), time.Now())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	path = filepath.Join(run.Path, evidence.RecordFile)
	_, err = evidence.NewRecorder(path, joined)
	return path, err
}
