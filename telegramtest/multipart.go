package telegramtest

import (
	"io"
	"mime/multipart"
	"net/url"
)

type multipartValues struct {
	values url.Values
	files  map[string]upload
}

// multipartForm keeps everything in memory: requests are capped before.
func multipartForm(body io.Reader, boundary string) (multipartValues, error) {
	form := multipartValues{values: url.Values{}, files: map[string]upload{}}
	reader := multipart.NewReader(body, boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return form, nil
		}
		if err != nil {
			return form, err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return form, err
		}
		if name := part.FileName(); name != "" {
			form.files[part.FormName()] = upload{name: name, data: data}
		} else {
			form.values.Add(part.FormName(), string(data))
		}
	}
}
