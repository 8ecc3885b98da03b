// Package hard holds the suites that prove the program's promise: a command
// that Telegram delivered takes effect exactly once and is answered at least
// once, whatever dies in between; an error that is shown to a person is true;
// goals.json is never a piece.
//
// The suites run the real program, built from this tree, against a stand-in for
// Telegram on loopback, break what it stands on, and hold what is left against
// a plan that was made before: which commands are said, in which order, and
// what the list is after each. What takes long or needs root runs only with
// -hard; CONTRIBUTING.md says how.
package hard
