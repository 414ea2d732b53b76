package scenarios

import (
	"context"
	"slices"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	masterLabel = claim.P("the control plane can be picked by the label node-role.kubernetes.io/master", claim.TrueBefore("1.24")).
			KO("node-role.kubernetes.io/master 라벨로 컨트롤 플레인을 지정할 수 있다")
	newTaintIsAll = claim.P("to tolerate the taint node-role.kubernetes.io/control-plane is enough to run there", claim.TrueFrom("1.25")).
			KO("node-role.kubernetes.io/control-plane 테인트만 허용하면 컨트롤 플레인에서 실행될 수 있다")
)

// kubeadm labels and taints the control plane. The label master is gone from 1.24 on, and the taint master from 1.25 on; 1.24 has the
// taints of both names (KEP-2067; CHANGELOG-1.24 and 1.25, kubeadm). Other installers may do otherwise.
var schedulePickControlPlane = suite.Scenario{
	ID: "schedule.pick-control-plane", Points: []*claim.Point{masterLabel, newTaintIsAll},
	Quote: "Pod를 만들때 node를 지정할 수 있다.",
	Correction: claim.Text{
		KO: "컨트롤 플레인에 Pod를 배치하려면 nodeSelector에 `node-role.kubernetes.io/control-plane` 라벨을 쓰고, 같은 이름의 테인트를 허용(toleration)한다. `node-role.kubernetes.io/master` 라벨은 1.24에서, 같은 이름의 테인트는 1.25에서 없어졌다(kubeadm 기준).",
		EN: "To put a Pod on the control plane, select the label `node-role.kubernetes.io/control-plane` and tolerate the taint of that name. With kubeadm, the label `node-role.kubernetes.io/master` is gone from 1.24 on, and the taint of that name from 1.25 on.",
	},
	Remark: claim.Remark{
		KO:   "컨트롤 플레인에는 일반 워크로드를 두지 않는 것이 좋다. 모니터링 에이전트처럼 모든 노드에 있어야 하는 것은 톨러레이션을 지정한 DaemonSet으로 실행한다. 관리형 클러스터에서는 컨트롤 플레인 노드가 보이지 않는다.",
		EN:   "Keep ordinary workloads off the control plane. What must be on every node, such as an agent for monitoring, is a DaemonSet with tolerations. A managed cluster does not show the nodes of its control plane.",
		Docs: "/docs/concepts/scheduling-eviction/taint-and-toleration/",
	},
	Body: func(s *scenario.S) {
		s.Assume(asKubeadmMakesIt(s)).Should(Not(BeEmpty()))
		placed, not := ConsistOf(BeScheduled()), ConsistOf(BeUnschedulable())

		places := s.Witness("the scheduler places a Pod on the control plane that picks it by its present label and tolerates all taints").
			Eventually(s.Pods("app=by-label")).Should(placed)
		kept := s.Contrast("a Pod that tolerates no taint is not placed there").Eventually(s.Pods("app=intolerant")).Should(not)
		s.Point(masterLabel, places, kept).Eventually(s.Pods("app=by-old-label")).Decides(placed, not)
		s.Point(newTaintIsAll, places, kept).Eventually(s.Pods("app=tolerant")).Decides(placed, not)
	},
	Sabotage: suite.Sabotage{Replace: `node-role.kubernetes.io/master: ""`, By: "kubernetes.io/os: linux", Point: masterLabel},
	Also:     []suite.Sabotage{{Replace: "{key: node-role.kubernetes.io/control-plane,", By: "{key: node-role.kubernetes.io/master,", Point: newTaintIsAll}},
}

// asKubeadmMakesIt looks for nodes of the control plane with the labels and taints that kubeadm gives them in this version, and no others
// that keep Pods away.
func asKubeadmMakesIt(s *scenario.S) probe.Look {
	const present, old = "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"
	var expected []string
	if s.Since("1.24") {
		expected = append(expected, present)
	}
	if !s.Since("1.25") {
		expected = append(expected, old)
	}
	return probe.New("nodes of a control plane as kubeadm makes it", func(ctx context.Context) ([]string, error) {
		nodes, err := s.Client().CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: present + "="})
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, node := range nodes.Items {
			_, labelled := node.Labels[old]
			unknown := func(t corev1.Taint) bool {
				return t.Effect != corev1.TaintEffectPreferNoSchedule && !slices.Contains(expected, t.Key)
			}
			if !node.Spec.Unschedulable && labelled == !s.Since("1.24") && len(node.Spec.Taints) >= len(expected) && !slices.ContainsFunc(node.Spec.Taints, unknown) {
				names = append(names, node.Name)
			}
		}
		return names, nil
	})
}
