package match_test

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/noteproof/noteproof/harness/match"
)

// A matcher of one's own is about one type. Applied to any other, it is the scenario's error and no answer.
func ExampleThat() {
	beComplete := match.That("be complete", func(d appsv1.Deployment) bool { return d.Status.AvailableReplicas == *d.Spec.Replicas })

	wanted := int32(2)
	deployment := appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &wanted}, Status: appsv1.DeploymentStatus{AvailableReplicas: 2}}
	matched, err := beComplete.Match(deployment)
	fmt.Println(beComplete, matched, err)

	_, err = beComplete.Match("a string")
	fmt.Println(err)
	// Output:
	// be complete true <nil>
	// to be complete is wanted of a string, which only a v1.Deployment can do
}
