package health

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The numbers are those of the kernel; a file system that is safe has none of them.
func TestRemoteFilesystemsAreKnownByTheirNumbers(t *testing.T) {
	for number, kind := range map[uint32]string{unix.NFS_SUPER_MAGIC: "NFS", unix.CIFS_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.SMB_SUPER_MAGIC: "SMB",
		unix.CEPH_SUPER_MAGIC: "Ceph", unix.OCFS2_SUPER_MAGIC: "OCFS2", unix.AFS_FS_MAGIC: "", unix.AFS_SUPER_MAGIC: "AFS", unix.CODA_SUPER_MAGIC: "Coda",
		unix.V9FS_MAGIC: "9P", unix.FUSE_SUPER_MAGIC: "FUSE",
		unix.EXT4_SUPER_MAGIC: "", unix.XFS_SUPER_MAGIC: "", unix.BTRFS_SUPER_MAGIC: "", unix.OVERLAYFS_SUPER_MAGIC: "", unix.TMPFS_MAGIC: ""} {
		if remote[number] != kind {
			t.Errorf("%#x is %q, want %q", number, remote[number], kind)
		}
	}
}
