//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// footprints are the folders that containerd, dockerd and nerdctl create wherever their own folders are.
var footprints = []string{
	"/etc/docker", "/opt/containerd", "/run/containerd", "/run/docker", "/run/nerdctl", "/var/lib/cni", "/var/lib/nerdctl",
	"/sys/fs/cgroup/docker", "/sys/fs/cgroup/*/docker", "/sys/fs/cgroup/default", "/sys/fs/cgroup/*/default",
}

// engineInterface matches the names of the bridges that docker and nerdctl create.
var engineInterface = regexp.MustCompile(`^(docker|nerdctl|br-)`)

// machine is what the machine had before an engine was started.
type machine struct {
	folders    []string // those of footprints that existed
	interfaces []string
	firewall   rules
}

func observe() machine {
	return machine{folders: existing(footprints), interfaces: interfaces(), firewall: firewall(context.Background())}
}

func existing(patterns []string) []string {
	var all []string
	for _, pattern := range patterns {
		found, _ := filepath.Glob(pattern) // its only error is a bad pattern
		all = append(all, found...)
	}
	return all
}

func interfaces() []string {
	var names []string
	all, _ := net.Interfaces()
	for _, i := range all {
		if engineInterface.MatchString(i.Name) {
			names = append(names, i.Name)
		}
	}
	return names
}

// remove removes everything of a stopped engine, and returns what should have been gone before: processes, mounts, clusters'
// bridges and what cannot be removed. What every engine leaves when it stops, such as the bridge of its default network, is removed
// without a word.
func (e *engine) remove() (left []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, pid := range processesOf(e.dir, e.cache) {
		left = append(left, fmt.Sprintf("process %d", pid))
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	left = append(left, unmount(e.dir)...)
	if len(e.daemons) > 0 {
		left = append(left, e.restore(ctx)...)
	}
	if err := os.RemoveAll(e.dir); err != nil {
		left = append(left, err.Error())
	}
	return left
}

// restore removes what the engine has added to the machine outside of its own folder.
func (e *engine) restore(ctx context.Context) (left []string) {
	var bridges []string
	for _, name := range interfaces() {
		if slices.Contains(e.before.interfaces, name) {
			continue
		}
		bridges = append(bridges, name)
		if strings.HasPrefix(name, "br-") {
			left = append(left, "interface "+name)
		}
		if _, err := output(ctx, nil, onSystemPath("ip"), "link", "delete", name); err != nil {
			left = append(left, err.Error())
		}
	}
	if err := e.before.firewall.restore(ctx, bridges); err != nil {
		left = append(left, err.Error())
	}
	for _, folder := range existing(footprints) {
		if slices.Contains(e.before.folders, folder) {
			continue
		}
		if err := removeFolder(ctx, folder); err != nil {
			left = append(left, err.Error())
		}
	}
	return left
}

// removeFolder removes a folder. A cgroup can be removed when its processes, which were killed, are gone.
func removeFolder(ctx context.Context, folder string) error {
	if !strings.HasPrefix(folder, "/sys/fs/cgroup/") {
		return os.RemoveAll(folder)
	}
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		err := removeCgroup(folder)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-poll.C:
		}
	}
}

// removeCgroup removes a cgroup and those in it. Their files cannot be removed, and need not be.
func removeCgroup(folder string) error {
	var folders []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	slices.Reverse(folders)
	for _, path := range folders {
		if err := syscall.Rmdir(path); err != nil {
			return &os.PathError{Op: "rmdir", Path: path, Err: err}
		}
	}
	return nil
}

// processesOf returns the processes of an engine with this folder: its programs, which are below a second folder and name the first
// on their command lines, and those in its containers, whose root file systems are in the first.
func processesOf(dir, programs string) []int {
	var pids []int
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil || pid == os.Getpid() {
			continue
		}
		program, _ := os.Readlink(folder + "/exe")
		command, _ := os.ReadFile(folder + "/cmdline")
		mounts, _ := os.ReadFile(folder + "/mountinfo")
		if rootIn(string(mounts), dir) || strings.HasPrefix(program, programs+"/") && strings.Contains(string(command), dir+"/") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// rootIn reports whether a process's root file system is in a folder, given its /proc/PID/mountinfo. Other mounts do not count: a
// namespace that was copied from the machine's has them, too.
func rootIn(mounts, dir string) bool {
	for line := range strings.Lines(mounts) {
		if field := strings.Fields(line); len(field) > 4 && field[4] == "/" {
			return strings.Contains(line, "="+dir+"/") || strings.Contains(line, ":"+dir+"/")
		}
	}
	return false
}

// unmount unmounts everything below a folder and returns what it was.
func unmount(dir string) []string {
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	var below []string
	for line := range strings.Lines(string(mounts)) {
		if field := strings.Fields(line); len(field) > 4 && strings.HasPrefix(field[4], dir+"/") {
			below = append(below, field[4])
		}
	}
	slices.Reverse(below) // a mount is listed after the one that it is in
	var left []string
	for _, path := range below {
		left = append(left, "mount "+path)
		_ = syscall.Unmount(path, syscall.MNT_DETACH)
	}
	return left
}

// onSystemPath returns the path of a program that may be in a folder for root alone.
func onSystemPath(program string) string {
	for _, folder := range []string{"/usr/sbin", "/sbin"} {
		if found, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return found
		}
	}
	found, _ := exec.LookPath(program)
	return cmp.Or(found, program)
}
