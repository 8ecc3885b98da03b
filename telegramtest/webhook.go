package telegramtest

import (
	"slices"
	"strings"
)

func (s *Server) setWebhook(q *query) (any, *Error) {
	url := q.str("url")
	if url == "" {
		return s.deleteWebhook(q)
	}
	if !strings.HasPrefix(url, "https://") {
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if len(q.str("secret_token")) > 256 {
		return nil, bad("secret token is too long")
	}
	if s.queue.abort != nil {
		s.queue.abort <- errSetWebhook
		s.queue.abort = nil
	}
	s.allow(q.str("allowed_updates"))
	if q.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	s.queue.webhook = url
	return described{true, "Webhook was set"}, nil
}

func (s *Server) deleteWebhook(q *query) (any, *Error) {
	if q.bool("drop_pending_updates") {
		s.queue.pending = nil
	}
	if s.queue.webhook == "" {
		return described{true, "Webhook is already deleted"}, nil
	}
	s.queue.webhook = ""
	return described{true, "Webhook was deleted"}, nil
}

func (s *Server) getWebhookInfo(*query) (any, *Error) {
	s.expire()
	info := object{
		"url": s.queue.webhook, "has_custom_certificate": false, "pending_update_count": len(s.queue.pending),
	}
	if s.queue.allowed != nil {
		var names []string
		for name := range s.queue.allowed {
			names = append(names, name)
		}
		slices.Sort(names)
		info["allowed_updates"] = names
	}
	return info, nil
}
