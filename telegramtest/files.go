package telegramtest

import (
	"bytes"
	"cmp"
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

// fileKinds are the kinds of files that a message can hold, with the folders that they are downloaded from (tdlib,
// get_file_type_name).
var fileKinds = map[string]string{
	"document": "documents", "photo": "photos", "video": "videos", "audio": "music", "voice": "voice",
	"video_note": "video_notes", "animation": "animations",
}

// keep stores the file of a message, if it has one, and gives it an id, unless it has one.
func (s *Server) keep(m *Message) {
	d := m.File()
	if d == nil || d.ID != "" {
		return
	}
	s.lastFile++
	d.ID = fmt.Sprintf("BQACAgIAAxkBAAI%08d", s.lastFile)
	d.UniqueID = cmp.Or(d.UniqueID, fmt.Sprintf("AgADu%08d", s.lastFile))
	s.files[d.ID] = &storedFile{document: d, path: fmt.Sprintf("%s/file_%d%s", fileKinds[d.Kind], s.lastFile, path.Ext(d.Name))}
}

// put makes a file the one of a message.
func (m *Message) put(d *Document) {
	m.Document, m.Photo, m.Media = nil, nil, nil
	switch d.Kind {
	case "document":
		m.Document = d
	case "photo":
		m.Photo = d
	default:
		m.Media = d
	}
}

// json is the file as a message tells of it. A photo comes in several sizes, the largest last; a voice message and a video
// note have no name (Bot API, PhotoSize, Voice and VideoNote).
func (d *Document) json() any {
	o := object{"file_id": d.ID, "file_unique_id": d.UniqueID, "file_size": len(d.Data)}
	switch d.Kind {
	case "photo":
		o["width"], o["height"] = 90, 90
		return []object{{"file_id": "small" + d.ID, "file_unique_id": "small" + d.UniqueID, "width": 9, "height": 9, "file_size": 1}, o}
	case "video", "animation":
		o["width"], o["height"], o["duration"] = 640, 360, 5
	case "audio", "voice":
		o["duration"] = 5
	case "video_note":
		o["length"], o["duration"] = 240, 5
		return o
	}
	o["mime_type"] = d.Mime
	if d.Kind != "voice" {
		o["file_name"] = d.Name
	}
	return o
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
		"file_id": id, "file_unique_id": f.document.UniqueID, "file_size": len(f.document.Data), "file_path": f.path,
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
