package health

import "golang.org/x/sys/unix"

// remote are the file systems on which SQLite's write-ahead log is not safe, by
// their magic numbers (statfs(2), linux/magic.h): several machines may have them
// mounted, and do not share the memory that the log needs, or their locks are not
// to be relied on.
var remote = map[uint32]string{
	0x00006969: "NFS",
	0xff534d42: "SMB",
	0xfe534d42: "SMB",
	0x0000517b: "SMB",
	0x00c36400: "Ceph",
	0x0bd00bd0: "Lustre",
	0x01161970: "GFS2",
	0x7461636f: "OCFS2",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x01021997: "9P",
	0x65735546: "FUSE",
}

// RemoteFilesystem returns the kind of the file system that holds dir, where the
// palace is not safe there; empty otherwise, and where that is not known.
func RemoteFilesystem(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return remote[uint32(s.Type)] // a long; the numbers have 32 bits
}
