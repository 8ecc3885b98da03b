package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
)

const fetchTries = 3

// Fetch implements handlers.Files: it returns a file that somebody sent. The
// server is asked for the size first, and what turns out larger than it said
// is not read to the end.
func (c *Client) Fetch(ctx context.Context, id string, most int64) ([]byte, error) {
	retry := newBackOff(300*time.Millisecond, 2*time.Second)
	for try := 1; ; try++ {
		data, err := c.fetchOnce(ctx, id, most)
		if err == nil {
			return data, nil
		}
		wait := retry.NextBackOff()
		switch kind, refusal := classify(err); {
		case errors.Is(err, handlers.ErrTooLarge):
			return nil, err
		case kind == flood:
			wait = retryAfter(refusal)
		case kind != transient:
			return nil, err
		}
		if try == fetchTries || !sleep(ctx, wait) {
			return nil, err
		}
	}
}

func (c *Client) fetchOnce(ctx context.Context, id string, most int64) ([]byte, error) {
	result, err := c.call(ctx, "getFile", tgbotapi.Params{"file_id": id}, callDeadline)
	if err != nil {
		if kind, _ := classify(err); kind == tooBig {
			return nil, fmt.Errorf("getFile: %w", handlers.ErrTooLarge)
		}
		return nil, err
	}
	var file struct {
		Size int64  `json:"file_size"`
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(result, &file); err != nil {
		return nil, fmt.Errorf("getFile: %w", err)
	}
	if file.Size > most {
		return nil, fmt.Errorf("getFile: %w", handlers.ErrTooLarge)
	}
	data, err := c.download(ctx, file.Path, most)
	if err != nil {
		return nil, &callError{method: "download", text: c.redact(err.Error()), err: err}
	}
	return data, nil
}

// download reads a file from its address, which holds the token.
func (c *Client) download(ctx context.Context, path string, most int64) ([]byte, error) {
	if !fs.ValidPath(path) || path == "." { // a server of one's own may name a file on its disk instead
		return nil, errors.New("the server does not offer the file for download")
	}
	address, err := url.Parse(c.base)
	if err != nil {
		return nil, stripURL(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.JoinPath("file", "bot"+c.token, path).String(), nil)
	if err != nil {
		return nil, stripURL(err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, stripURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &StatusError{Code: resp.StatusCode}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read file: %w", stripURL(err))
	case int64(len(data)) > most:
		return nil, handlers.ErrTooLarge
	}
	return data, nil
}
