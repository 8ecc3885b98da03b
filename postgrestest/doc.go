// Package postgrestest runs real PostgreSQL servers for tests, each in a folder of its
// own that goes with it. It is for the tests of every package.
package postgrestest
