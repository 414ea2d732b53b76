package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shard is one of the parts into which the claims of a suite are divided, so that several machines run them. The zero value is the
// whole suite. Its text, also in JSON, is that of ParseShard.
type Shard struct{ Number, Of int }

// maxShards is far above the number of claims that a suite has.
const maxShards = 10_000

// ParseShard parses a shard, such as "2/4" for the second of four. Empty means the whole suite.
func ParseShard(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	number, of, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	count, errOf := strconv.Atoi(of)
	if err != nil || errOf != nil || n < 1 || n > count || count > maxShards {
		return Shard{}, fmt.Errorf("%q is not a shard: want its number and how many there are, such as 2/4", text)
	}
	return Shard{n, count}, nil
}

// String returns the form that ParseShard parses.
func (s Shard) String() string {
	if s == (Shard{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Number, s.Of)
}

// MarshalText implements encoding.TextMarshaler.
func (s Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler, with the errors of ParseShard.
func (s *Shard) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShard(string(text))
	return err
}

// Has reports whether the shard has the claim at this index of the chosen ones. Neighbours, which often need the same, are in different
// shards.
func (s Shard) Has(index int) bool { return s == (Shard{}) || index%s.Of == s.Number-1 }

// ShardRun is the run that contributed a shard to a joined record.
type ShardRun struct {
	Shard Shard `json:"shard"`
	// Started and Finished are those of the run. Finished is absent if it did not end.
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Cluster is the name of the cluster.
	Cluster string `json:"cluster,omitempty"`
}

// JoinShards returns the record of a whole suite, given those of its shards in any order. Each claim is taken from the run that was for
// it, and the environment from the first shard. The record has a failure, and is partial, if a shard is missing or failed. It is an error
// if the records are not of one suite, version and noteproof, or a shard is there twice.
func JoinShards(records []*Record) (*Record, error) {
	if len(records) == 0 {
		return nil, errors.New("there are no records to join")
	}
	records = slices.SortedFunc(slices.Values(records), func(a, b *Record) int { return cmp.Compare(a.Shard.Number, b.Shard.Number) })
	first := *records[0]
	joined := &first // with the environment
	joined.Shard, joined.Claims, joined.Partial = Shard{}, slices.Clone(first.Claims), false
	var failures []string
	for i, record := range records {
		if why := apart(records[0], record); why != "" {
			return nil, fmt.Errorf("shards %s and %s of %s are not of one run: %s", records[0].Shard, record.Shard, record.Label(), why)
		}
		if i > 0 && record.Shard == records[i-1].Shard {
			return nil, fmt.Errorf("shard %s of %s is there twice", record.Shard, record.Label())
		}
		joined.add(record)
		if record.Failure != "" {
			failures = append(failures, fmt.Sprintf("shard %s: %s", record.Shard, record.Failure))
		}
	}
	if missing := records[0].Shard.Of - len(records); missing > 0 {
		failures = append(failures, fmt.Sprintf("%d of %d shards are missing", missing, records[0].Shard.Of))
	}
	joined.Failure = strings.Join(failures, "\n")
	joined.Partial = joined.Failure != "" || joined.Finished.IsZero() ||
		slices.ContainsFunc(joined.Claims, func(c *Claim) bool { return c.Reason == NotChosen })
	return joined, nil
}

// add adds the run of a shard, and the claims that it was for.
func (r *Record) add(shard *Record) {
	r.Shards = append(r.Shards, ShardRun{Shard: shard.Shard, Started: shard.Started, Finished: shard.Finished, Cluster: shard.Environment.Cluster})
	if shard.Started.Before(r.Started) {
		r.Started = shard.Started
	}
	if shard.Finished.IsZero() || !r.Finished.IsZero() && shard.Finished.After(r.Finished) {
		r.Finished = shard.Finished
	}
	for i, c := range shard.Claims {
		if c.Reason != NotChosen {
			r.Claims[i] = c
		}
	}
}

// apart returns why two records cannot be of shards of the same run; empty if they can.
func apart(a, b *Record) string {
	same := func(a, b *Claim) bool { return a.ID == b.ID }
	switch {
	case a.Shard == Shard{} || b.Shard == Shard{}:
		return "one is of the whole suite"
	case a.Shard.Of != b.Shard.Of:
		return "the numbers of shards differ"
	case a.Target() != b.Target():
		return fmt.Sprintf("they are of %s and %s", a.Label(), b.Label())
	case a.Environment.Noteproof != b.Environment.Noteproof:
		return fmt.Sprintf("they are of noteproof %s and %s", a.Environment.Noteproof, b.Environment.Noteproof)
	case !slices.EqualFunc(a.Claims, b.Claims, same):
		return "they have different claims"
	case a.Disturbance != nil || b.Disturbance != nil:
		return "a cluster was disturbed on purpose"
	default:
		return ""
	}
}
