package telegramtest

// setWebhook makes every getUpdates a conflict until deleteWebhook. Nothing is sent to the address.
func (s *Server) setWebhook(q *query) (any, *refusal) {
	if s.queue.abort != nil {
		s.queue.abort <- errSetWebhook
		s.queue.abort = nil
	}
	s.queue.webhook = q.str("url") != ""
	return true, nil
}

func (s *Server) deleteWebhook(*query) (any, *refusal) {
	s.queue.webhook = false
	return true, nil
}
