package breaks

import (
	"context"
	"fmt"

	utilversion "k8s.io/apimachinery/pkg/util/version"
)

// oldControllers are the controllers that had other names before Kubernetes 1.28.
func oldControllers() map[string]string {
	return map[string]string{
		"daemonset-controller":               "daemonset",
		"deployment-controller":              "deployment",
		"endpointslice-controller":           "endpointslice",
		"garbage-collector-controller":       "garbagecollector",
		"job-controller":                     "job",
		"namespace-controller":               "namespace",
		"node-lifecycle-controller":          "nodelifecycle",
		"persistentvolume-binder-controller": "persistentvolume-binder",
		"pod-garbage-collector-controller":   "podgc",
		"replicaset-controller":              "replicaset",
		"serviceaccount-controller":          "serviceaccount",
		"statefulset-controller":             "statefulset",
		"ttl-after-finished-controller":      "ttl-after-finished",
	}
}

// taintEviction is part of the node-lifecycle-controller before Kubernetes 1.29.
const taintEviction = "taint-eviction-controller"

// tokenController starts regardless of --controllers, unless it has no key to sign tokens with.
const tokenController = "serviceaccount-token-controller"

// WithoutController disables a controller of the kube-controller-manager. The name is that of Kubernetes 1.28 and later, such
// as "endpointslice-controller". It is translated for older versions.
func WithoutController(name string) Disturbance {
	return disturbance("no-"+name, "turns the "+name+" of the kube-controller-manager off", func(ctx context.Context, c *change) error {
		version, err := c.version()
		if err != nil {
			return err
		}
		edit, err := disableController(name, version)
		if err != nil {
			return err
		}
		return c.setFlags(ctx, controllerManager, edit)
	})
}

// disableController returns an edit of a kube-controller-manager's command line that disables a controller.
func disableController(name string, version *utilversion.Version) (func(command []string) []string, error) {
	if name == tokenController {
		return func(command []string) []string { return dropFlag(command, "service-account-private-key-file") }, nil
	}
	if name == taintEviction && version.LessThan(utilversion.MustParseGeneric("1.29")) {
		return func(command []string) []string { return setFlag(command, "enable-taint-manager", "false") }, nil
	}
	if version.LessThan(utilversion.MustParseGeneric("1.28")) {
		old, known := oldControllers()[name]
		if !known {
			return nil, fmt.Errorf("the name of the %s in Kubernetes %s is not known", name, version)
		}
		name = old
	}
	return func(command []string) []string {
		if flagValue(command, "controllers") == "" {
			command = setFlag(command, "controllers", "*") // the default, which any item replaces
		}
		return addToFlag(command, "controllers", "-"+name)
	}, nil
}
