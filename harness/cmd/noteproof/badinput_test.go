package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// inputs are files to which arguments and variables refer, in a module with a claim.
var inputs = map[string]string{
	"scenarios/suite_test.go":     "package scenarios\n\nimport _ \"embed\"\n\n//go:embed notes.md\nvar text string\n\nvar lab = x{\n\tScenarios: []suite.Scenario{\n\t\tpodTaken,\n\t},\n})\n",
	"scenarios/notes.md":          "# Pods\n\nA Pod has an IP.\n\nA Pod has a node.\n",
	"scenarios/pod_taken_test.go": "package scenarios\n\nvar podTaken = suite.Scenario{}\n",
	"empty":                       "",
	"noyaml":                      "contexts: [\n\t}",
	"pod.yaml":                    "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
	"nocontexts.yaml":             "apiVersion: v1\nkind: Config\n",
	"othercontext.yaml":           "apiVersion: v1\nkind: Config\ncurrent-context: away\ncontexts: [{name: team, context: {cluster: c, user: me}}]\nclusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\nusers: [{name: me, user: {token: t}}]\n",
	"nocluster.yaml":              "apiVersion: v1\nkind: Config\ncurrent-context: team\ncontexts: [{name: team, context: {cluster: c, user: me}}]\n",
	"good.yaml":                   "apiVersion: v1\nkind: Config\ncurrent-context: team\ncontexts: [{name: team, context: {cluster: c, user: me}}]\nclusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\nusers: [{name: me, user: {token: t}}]\n",
	"five.yaml":                   "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
	"cluster/two.yaml":            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: [{role: control-plane}, {role: control-plane}]\n",
	"cluster/named.yaml":          "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nname: mine\n",
	"cluster/misspelt.yaml":       "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodse: []\n",
	"cluster/Bad_Name.yaml":       "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
	"newer.json":                  `{"schema":99,"claims":[]}`,
	"several.json":                `{"schema":1,"records":[]}`,
	"list.json":                   `[1]`,
	"folder/file":                 "",
	"record/verdicts.json":        `{"schema":1,"version":"v1.37.2","claims":[]}`,
	"latin1.md":                   "# Caf\xe9\n",
}

// TestBadInput checks that each input that is wrong is refused in one line that says what is wanted, before anything is done.
func TestBadInput(t *testing.T) {
	long := "pod." + strings.Repeat("very-", 20) + "long"
	variable := func(v string, says ...string) badInput {
		return badInput{env: v, args: "verify", says: append(says, strings.SplitN(v, "=", 2)[0])}
	}
	for name, c := range map[string]badInput{
		"a version of spaces":                 variable("K8S=  ", `"  " is not a Kubernetes version`),
		"a major version":                     variable("K8S=v1", `"v1" is not`, "v1.37.2"),
		"a version with a wildcard":           variable("K8S=1.37.x", `"1.37.x" is not`),
		"a version that never was":            {args: "verify --kubernetes 99.1", says: []string{"--kubernetes", "99.1"}},
		"a version with a line end":           variable("K8S=v1.37.2\n", `"v1.37.2\n" is not`),
		"a version that is a path":            variable("K8S=../..", `"../.." is not`),
		"two versions":                        variable("K8S=1.36 1.37", "is not a Kubernetes version"),
		"two versions for a soak":             {env: "K8S=1.36 1.37", args: "soak", says: []string{"K8S", "is not a Kubernetes version"}},
		"claims that are no regexp":           variable("CLAIMS=(", "is not a regular expression"),
		"claims as an argument":               {args: "verify ^pod[", says: []string{`"^pod[" is not a regular expression`}},
		"claims that match nothing":           {env: "CLAIMS=typo", args: "matrix --versions v1.37.2", says: []string{"CLAIMS=typo chooses none"}},
		"no such kubeconfig":                  variable("KUBECONFIG_FILE=none.yaml", "there is no kubeconfig none.yaml"),
		"a directory as kubeconfig":           {args: "verify --kubeconfig folder", says: []string{"--kubeconfig", "folder", "directory"}},
		"an empty kubeconfig":                 {args: "verify --kubeconfig empty", says: []string{"--kubeconfig", "empty", "no contexts"}},
		"a kubeconfig that is no YAML":        {args: "verify --kubeconfig noyaml", says: []string{"--kubeconfig", "noyaml"}},
		"a kubeconfig that is a Pod":          {args: "verify --kubeconfig pod.yaml", says: []string{"--kubeconfig", "pod.yaml", "Pod"}},
		"a kubeconfig of no contexts":         {args: "verify --kubeconfig nocontexts.yaml", says: []string{"--kubeconfig", "nocontexts.yaml", "no contexts"}},
		"a current context that is not there": {args: "verify --kubeconfig othercontext.yaml", says: []string{"--kubeconfig", "othercontext.yaml", `no context "away"`}},
		"a context that is not there":         {args: "verify --kubeconfig good.yaml --context away", says: []string{"--context", "good.yaml", `no context "away"`}},
		"a context without a cluster":         {args: "verify --kubeconfig nocluster.yaml", says: []string{"--kubeconfig", "nocluster.yaml", "cluster"}},
		"a kubeconfig below a file":           {args: "verify --kubeconfig good.yaml/x", says: []string{"--kubeconfig", "good.yaml/x"}},
		"a kubeconfig for a matrix":           {env: "KUBECONFIG_FILE=good.yaml", args: "matrix --versions v1.37.2", says: []string{"KUBECONFIG_FILE", "noteproof verify --kubeconfig"}},
		"a kubeconfig for a soak":             {env: "KUBECONFIG_FILE=good.yaml", args: "soak", says: []string{"KUBECONFIG_FILE", "noteproof verify --kubeconfig"}},
		"a context alone":                     {args: "verify --context staging", says: []string{"--context staging needs --kubeconfig"}},
		"a permission that is none":           variable("NOTEPROOF_ALLOW=everything", "is not a permission: want some of cluster-objects"),
		"a registry that is none":             variable("NOTEPROOF_REGISTRY=http://localhost:5000", "is not a registry"),
		"a registry twice":                    variable("NOTEPROOF_REGISTRY=docker.io=a:1,docker.io=b:1", "one mirror for each registry"),
		"a node image that is none":           variable("NOTEPROOF_NODE_IMAGE=kindest/Node", "is neither"),
		"no such archive":                     variable("NOTEPROOF_NODE_IMAGE=mine.tar", "there is no archive"),
		"a node image for a matrix":           {env: "NOTEPROOF_NODE_IMAGE=kindest/node:v1.37.2", args: "matrix --versions v1.37.2", says: []string{"NOTEPROOF_NODE_IMAGE"}},
		"no such variant":                     variable("NOTEPROOF_CLUSTER=none.yaml", "none.yaml"),
		"a variant that is no YAML":           variable("NOTEPROOF_CLUSTER=noyaml", "noyaml", "Cluster of kind.x-k8s.io/v1alpha4"),
		"a variant that is a Pod":             variable("NOTEPROOF_CLUSTER=pod.yaml", "pod.yaml", "Cluster of kind.x-k8s.io/v1alpha4"),
		"an empty variant":                    variable("NOTEPROOF_CLUSTER=empty", "empty", "Cluster of kind.x-k8s.io/v1alpha4"),
		"a variant of two control planes":     variable("NOTEPROOF_CLUSTER=cluster/two.yaml", "2 control planes"),
		"a variant with a name":               variable("NOTEPROOF_CLUSTER=cluster/named.yaml", `remove "mine"`),
		"a variant with a misspelling":        variable("NOTEPROOF_CLUSTER=cluster/misspelt.yaml", "nodse"),
		"a variant in an ill-named file":      variable("NOTEPROOF_CLUSTER=cluster/Bad_Name.yaml", "lower-case letters"),
		"a variant twice":                     {env: "K8S=v1.37.2+ipv6", args: "verify --cluster five.yaml", says: []string{"--cluster", "ipv6", "five.yaml", "only one"}},
		"a variant of an existing cluster":    {args: "verify --kubeconfig good.yaml --kubernetes v1.37.2+ipv6", says: []string{"a variant", "not for an existing one"}},
		"records in a file":                   variable("NOTEPROOF_OUT=empty", "empty", "a directory that can be written"),
		"records below a file":                variable("NOTEPROOF_OUT=empty/out", "empty", "a directory that can be written"),
		"records where none can be":           variable("NOTEPROOF_OUT=/proc/out", "a directory that can be written"),
		"a cache in a file":                   variable("NOTEPROOF_CACHE=empty", "a folder that can be written"),
		"a cache in a file for an image":      {env: "NOTEPROOF_CACHE=empty", args: "node-image v1.37.2", says: []string{"NOTEPROOF_CACHE"}},
		"no scenarios at once":                variable("NOTEPROOF_PARALLEL=0", "is not a number of scenarios"),
		"fewer than none":                     variable("NOTEPROOF_PARALLEL=-1", "is not a number of scenarios"),
		"a shard of none":                     variable("NOTEPROOF_SHARD=1/0", "is not a shard"),
		"a shard too many":                    {args: "verify --shard 5/4", says: []string{`--shard: "5/4" is not a shard: want its number and how many there are`}},
		"not a number":                        {args: "verify --parallel x", says: []string{`--parallel: "x" is not a number`}},
		"a factor of zero":                    variable("NOTEPROOF_TIMEOUT_FACTOR=0", "a number above 0"),
		"a negative factor":                   variable("NOTEPROOF_TIMEOUT_FACTOR=-1", "a number above 0"),
		"a factor that is not a number":       variable("NOTEPROOF_TIMEOUT_FACTOR=NaN", "a number above 0"),
		"an infinite factor":                  variable("NOTEPROOF_TIMEOUT_FACTOR=Inf", "a number above 0"),
		"a factor that is a word":             variable("NOTEPROOF_TIMEOUT_FACTOR=x", "a number above 0"),
		"a factor for a series":               {env: "NOTEPROOF_TIMEOUT_FACTOR=x", args: "breaks", says: []string{"NOTEPROOF_TIMEOUT_FACTOR"}},
		"keep, perhaps":                       variable("KEEP=maybe", "want 1 for yes, 0 for no"),
		"sabotage, perhaps":                   variable("SABOTAGE=maybe", "want 1 for yes or 0 for no"),
		"sabotage of a matrix":                {env: "SABOTAGE=1", args: "matrix --versions v1.37.2", says: []string{"SABOTAGE"}},
		"an engine that is none":              variable("NOTEPROOF_ENGINE=lxc", "docker, podman or nerdctl"),
		"an engine for an image":              {env: "NOTEPROOF_ENGINE=lxc", args: "node-image v1.37.2", says: []string{"docker, podman or nerdctl"}},
		"an unknown flag":                     {args: "verify --nonsense", says: []string{"unknown flag: --nonsense"}},
		"an unknown command":                  {args: "prove", says: []string{`unknown command "prove"`}},
		"an unknown format":                   {args: "list -o xml", says: []string{"-o xml: want table or json"}},
		"too many arguments":                  {args: "verify one two", says: []string{"got 2 arguments"}},
		"a flag without its value":            {args: "verify --kubernetes", says: []string{"flag needs an argument: --kubernetes"}},
		"no record":                           {args: "report none.json", says: []string{"none.json: no such file"}},
		"no argument for a report":            {args: "report", says: []string{"name the records, such as"}},
		"a record that is no JSON":            {args: "report noyaml", says: []string{"noyaml: invalid character"}},
		"a record that is a list":             {args: "report list.json", says: []string{"list.json: it is not the record of a run"}},
		"a record of a newer noteproof":       {args: "report newer.json", says: []string{"newer.json: its schema is 99", "use a newer noteproof"}},
		"the records of several runs":         {args: "report several.json", says: []string{"several.json: it holds the records of several runs"}},
		"a directory without a record":        {args: "report folder", says: []string{"folder/verdicts.json: no such file"}},
		"notes that are not there":            {args: "report --notes none.md record", says: []string{"none.md: no such file"}},
		"notes that are not UTF-8":            {args: "report --notes latin1.md record", says: []string{"latin1.md", "UTF-8"}},
		"no bundle":                           {args: "bundle load none.tar.zst", says: []string{"none.tar.zst", "no such file"}},
		"a bundle that is none":               {args: "bundle load pod.yaml", says: []string{"pod.yaml: it is not a bundle"}},
		"an empty bundle":                     {args: "bundle load empty", says: []string{"empty: it is not a bundle"}},
		"a bundle that is a directory":        {args: "bundle load folder", says: []string{"folder", "directory"}},
		"a bundle of nonsense":                {args: "bundle save nonsense", says: []string{`"nonsense" is not a Kubernetes version`}},
		"a bundle of nothing":                 {args: "bundle save", says: []string{"name the versions to save"}},
		"a node image of nonsense":            {args: "node-image nonsense", says: []string{`"nonsense" is not a Kubernetes version`}},
		"an image of another machine":         {args: "node-image --arch mips v1.37.2", says: []string{"--arch mips: want amd64 or arm64"}},
		"a claim without a topic":             {args: "claim nonsense", says: []string{`"nonsense"`, "topic"}},
		"a claim that is a path":              {args: "claim ../../x.y", says: []string{`"../../x.y"`}},
		"a claim with a long ID":              {args: "claim " + long, says: []string{long, "characters"}},
		"a claim that exists already":         {args: "claim pod.taken", says: []string{"pod_taken_test.go exists already"}},
		"words that are not in the notes":     {args: "claim pod.new nowhere", says: []string{"nowhere", "notes.md"}},
		"a matrix of no version":              {args: "matrix --versions=", says: []string{"--versions is empty"}},
		"a matrix of nonsense":                {args: "matrix --versions=v1.37.2,nonsense", says: []string{"is not a Kubernetes version"}},
		"a matrix of one version twice":       {args: "matrix --versions v1.37.2|v1.37.2", says: []string{"v1.37.2", "twice"}},
		"a soak of no runs":                   {args: "soak --runs 0", says: []string{"--runs 0: want a number of runs"}},
		"a soak of less":                      {args: "soak --runs -1", says: []string{"--runs -1: want a number of runs"}},
		"breaks that are no regexp":           {args: "breaks --only (", says: []string{"--only", "is not a regular expression"}},
		"no claim to explain":                 {args: "explain", says: []string{"name one claim"}},
		"versions, fewer than none":           {args: "versions --newest -1", says: []string{"--newest -1: want a number of minors"}},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// badInput is a command line, with | for a space in an argument, a variable, and what the error must say.
type badInput struct {
	env, args string
	says      []string
}

func (c badInput) check(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	for path, text := range inputs {
		path = filepath.Join(f.dir, path)
		g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
	}
	before := tree(t, f.dir)
	args := strings.Fields(c.args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "|", " ")
	}
	var env []string
	if c.env != "" {
		env = []string{c.env}
	}
	cmd, _ := f.noteproof(env, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	status := exitStatus(cmd.Run())
	g.Expect(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).To(BeNumerically("<", 2*time.Second)) // a busy machine does not count
	g.Expect(stdout.String()).To(BeEmpty())
	g.Expect(status).To(Equal(exitUsage), stderr.String())
	g.Expect(stderr.String()).To(MatchRegexp(`\Anoteproof: [^\n]+\n\z`), "one line")
	for _, said := range c.says {
		g.Expect(stderr.String()).To(ContainSubstring(said))
	}
	g.Expect(tree(t, f.dir)).To(Equal(before), "nothing is made")
}

// tree returns the content of the files in a directory by their paths; the content of a directory is empty.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			all[path+"/"] = ""
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
