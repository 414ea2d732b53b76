package breaks

// probeService is the spec of a Service with all fields that the policies on Services change.
const probeService = `
type: LoadBalancer
externalTrafficPolicy: Local
selector: {app: probe}
ports: [{port: 80, targetPort: 8080}]
`

// LocalIsCluster changes the external traffic policy of Services from Local to Cluster.
func LocalIsCluster() Disturbance {
	return Policy{
		Name: "local-is-cluster", Does: "makes the external traffic policy of Services Cluster where Local was asked for",
		Resource: "services", OnUpdate: true, Probe: probeService,
		Condition: `has(object.spec.externalTrafficPolicy) && object.spec.externalTrafficPolicy == 'Local'`,
		Patches:   `[JSONPatch{op: "replace", path: "/spec/externalTrafficPolicy", value: "Cluster"}]`,
		Changed:   func(s map[string]any) bool { return text(s, "spec", "externalTrafficPolicy") == "Cluster" },
	}.Disturbance()
}

// ClusterIsLocal sets the external traffic policy of all Services of type NodePort to Local.
func ClusterIsLocal() Disturbance {
	return Policy{
		Name: "cluster-is-local", Does: "makes the external traffic policy of Services of type NodePort Local, whatever was asked for",
		Resource: "services", OnUpdate: true,
		Probe: `
type: NodePort
selector: {app: probe}
ports: [{port: 80, targetPort: 8080}]
`,
		Condition: `has(object.spec.type) && object.spec.type == 'NodePort'`,
		Patches:   `[JSONPatch{op: "add", path: "/spec/externalTrafficPolicy", value: "Local"}]`,
		Changed:   func(s map[string]any) bool { return text(s, "spec", "externalTrafficPolicy") == "Local" },
	}.Disturbance()
}

// UnreadyEndpoints makes Services forward traffic to Pods that are not ready, like a proxy that ignores readiness.
func UnreadyEndpoints() Disturbance {
	return Policy{
		Name: "unready-endpoints", Does: "makes Services lead to Pods that are not ready", Resource: "services", OnUpdate: true, Probe: probeService,
		Patches: `[JSONPatch{op: "add", path: "/spec/publishNotReadyAddresses", value: true}]`,
		Changed: func(s map[string]any) bool { return field(s, "spec", "publishNotReadyAddresses") == true },
	}.Disturbance()
}

// WithoutServiceLabels removes the labels of Services.
func WithoutServiceLabels() Disturbance {
	return Policy{
		Name: "no-service-labels", Does: "removes the labels of Services", Resource: "services", OnUpdate: true, Probe: probeService,
		Condition: `has(object.metadata.labels)`,
		Patches:   `[JSONPatch{op: "remove", path: "/metadata/labels"}]`,
		Changed:   func(s map[string]any) bool { return empty(field(s, "metadata", "labels")) },
	}.Disturbance()
}

// StickyServices makes each client of a Service always reach the same Pod, by session affinity.
func StickyServices() Disturbance {
	return Policy{
		Name: "sticky-services", Does: "makes each client of a Service always reach the same Pod", Resource: "services", Probe: probeService,
		Patches: `[JSONPatch{op: "replace", path: "/spec/sessionAffinity", value: "ClientIP"}]`,
		Changed: func(s map[string]any) bool { return text(s, "spec", "sessionAffinity") == "ClientIP" },
	}.Disturbance()
}

// WithoutTargetPorts makes the target port of Services equal to their port.
func WithoutTargetPorts() Disturbance {
	return Policy{
		Name: "no-target-ports", Does: "makes Services lead to the port of the Pod that has the Service's own number",
		Resource: "services", OnUpdate: true, Probe: probeService,
		Condition: `has(object.spec.ports)`,
		Patches:   `object.spec.ports.transformList(i, p, JSONPatch{op: "add", path: "/spec/ports/" + string(i) + "/targetPort", value: p.port})`,
		Changed: func(s map[string]any) bool {
			ports, _ := field(s, "spec", "ports").([]any)
			return len(ports) > 0 && field(ports[0], "targetPort") == int64(80)
		},
	}.Disturbance()
}

// BalancersWithoutNodePorts creates Services of type LoadBalancer without node ports.
func BalancersWithoutNodePorts() Disturbance {
	return Policy{
		Name: "balancers-without-node-ports", Does: "gives Services of type LoadBalancer no node port", Resource: "services", Probe: probeService,
		Condition: `has(object.spec.type) && object.spec.type == 'LoadBalancer'`,
		Patches:   `[JSONPatch{op: "add", path: "/spec/allocateLoadBalancerNodePorts", value: false}]`,
		Changed:   func(s map[string]any) bool { return field(s, "spec", "allocateLoadBalancerNodePorts") == false },
	}.Disturbance()
}
