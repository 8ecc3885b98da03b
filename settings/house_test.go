package settings

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"maps"
	"testing"
	"time"

	"go.uber.org/goleak"

	"goalbot/store"
)

// No test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept is a store that has settings only.
type kept struct {
	store.Tx
	own      map[string]string
	personal map[string]string
	fail     error
}

func (k kept) View(_ context.Context, f func(store.Tx) error) error { return f(k) }

func (k kept) Records(kind store.Kind) (map[string]string, error) {
	switch kind {
	case store.SettingRecord:
	case store.PersonalRecord:
		return maps.Clone(k.personal), k.fail
	default:
		return nil, errors.New("these are no settings")
	}
	return maps.Clone(k.own), k.fail
}

// open is what the program begins with; a schedule of five fields is one.
func open(log io.Writer) *Settings {
	return New(Defaults{
		Values: Values{Zone: time.UTC, Repeat: 6 * time.Hour, Ring: RingAlerts, News: AllNews},
		Schedule: func(spec string, zone *time.Location) (string, error) {
			if spec == "0 8 30 2 *" {
				return "", errors.New("never comes")
			}
			return spec + " in " + zone.String(), nil
		},
	}, slog.New(slog.NewTextHandler(log, nil)))
}

// local is a zone as Go has the machine's, which it calls Local whatever it is.
func local(t *testing.T, name string, offset int) *time.Location {
	t.Helper()
	// The oldest form of a zone's file (RFC 9636, version 1), of one type and no transitions.
	file := append([]byte("TZif"), make([]byte, 16)...)
	for _, count := range []uint32{0, 0, 0, 0, 1, uint32(len(name) + 1)} {
		file = binary.BigEndian.AppendUint32(file, count)
	}
	file = binary.BigEndian.AppendUint32(file, uint32(int32(offset)))
	file = append(file, 0, 0) // no summer time; the name begins at 0
	zone, err := time.LoadLocationFromTZData("Local", append(file, name+"\x00"...))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
