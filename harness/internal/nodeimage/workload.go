package nodeimage

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// workloadArchive builds the workload image: agnhost, and a shell and commands that are Go programs, too. So it needs no Linux and
// nothing but Go, and is cross-built for the engine's machine.
func (s *Source) workloadArchive(ctx context.Context) (Archive, error) {
	goVersion, err := s.goVersion(ctx)
	if err != nil {
		return Archive{}, err
	}
	inputs, err := s.ownInputs(ctx, goVersion, toolsPackage, embeddedTools)
	if err != nil {
		return Archive{}, err
	}
	defer s.estimate("the workload image", []step{toolsStep(inputs), s.programStep([]goProgram{agnhost()}, goVersion), {"image-agnhost", nil}})()
	tools, err := s.tools(ctx, inputs)
	if err != nil {
		return Archive{}, err
	}
	program, err := s.goBuildProgram(ctx, agnhost())
	if err != nil {
		return Archive{}, err
	}
	path, err := s.workload(ctx, tools, program)
	return Archive{Ref: WorkloadImage, Path: path}, err
}

// workload writes the archive of the workload image.
func (s *Source) workload(ctx context.Context, tools, agnhost string) (string, error) {
	root := append(workloadRoot(), toolLinks()...)
	inputs := []any{filepath.Base(tools), outputOf(agnhost), root, WorkloadImage, layout}
	return s.cached(step{"image-agnhost", inputs}, "assemble "+WorkloadImage, func(out string) error {
		m, err := s.download(ctx, kubernetesModule, WorkloadKubernetes)
		if err != nil {
			return err
		}
		files := append(slices.Clone(root), program("", "agnhost", agnhost), program("bin", "tools", tools))
		for _, cert := range []string{"localhost.crt", "localhost.key"} {
			files = append(files, file{Path: cert, From: filepath.Join(m.Dir, "test", "images", "agnhost", "porter", cert)})
		}
		return s.writeImages(filepath.Dir(out), out, []containerImage{{
			Refs: []string{WorkloadImage}, Files: files, Entrypoint: []string{"/agnhost"}, Cmd: []string{"pause"},
			Labels: map[string]string{labelBuiltFrom: kubernetesModule + "/test/images/agnhost " + WorkloadKubernetes},
		}})
	})
}

// workloadRoot returns what programs expect of a root file system, and the folders of agnhost.
func workloadRoot() []file {
	return []file{
		{Path: "etc/passwd", Data: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"},
		{Path: "etc/group", Data: "root:x:0:\nnogroup:x:65534:\n"},
		{Path: "etc/nsswitch.conf", Data: "passwd: files\ngroup: files\nhosts: files dns\n"},
		{Path: "root", Dir: true, Mode: 0o700},
		{Path: "tmp", Dir: true, Mode: 0o1777},
		{Path: "var/tmp", Dir: true, Mode: 0o1777},
		{Path: "dev", Dir: true}, {Path: "proc", Dir: true}, {Path: "run", Dir: true}, {Path: "sys", Dir: true}, // mount points
		{Path: "sbin", Link: "bin"}, {Path: "usr/bin", Link: "../bin"}, {Path: "usr/sbin", Link: "../bin"},
		{Path: "agnhost-2", Link: "agnhost"},
		{Path: "uploads", Dir: true},
	}
}

// toolLinks returns a link for each command of the program tools.
func toolLinks() []file {
	names, err := embeddedTools.ReadFile("tools/names.txt")
	if err != nil {
		panic(err) // the file is embedded
	}
	var links []file
	for _, name := range strings.Fields(string(names)) {
		links = append(links, file{Path: "bin/" + name, Link: "tools"})
	}
	return links
}
