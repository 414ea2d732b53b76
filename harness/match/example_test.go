package match_test

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/noteproof/noteproof/harness/match"
)

// A custom matcher is for one type. Applied to any other type it returns an error, which means that the scenario is wrong.
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
	// the matcher "be complete" is for a v1.Deployment, and was applied to a string
}
