package cache

import (
	"errors"
	"io/fs"
	"syscall"
)

// failing lets one operation fail, or as many as times says, or all from that
// one on. Every operation of a disk is among them.
type failing struct {
	disk
	at       int
	err      error
	times    int // 0 is once
	forever  bool
	exchange bool
	late     bool   // what fails is done all the same, where a name is given or taken
	linkless bool   // this file system has no links
	swapping func() // runs once, right before the file is replaced
	count    int
	failed   string // the first operation that failed
}

func (d *failing) fails(op string) error {
	d.count++
	if d.count >= d.at && (d.forever || d.count < d.at+max(d.times, 1)) {
		if d.failed == "" {
			d.failed = op
		}
		return &fs.PathError{Op: op, Path: "there", Err: d.err}
	}
	return nil
}

func (d *failing) MkdirAll(dir string, mode fs.FileMode) error {
	if err := d.fails("mkdir"); err != nil {
		return err
	}
	return d.disk.MkdirAll(dir, mode)
}

func (d *failing) Create(path string) (tempFile, error) {
	if err := d.fails("create"); err != nil {
		return nil, err
	}
	f, err := d.disk.Create(path)
	return &failingFile{f, d}, err
}

func (d *failing) Open(path string) (openFile, error) {
	if err := d.fails("open"); err != nil {
		return nil, err
	}
	f, err := d.disk.Open(path)
	return &failingRead{f, d}, err
}

func (d *failing) Lstat(path string) (fs.FileInfo, error) {
	if err := d.fails("lstat"); err != nil {
		return nil, err
	}
	return d.disk.Lstat(path)
}

func (d *failing) EvalSymlinks(path string) (string, error) {
	if err := d.fails("follow"); err != nil {
		return "", err
	}
	return d.disk.EvalSymlinks(path)
}

func (d *failing) ReadDir(dir string) ([]fs.DirEntry, error) {
	if err := d.fails("list"); err != nil {
		return nil, err
	}
	return d.disk.ReadDir(dir)
}

func (d *failing) Link(from, to string) error {
	err := d.fails("link")
	if err != nil && !d.late {
		return err
	}
	if d.linkless {
		return syscall.EPERM
	}
	return errors.Join(d.disk.Link(from, to), err)
}

func (d *failing) Exchange(a, b string) error {
	if !d.exchange {
		return errors.ErrUnsupported
	}
	d.swap()
	err := d.fails("exchange")
	if err != nil && !d.late {
		return err // the fallback may still do it
	}
	return errors.Join(d.disk.Exchange(a, b), err)
}

func (d *failing) Rename(a, b string) error {
	err := d.fails("rename")
	if err != nil && !d.late {
		return err
	}
	return errors.Join(d.disk.Rename(a, b), err)
}

func (d *failing) Remove(path string) error {
	err := d.fails("remove")
	if err != nil && !d.late {
		return err
	}
	return errors.Join(d.disk.Remove(path), err)
}

func (d *failing) swap() {
	if f := d.swapping; f != nil {
		d.swapping = nil
		f()
	}
}

type failingFile struct {
	tempFile
	disk *failing
}

func (f *failingFile) Write(b []byte) (int, error) {
	if err := f.disk.fails("write"); err != nil {
		n, _ := f.tempFile.Write(b[:len(b)/2]) // a full disk takes a part
		return n, err
	}
	return f.tempFile.Write(b)
}

func (f *failingFile) Chmod(mode fs.FileMode) error {
	if err := f.disk.fails("chmod"); err != nil {
		return err
	}
	return f.tempFile.Chmod(mode)
}

func (f *failingFile) Sync() error {
	if err := f.disk.fails("sync"); err != nil {
		return err
	}
	return f.tempFile.Sync()
}

func (f *failingFile) Stat() (fs.FileInfo, error) {
	if err := f.disk.fails("stat what was written"); err != nil {
		return nil, err
	}
	return f.tempFile.Stat()
}

func (f *failingFile) Close() error {
	err := f.tempFile.Close()
	if ferr := f.disk.fails("close"); ferr != nil {
		return ferr
	}
	return err
}

type failingRead struct {
	openFile
	disk *failing
}

func (f *failingRead) Stat() (fs.FileInfo, error) {
	if err := f.disk.fails("stat what is read"); err != nil {
		return nil, err
	}
	return f.openFile.Stat()
}

func (f *failingRead) Read(b []byte) (int, error) {
	if err := f.disk.fails("read"); err != nil {
		return 0, err
	}
	return f.openFile.Read(b)
}
