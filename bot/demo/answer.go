package demo

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
)

// answer writes JSON. Everything that is answered is built in this package, so
// that it can be encoded.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a page that has gone is no concern of ours
}

// refuse answers with a sentence for the person.
func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}

// read decodes the JSON of a request into v. Where it reports false, it has
// answered. A form of another site cannot be of this content type.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "The request has to be application/json.")
		return false
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(v)
	if tooLarge(w, err) {
		return false
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "The request is not the JSON it should be.")
		return false
	}
	return true
}

// tooLarge answers if err says that a body exceeds its limit.
func tooLarge(w http.ResponseWriter, err error) bool {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		refuse(w, http.StatusRequestEntityTooLarge, "That is too large to be sent.")
		return true
	}
	return false
}
