// Package browser holds the tests that use the demo as a person does: the real
// program, its page in a real browser at the size of a phone, and clicks.
//
// They need Chromium or Chrome in the PATH, and are skipped without one.
// TestPictures makes the pictures of README.md and docs, when asked to:
//
//	go test ./bot/demo/browser -run TestPictures -pictures
package browser
