package probe

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestMountAt(t *testing.T) {
	const mountinfo = `880 700 0:160 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a
881 880 0:163 / /proc rw,nosuid - proc proc rw
882 880 254:1 /var/lib/kubelet/x /data ro,relatime shared:3 master:7 - ext4 /dev/vda1 rw
883 880 0:170 / /memory rw - tmpfs tmpfs rw,size=1k
884 880 254:1 /y /twice rw - ext4 /dev/vda1 rw
885 884 0:171 / /twice rw - tmpfs tmpfs rw
`
	for path, want := range map[string]string{
		"/data": "ext4", "/memory": "tmpfs", "/twice": "tmpfs", "/": "overlay", "/dat": "", "/data/sub": "", "/var/lib/kubelet/x": "",
	} {
		NewWithT(t).Expect(mountAt(path, mountinfo)).To(Equal(Mount{path, want}))
	}
}
