package palace

import (
	"fmt"
	"maps"

	"goalbot/store"
)

// This file keeps and reads records. A command asks for a dozen of them, some more than
// once, and the next command asks for nearly the same ones.

// recordName is what a record is kept under.
type recordName struct {
	kind store.Kind
	name string
}

// records are those that a transaction has read or kept.
type records struct {
	single map[recordName]string            // "" for none
	whole  map[store.Kind]map[string]string // all of a kind
	asked  []read                           // what of them was read from the database
}

// maxForeseen is how many reads of one update the next one is expected to do again.
const maxForeseen = 24

func (r *records) forget() { r.single, r.whole = nil, nil }

func (r *records) value(n recordName) (value string, known bool) {
	if all, ok := r.whole[n.kind]; ok {
		return all[n.name], true
	}
	value, known = r.single[n]
	return value, known
}

func (r *records) set(n recordName, value string) {
	all, ok := r.whole[n.kind]
	switch {
	case !ok && r.single == nil:
		r.single = map[recordName]string{n: value}
	case !ok:
		r.single[n] = value
	case value == "":
		delete(all, n.name)
	default:
		all[n.name] = value
	}
}

func (r *records) setAll(kind store.Kind, all map[string]string) {
	if r.whole == nil {
		r.whole = map[store.Kind]map[string]string{}
	}
	r.whole[kind] = all
}

const (
	recordQuery  = " FROM records WHERE kind = $1 AND name = $2"
	recordsQuery = " FROM records WHERE kind = $1"
)

// Record implements store.Tx. One that is damaged is none: it grants nothing.
func (t *tx) Record(kind store.Kind, name string) (string, error) {
	n := recordName{kind, name}
	if value, known := t.records.value(n); known && t.mayRead() == nil {
		return value, nil
	}
	all, err := t.readRecords(recordQuery, string(kind), name)
	if err == nil {
		t.records.set(n, all[name])
	}
	return all[name], err
}

// Records implements store.Tx. Those that are damaged are left out.
func (t *tx) Records(kind store.Kind) (map[string]string, error) {
	if all, known := t.records.whole[kind]; known && t.mayRead() == nil {
		return maps.Clone(all), nil
	}
	all, err := t.readRecords(recordsQuery, string(kind))
	if err == nil {
		t.records.setAll(kind, maps.Clone(all))
	}
	return all, err
}

func (t *tx) readRecords(which string, args ...any) (map[string]string, error) {
	query := "SELECT " + recordTable.read + which
	t.records.asked = append(t.records.asked, read{statement{query, args}, recordTable.name})
	values := make(map[string]string)
	err := t.query("read records", func(scan func(...any) error) error {
		var kind, name, value string
		var sum int64
		if err := scan(&kind, &name, &value, &sum); err != nil {
			return err
		}
		if sum != recordTable.sum(kind, name, value) {
			t.notice(fmt.Sprintf("the record %q %q", kind, name))
			return nil
		}
		values[name] = value
		return nil
	}, query, args...)
	return values, err
}

// SetRecord implements store.Tx.
func (t *tx) SetRecord(kind store.Kind, name, value string) error {
	var err error
	if value == "" {
		err = t.change("forget record", "DELETE FROM records WHERE kind = $1 AND name = $2", string(kind), name)
	} else {
		err = t.change("keep record", recordTable.insert+`
			ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value, sum = excluded.sum`,
			recordTable.with(string(kind), name, value)...)
	}
	if err == nil {
		t.records.set(recordName{kind, name}, value)
	}
	return err
}
