package breaks

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// hostFolder is the directory on nodes that contains the data of emptyDirs while EmptyDirOnHost is applied.
const hostFolder = "/var/tmp/noteproof-breaks"

// probePod is the spec of a Pod with all fields that the policies on Pods change.
const probePod = `
automountServiceAccountToken: false # its volume is mounted after the policy was applied
nodeSelector: {kubernetes.io/os: linux}
containers:
- name: probe
  image: probe
  resources: {requests: {memory: 64Mi, cpu: 100m}, limits: {memory: 128Mi, cpu: 200m}}
  volumeMounts: [{name: empty, mountPath: /empty}, {name: host, mountPath: /host}]
volumes:
- {name: empty, emptyDir: {}}
- {name: host, hostPath: {path: /etc, type: Directory}}
`

// ScaledMemoryLimits increases each memory limit by half.
func ScaledMemoryLimits() Disturbance {
	return eachContainer("scaled-memory-limits", "makes each memory limit half as large again as was asked for",
		`has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits && quantity(string(c.resources.limits['memory'])).isInteger()`,
		`JSONPatch{op: "replace", path: "/spec/containers/" + string(i) + "/resources/limits/memory",
			value: string(quantity(string(c.resources.limits['memory'])).asInteger() * 3 / 2)}`,
		func(c map[string]any) bool {
			return text(c, "resources", "limits", "memory") == "192Mi" || text(c, "resources", "limits", "memory") == "201326592"
		},
	)
}

// WithoutLimits removes the limits of containers.
func WithoutLimits() Disturbance {
	return withoutField("no-limits", "removes the limits of containers", "resources", "limits")
}

// WithoutVolumeMounts removes the volume mounts of containers.
func WithoutVolumeMounts() Disturbance {
	return withoutField("no-volume-mounts", "removes the volume mounts of containers", "volumeMounts")
}

// SeparateVolumes gives each container its own subdirectory in the volumes of its Pod.
func SeparateVolumes() Disturbance {
	return eachContainer("separate-volumes", "gives each container a folder of its own in the volumes of its Pod",
		`has(c.volumeMounts)`,
		`JSONPatch{op: "replace", path: "/spec/containers/" + string(i) + "/volumeMounts", value: c.volumeMounts.map(m,
			Object.spec.containers.volumeMounts{name: m.name, mountPath: m.mountPath, readOnly: has(m.readOnly) && m.readOnly, subPath: (has(m.subPath) ? m.subPath + "/" : "") + c.name})}`,
		func(c map[string]any) bool {
			mounts, _ := c["volumeMounts"].([]any)
			return len(mounts) > 0 && text(mounts[0], "subPath") == "probe"
		},
	)
}

// EmptyDirOnHost replaces each emptyDir by a directory on the node that outlives the Pod. A Pod with the same name, or of the
// same controller, gets the same directory.
func EmptyDirOnHost() Disturbance {
	policy := eachVolume("empty-dir-on-host", "turns each emptyDir into a folder of the node that outlives the Pod", `has(v.emptyDir)`,
		`hostPath: Object.spec.volumes.hostPath{type: "DirectoryOrCreate", path: "`+hostFolder+`/" + request.namespace + "/" +
			(has(object.metadata.name) ? object.metadata.name : object.metadata.generateName) + "/" + v.name}`,
		func(volumes []any) bool { return text(volumes[0], "hostPath", "type") == "DirectoryOrCreate" })
	return disturbance(policy.Name, policy.Does, func(ctx context.Context, c *change) error {
		c.onUndo(func(ctx context.Context) error {
			return c.everyNode(ctx, func(ctx context.Context, node string) error {
				_, err := c.run(ctx, node, "rm", "--recursive", "--force", hostFolder)
				return err
			})
		})
		return policy.apply(ctx, c)
	})
}

// HostPathInPod replaces each hostPath by an emptyDir, which no other Pod sees.
func HostPathInPod() Disturbance {
	return eachVolume("host-path-in-pod", "turns each hostPath into an emptyDir", `has(v.hostPath)`,
		`emptyDir: Object.spec.volumes.emptyDir{}`,
		func(volumes []any) bool { return field(volumes[1], "emptyDir") != nil }).Disturbance()
}

// ClaimInPod replaces each PersistentVolumeClaim of a Pod by an emptyDir.
func ClaimInPod() Disturbance {
	policy := eachVolume("claim-in-pod", "turns each PersistentVolumeClaim of a Pod into an emptyDir", `has(v.persistentVolumeClaim)`,
		`emptyDir: Object.spec.volumes.emptyDir{}`,
		func(volumes []any) bool { return field(volumes[0], "emptyDir") != nil })
	policy.Probe = `
containers: [{name: probe, image: probe}]
volumes: [{name: claim, persistentVolumeClaim: {claimName: probe}}]
`
	return policy.Disturbance()
}

// WithoutNodeSelectors removes the node selectors of Pods.
func WithoutNodeSelectors() Disturbance {
	return Policy{
		Name: "no-node-selectors", Does: "removes the node selectors of Pods", Resource: "pods", Probe: probePod,
		Condition: `has(object.spec.nodeSelector)`,
		Patches:   `[JSONPatch{op: "remove", path: "/spec/nodeSelector"}]`,
		Changed:   func(pod map[string]any) bool { return field(pod, "spec", "nodeSelector") == nil },
	}.Disturbance()
}

// SwappedNodeNames exchanges the first two workers of a kind cluster in the nodeName of Pods.
func SwappedNodeNames() Disturbance {
	return Policy{
		Name: "swapped-node-names", Does: "exchanges the first two workers in the node names of Pods", Resource: "pods",
		Probe:     "nodeName: kind-worker\ncontainers: [{name: probe, image: probe}]",
		Condition: `has(object.spec.nodeName) && object.spec.nodeName.matches('-worker2?$')`,
		Patches: `[JSONPatch{op: "replace", path: "/spec/nodeName", value: object.spec.nodeName.endsWith("2") ?
			object.spec.nodeName.substring(0, object.spec.nodeName.size() - 1) : object.spec.nodeName + "2"}]`,
		Changed: func(pod map[string]any) bool { return text(pod, "spec", "nodeName") == "kind-worker2" },
	}.Disturbance()
}

// NeverRestarted sets the restart policy of Pods to Never.
func NeverRestarted() Disturbance {
	return Policy{
		Name: "never-restarted", Does: "makes the restart policy of Pods Never", Resource: "pods", Probe: probePod,
		Patches: `[JSONPatch{op: "replace", path: "/spec/restartPolicy", value: "Never"}]`,
		Changed: func(pod map[string]any) bool { return text(pod, "spec", "restartPolicy") == "Never" },
	}.Disturbance()
}

// eachContainer returns a disturbance that changes the containers that match a condition. In the CEL expressions c is the
// container and i its index.
func eachContainer(name, does, condition, patch string, changed func(container map[string]any) bool) Disturbance {
	return Policy{
		Name: name, Does: does, Resource: "pods", Probe: probePod,
		Patches: fmt.Sprintf("object.spec.containers.transformList(i, c, %s, %s)", condition, patch),
		Changed: func(pod map[string]any) bool {
			containers, _ := field(pod, "spec", "containers").([]any)
			if len(containers) == 0 {
				return false
			}
			first, _ := containers[0].(map[string]any)
			return changed(first)
		},
	}.Disturbance()
}

// withoutField returns a disturbance that removes a field of containers, given its path.
func withoutField(name, does string, path ...string) Disturbance {
	condition, pointer := "true", ""
	for i, key := range path {
		condition += " && has(c"
		for _, above := range path[:i] {
			condition += "." + above
		}
		condition += "." + key + ")"
		pointer += "/" + key
	}
	return eachContainer(name, does, condition,
		fmt.Sprintf(`JSONPatch{op: "remove", path: "/spec/containers/" + string(i) + %q}`, pointer),
		func(container map[string]any) bool { return empty(field(container, path...)) })
}

// empty returns whether a field is missing, or is an object without fields.
func empty(value any) bool {
	object, isObject := value.(map[string]any)
	return value == nil || isObject && len(object) == 0
}

// eachVolume returns a policy that replaces the source of the volumes that match a condition. In the CEL expressions v is the
// volume.
func eachVolume(name, does, condition, source string, changed func(volumes []any) bool) Policy {
	return Policy{
		Name: name, Does: does, Resource: "pods", Probe: probePod, Condition: `has(object.spec.volumes)`,
		Patches: fmt.Sprintf(`object.spec.volumes.transformList(i, v, %s,
			JSONPatch{op: "replace", path: "/spec/volumes/" + string(i), value: Object.spec.volumes{name: v.name, %s}})`, condition, source),
		Changed: func(pod map[string]any) bool {
			volumes, _ := field(pod, "spec", "volumes").([]any)
			return len(volumes) > 0 && changed(volumes)
		},
	}
}

// field returns the value at a path in an object; nil if there is none.
func field(object any, path ...string) any {
	fields, _ := object.(map[string]any)
	value, _, _ := unstructured.NestedFieldNoCopy(fields, path...)
	return value
}

// text returns the string at a path in an object; empty if there is none.
func text(object any, path ...string) string {
	value, _ := field(object, path...).(string)
	return value
}
