package breaks

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	utilversion "k8s.io/apimachinery/pkg/util/version"
)

// kubeadmFile reads a file that kubeadm 1.37.2 wrote on a control plane of kind.
func kubeadmFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFlags(t *testing.T) {
	old := []string{"kube-apiserver", "--authorization-mode=Node,RBAC", "--authorization", "--v=2"}
	for _, c := range []struct {
		name      string
		edit      func([]string) []string
		wanted    []string
		flag, was string
	}{
		{
			"a flag that stands there keeps its place",
			func(s []string) []string { return setFlag(s, "authorization-mode", "AlwaysAllow") },
			[]string{"kube-apiserver", "--authorization-mode=AlwaysAllow", "--authorization", "--v=2"}, "authorization-mode", "Node,RBAC",
		},
		{
			"a flag without a value is replaced, and none that begins with its name",
			func(s []string) []string { return setFlag(s, "authorization", "x") },
			[]string{"kube-apiserver", "--authorization-mode=Node,RBAC", "--authorization=x", "--v=2"}, "authorization", "",
		},
		{
			"a new flag comes last",
			func(s []string) []string { return setFlag(s, "service-node-port-range", "20000-40000") },
			append(append([]string{}, old...), "--service-node-port-range=20000-40000"), "service-node-port-range", "",
		},
		{
			"an item is added to a list",
			func(s []string) []string { return addToFlag(s, "authorization-mode", "Webhook") },
			[]string{"kube-apiserver", "--authorization-mode=Node,RBAC,Webhook", "--authorization", "--v=2"}, "authorization-mode", "Node,RBAC",
		},
		{
			"the first item of a list makes the flag",
			func(s []string) []string { return addToFlag(s, "feature-gates", "A=true") },
			append(append([]string{}, old...), "--feature-gates=A=true"), "feature-gates", "",
		},
		{
			"a flag is dropped, and none that begins with its name",
			func(s []string) []string { return dropFlag(s, "authorization") },
			[]string{"kube-apiserver", "--authorization-mode=Node,RBAC", "--v=2"}, "v", "2",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			before := append([]string{}, old...)
			g.Expect(c.edit(before)).To(Equal(c.wanted))
			g.Expect(before).To(Equal(old), "the given command line is not changed")
			g.Expect(flagValue(old, c.flag)).To(Equal(c.was))
		})
	}
}

func TestEditingAManifestChangesNothingElse(t *testing.T) {
	for _, component := range []string{apiServer, controllerManager, scheduler} {
		t.Run(component, func(t *testing.T) {
			g := NewWithT(t)
			text := kubeadmFile(t, component+".yaml")
			before, err := readManifest(text)
			g.Expect(err).NotTo(HaveOccurred())

			edited, err := editManifest(text, func(pod *corev1.Pod) error {
				pod.Spec.Containers[0].Command = setFlag(pod.Spec.Containers[0].Command, "v", "4")
				return nil
			})
			g.Expect(err).NotTo(HaveOccurred())

			after, err := readManifest(edited)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(after.Spec.Containers[0].Command).To(Equal(append(before.Spec.Containers[0].Command, "--v=4")))
			after.Spec.Containers[0].Command = before.Spec.Containers[0].Command
			g.Expect(after).To(Equal(before))
		})
	}
}

func TestManifestsThatAreNotEdited(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"no YAML", "\t", "read a static Pod's manifest"},
		{"a field that is not known", "spec: {containers: [{name: a}], unknownField: 1}", "unknownField"},
		{"two containers", "spec: {containers: [{name: a}, {name: b}]}", "2 containers"},
		{"no container", "spec: {}", "0 containers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := editManifest(c.text, func(*corev1.Pod) error { return nil })
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(c.says)))
		})
	}
}

func TestDisableController(t *testing.T) {
	pod, err := readManifest(kubeadmFile(t, controllerManager+".yaml"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for _, c := range []struct{ name, version, flag, value, fails string }{
		{name: "replicaset-controller", version: "1.37.2", flag: "controllers", value: "*,bootstrapsigner,tokencleaner,-replicaset-controller"},
		{name: "replicaset-controller", version: "1.28.0", flag: "controllers", value: "*,bootstrapsigner,tokencleaner,-replicaset-controller"},
		{name: "replicaset-controller", version: "1.27.16", flag: "controllers", value: "*,bootstrapsigner,tokencleaner,-replicaset"},
		{name: "taint-eviction-controller", version: "1.29.0", flag: "controllers", value: "*,bootstrapsigner,tokencleaner,-taint-eviction-controller"},
		{name: "taint-eviction-controller", version: "1.28.15", flag: "enable-taint-manager", value: "false"},
		{name: "serviceaccount-token-controller", version: "1.37.2", flag: "service-account-private-key-file", value: ""},
		{name: "unheard-of-controller", version: "1.24.17", fails: "unheard-of-controller in Kubernetes 1.24.17"},
	} {
		t.Run(c.name+" of "+c.version, func(t *testing.T) {
			g := NewWithT(t)
			edit, err := disableController(c.name, utilversion.MustParseGeneric(c.version))
			if c.fails != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.fails)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			edited := edit(pod.Spec.Containers[0].Command)
			g.Expect(edited).NotTo(Equal(pod.Spec.Containers[0].Command))
			g.Expect(flagValue(edited, c.flag)).To(Equal(c.value))
		})
	}
}

func TestDisableControllerKeepsTheDefaults(t *testing.T) {
	g := NewWithT(t)
	edit, err := disableController("job-controller", utilversion.MustParseGeneric("1.37.2"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(edit([]string{controllerManager})).To(Equal([]string{controllerManager, "--controllers=*,-job-controller"}))
}

func TestSchedulerReadsAConfiguration(t *testing.T) {
	g := NewWithT(t)
	text := kubeadmFile(t, scheduler+".yaml")
	edited, err := editManifest(text, mountSchedulerConfig)
	g.Expect(err).NotTo(HaveOccurred())
	pod, err := readManifest(edited)
	g.Expect(err).NotTo(HaveOccurred())
	container := pod.Spec.Containers[0]
	g.Expect(flagValue(container.Command, "config")).To(Equal(schedulerConfig))
	mount := container.VolumeMounts[len(container.VolumeMounts)-1]
	g.Expect(mount.MountPath).To(Equal(schedulerConfig))
	volume := pod.Spec.Volumes[len(pod.Spec.Volumes)-1]
	g.Expect(volume.Name).To(Equal(mount.Name))
	g.Expect(volume.HostPath.Path).To(Equal(schedulerConfig))

	_, err = editManifest(edited, mountSchedulerConfig)
	g.Expect(err).To(MatchError(ContainSubstring("already")))
}

func TestSchedulerConfigurationHasTheVersionsAPI(t *testing.T) {
	for version, api := range map[string]string{"1.37.2": "v1", "1.25.0": "v1", "1.24.17": "v1beta3", "1.23.17": "v1beta3"} {
		config := configWithout("NodeAffinity", utilversion.MustParseGeneric(version))
		NewWithT(t).Expect(config).To(And(HavePrefix("apiVersion: kubescheduler.config.k8s.io/"+api+"\n"), ContainSubstring("disabled: [{name: NodeAffinity}]")))
	}
}

func TestProbesThatOnlyConnect(t *testing.T) {
	g := NewWithT(t)
	pod, err := readManifest(kubeadmFile(t, apiServer+".yaml"))
	g.Expect(err).NotTo(HaveOccurred())
	probe := pod.Spec.Containers[0].LivenessProbe
	was := probe.DeepCopy()
	useTCPProbe(probe)
	g.Expect(probe.HTTPGet).To(BeNil())
	g.Expect(probe.TCPSocket).To(Equal(&corev1.TCPSocketAction{Host: was.HTTPGet.Host, Port: was.HTTPGet.Port}))
	g.Expect(probe.FailureThreshold).To(Equal(was.FailureThreshold))
	useTCPProbe(nil)
}
