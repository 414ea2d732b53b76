package evidence_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestEachClaimIsInOneShard(t *testing.T) {
	g := NewWithT(t)
	for index := range 10 {
		in := 0
		for number := 1; number <= 4; number++ {
			if (evidence.Shard{Number: number, Of: 4}).Has(index) {
				in++
			}
		}
		g.Expect(in).To(Equal(1), "claim %d", index)
		g.Expect(evidence.Shard{}.Has(index)).To(BeTrue())
	}
}

func TestParseShard(t *testing.T) {
	g := NewWithT(t)
	for _, text := range []string{"", "1/1", "2/4", "4/4"} {
		shard, err := evidence.ParseShard(text)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(shard.String()).To(Equal(text))
	}
	for _, text := range []string{"2", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/2/3", "1/99999999999999999999", " 1/2"} {
		_, err := evidence.ParseShard(text)
		g.Expect(err).To(MatchError(ContainSubstring("is not a shard: want its number and how many there are, such as 2/4")), text)
	}
}

// shard returns the record of shard number of 2, for one of the claims pod.a and pod.b.
func shard(number int) *evidence.Record {
	record := &evidence.Record{
		Version: "v1.37.2", Shard: evidence.Shard{Number: number, Of: 2}, Partial: true,
		Started: time.Unix(int64(10*number), 0), Finished: time.Unix(int64(100-number), 0),
		Environment: evidence.Environment{Noteproof: "v1", Cluster: "noteproof", CPUs: number},
	}
	for i, id := range []string{"pod.a", "pod.b"} {
		c := &evidence.Claim{ID: id, Verdict: claim.NotRun, Reason: evidence.NotChosen}
		if record.Shard.Has(i) {
			c = &evidence.Claim{ID: id, Verdict: claim.Holds}
		}
		record.Claims = append(record.Claims, c)
	}
	return record
}

func TestShardsJoinToTheRecordOfTheSuite(t *testing.T) {
	g := NewWithT(t)
	one, two := shard(1), shard(2)
	joined, err := evidence.JoinShards([]*evidence.Record{two, one})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(joined).To(Equal(&evidence.Record{
		Version: "v1.37.2", Started: one.Started, Finished: one.Finished, Environment: one.Environment,
		Shards: []evidence.ShardRun{
			{Shard: one.Shard, Started: one.Started, Finished: one.Finished, Cluster: "noteproof"},
			{Shard: two.Shard, Started: two.Started, Finished: two.Finished, Cluster: "noteproof"},
		},
		Claims: []*evidence.Claim{one.Claims[0], two.Claims[1]},
	}))
	g.Expect(one.Claims[1].Reason).To(Equal(evidence.NotChosen), "the records of the shards stay as they are")
}

func TestAShardThatFailedOrIsMissingMakesTheRecordPartial(t *testing.T) {
	g := NewWithT(t)
	joined, err := evidence.JoinShards([]*evidence.Record{shard(2)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(joined.Partial).To(BeTrue())
	g.Expect(joined.Failure).To(Equal("1 of 2 shards are missing"))

	interrupted, failed := shard(1), shard(2)
	interrupted.Finished, failed.Failure = time.Time{}, "no cluster"
	joined, err = evidence.JoinShards([]*evidence.Record{interrupted, failed})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(joined.Partial).To(BeTrue())
	g.Expect(joined.Finished).To(BeZero())
	g.Expect(joined.Failure).To(Equal("shard 2/2: no cluster"))
}

func TestOnlyShardsOfOneRunAreJoined(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*evidence.Record)
		says   string
	}{
		"twice the same":  {func(r *evidence.Record) { r.Shard.Number = 1 }, "shard 1/2 of v1.37.2 is there twice"},
		"of other shards": {func(r *evidence.Record) { r.Shard.Of = 3 }, "the numbers of shards differ"},
		"a whole suite":   {func(r *evidence.Record) { r.Shard = evidence.Shard{} }, "one is of the whole suite"},
		"two versions":    {func(r *evidence.Record) { r.Version = "v1.36.4" }, "they are of v1.37.2 and v1.36.4"},
		"two variants":    {func(r *evidence.Record) { r.Variant = "ipv6" }, "they are of v1.37.2 and v1.37.2+ipv6"},
		"two noteproofs":  {func(r *evidence.Record) { r.Environment.Noteproof = "v2" }, "they are of noteproof v1 and v2"},
		"other claims":    {func(r *evidence.Record) { r.Claims[0].ID = "pod.c" }, "they have different claims"},
		"a broken one":    {func(r *evidence.Record) { r.Disturbance = &evidence.Disturbance{} }, "a cluster was disturbed on purpose"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			other := shard(2)
			c.change(other)
			_, err := evidence.JoinShards([]*evidence.Record{shard(1), other})
			g.Expect(err).To(MatchError(ContainSubstring(c.says)))
		})
	}
}
