//go:build !linux && !darwin

package cache

import "errors"

func exchange(string, string) error { return errors.ErrUnsupported }
