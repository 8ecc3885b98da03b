package securefile

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// Flags are what [OpenFile] adds to the flags of [os.OpenFile]: nothing, where
// the system has nothing of the kind.
const Flags = 0

const follows = true // whether a link may be followed in spite of Flags

// links is how many names the file has, which only an open one tells. It is 1
// where that cannot be found out.
func links(path string, _ fs.FileInfo) uint64 {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 1
	}
	file, err := windows.CreateFile(name, 0, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return 1
	}
	defer windows.CloseHandle(file)
	var info windows.ByHandleFileInformation
	if windows.GetFileInformationByHandle(file, &info) != nil {
		return 1
	}
	return uint64(info.NumberOfLinks)
}
