package telegramtest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"path"
	"strings"
)

type storedFile struct {
	document *Document
	path     string
}

// keep stores a file and gives it an id, unless it has one.
func (s *Server) keep(d *Document, folder string) {
	if d.ID != "" {
		return
	}
	s.lastFile++
	d.ID = fmt.Sprintf("BQACAgIAAxkBAAI%08d", s.lastFile)
	s.files[d.ID] = &storedFile{document: d, path: fmt.Sprintf("%s/file_%d%s", folder, s.lastFile, path.Ext(d.Name))}
}

// tinyPicture is the photo people send.
var tinyPicture = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 90, 90))); err != nil {
		panic(err) // writing to memory
	}
	return b.Bytes()
}()

func (s *Server) getFile(q *query) (any, *refusal) {
	id := q.str("file_id")
	f := s.files[id]
	switch {
	case id == "":
		return nil, bad("file_id not specified")
	case f == nil:
		return nil, bad("wrong file_id or the file is temporarily unavailable")
	case len(f.document.Data) > maxDownload:
		return nil, bad("file is too big")
	}
	return object{
		"file_id": id, "file_unique_id": "u" + id, "file_size": len(f.document.Data), "file_path": f.path,
	}, nil
}

// download serves /file/bot<token>/<path>. Faults of the method «download» spoil it.
func (s *Server) download(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	if !s.isToken(token) {
		write(w, failure(&refusal{Code: 404, Description: "Not Found"}))
		return
	}
	q := &query{name: "download", method: "download", params: map[string]string{"path": name}}
	call := s.begin(q)
	out := s.fileAt(name)
	if fault := s.takeFault(call); fault != nil {
		s.spoil(w, r, call, fault, out)
		return
	}
	s.finish(call, reply{status: out.status})
	if out.status == http.StatusOK {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(out.body)
		return
	}
	write(w, out)
}

func (s *Server) fileAt(name string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.path == name && len(f.document.Data) <= maxDownload {
			return reply{status: http.StatusOK, body: f.document.Data}
		}
	}
	return failure(&refusal{Code: 404, Description: "Not Found"})
}
