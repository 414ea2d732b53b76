package stage

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/system"
)

// Annotations of namespaces and other cluster-scoped objects that a run creates. They say whether the run may still be there.
const (
	annotationOwner   = "noteproof.dev/owner"   // user@host
	annotationProcess = "noteproof.dev/process" // of the run, see thisProcess; empty if that is not known
	annotationUntil   = "noteproof.dev/until"   // RFC 3339: when the run has removed the object at the latest
	// annotationFolders are the folders, with commas between, that Pods of a namespace may have created on nodes, or were to remove there.
	annotationFolders = "noteproof.dev/node-folder"
)

// withoutUntil is how old an object without annotationUntil is when no run uses it any more.
const withoutUntil = 2 * time.Hour

// ownedUntil returns the annotations of an object that this process creates and removes within a time.
func ownedUntil(within time.Duration) map[string]string {
	return map[string]string{
		annotationOwner: system.Owner(), annotationProcess: thisProcess(), annotationUntil: time.Now().Add(within).UTC().Format(time.RFC3339),
	}
}

// inUse reports whether the run that created an object may still use it: its process exists, or if it ran elsewhere, its time is not over.
func inUse(object *metav1.ObjectMeta, now time.Time) bool {
	if here, lives := processLives(object.Annotations[annotationProcess]); here {
		return lives
	}
	until, err := time.Parse(time.RFC3339, object.Annotations[annotationUntil])
	if err != nil {
		until = object.CreationTimestamp.Add(withoutUntil)
	}
	return now.Before(until)
}

// thisProcess identifies this process among those of all machines: "<boot ID> <PID namespace> <PID> <start>". It is empty where there is
// no /proc.
func thisProcess() string {
	space := processSpace()
	if space == "" {
		return ""
	}
	pid := strconv.Itoa(os.Getpid())
	return space + " " + pid + " " + processStart(pid)
}

// processSpace identifies the processes that this one can see: the boot ID of the machine and the PID namespace.
func processSpace() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
}

// processStart returns when a process started, in clock ticks since the machine did; empty if there is no such process (proc(5), field 22
// of /proc/PID/stat).
func processStart(pid string) string {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	_, fields, _ := strings.Cut(string(stat), ") ") // the name before it may have spaces
	if all := strings.Fields(fields); len(all) > 19 {
		return all[19]
	}
	return ""
}

// processLives reports whether thisProcess returned this text where this process can see, and whether that process is still there.
func processLives(process string) (here, lives bool) {
	fields := strings.Fields(process)
	if len(fields) != 4 || fields[0]+" "+fields[1] != processSpace() {
		return false, false
	}
	if _, err := strconv.Atoi(fields[2]); err != nil {
		return false, false
	}
	return true, processStart(fields[2]) == fields[3]
}

// userOf says whose run created an object.
func userOf(object *metav1.ObjectMeta) string {
	owner := object.Annotations[annotationOwner]
	if owner == "" {
		owner = "an unknown user"
	}
	return fmt.Sprintf("the run %s of %s", object.Labels[LabelRun], owner)
}
