package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	typeDevSelects = claim.P("type=dev selects the dev objects", claim.False).KO("`type=dev`로 개발 환경의 오브젝트가 선택된다")
	loDevSelects   = claim.P("lo=dev selects exactly the three", claim.True).KO("`lo=dev`로 개발 환경의 오브젝트 세 개만 선택된다")
)

// A selector compares the value of one key, and in the notes' table `dev` is a value of the key `lo`.
var labelSelectDev = suite.Scenario{
	ID: "label.select-dev", Points: []*claim.Point{typeDevSelects, loDevSelects},
	Quote: "개발 환경만 보고 싶은 경우 type: dev 확인 가능",
	Correction: claim.Text{
		KO: "개발 환경만 보려면 `type: dev`가 아니라 `lo: dev`로 선택한다(`kubectl get pods -l lo=dev`). 위 목록에서 type의 값은 web, db, server뿐이므로 `type=dev`로는 아무것도 선택되지 않는다.",
		EN: "To see the development environment only, select `lo: dev` (`kubectl get pods -l lo=dev`), not `type: dev`. In the table above the values of type are web, db and server, so `type=dev` selects nothing.",
	},
	Remark: claim.Remark{
		KO:   "라벨은 한 가지 기준에 키 하나를 쓴다(`env: dev`, `tier: web`). 그래야 `-l env=dev,tier=web`처럼 조합해 선택할 수 있다.",
		EN:   "Use one key for each criterion (`env: dev`, `tier: web`), so that selections combine: `-l env=dev,tier=web`.",
		Docs: "/docs/concepts/overview/working-with-objects/labels/#label-selectors",
	},
	Body: func(s *scenario.S) {
		dev := ConsistOf("web-dev", "db-dev", "server-dev")

		all := s.Witness("without a selector there are all six").Expect(s.Objects("pod", "")).Should(HaveLen(6))
		byType := s.Contrast("the same key with a value that exists selects what has it").
			Expect(s.Objects("pod", "type=web")).Should(ConsistOf("web-dev", "web-production"))
		others := s.Contrast("another value of lo selects the other three").
			Expect(s.Objects("pod", "lo=production")).Should(ConsistOf("web-production", "db-production", "server-production"))

		s.Point(typeDevSelects, all, byType).Expect(s.Objects("pod", "type=dev")).Decides(dev, BeEmpty())
		s.Point(loDevSelects, all, others).Expect(s.Objects("pod", "lo=dev")).Decides(dev, Not(dev))
	},
	Sabotage: suite.Sabotage{Replace: "{type: db, lo: dev}", By: "{type: db, lo: test}", Point: loDevSelects},
}
