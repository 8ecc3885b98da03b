package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"goalbot/store"
)

// This file reads and keeps records that hold JSON, and makes the transactions
// in which nothing can be refused.

// readRecord reads a record into v, which stays as it is where there is none.
func readRecord(tx store.Tx, kind store.Kind, name string, v any) error {
	kept, err := tx.Record(kind, name)
	if err == nil && kept != "" {
		err = json.Unmarshal([]byte(kept), v)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", kind, err)
	}
	return nil
}

func keepRecord(tx store.Tx, kind store.Kind, name string, v any) error {
	kept, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.SetRecord(kind, name, string(kept))
}

// update runs f for a request in one transaction. It is no error that goals.json
// could not follow: nothing that f does changes a goal.
func (h *Handlers) update(ctx context.Context, truth store.Store, req Request, f func(*call) error) error {
	return unlessBehind(truth.Update(ctx, req.origin(), func(tx store.Tx) error {
		c, err := h.call(tx, req)
		if err != nil {
			return err
		}
		return f(c)
	}))
}

// unlessBehind is nil where everything is saved.
func unlessBehind(err error) error {
	if errors.Is(err, store.ErrFileBehind) {
		return nil
	}
	return err
}
