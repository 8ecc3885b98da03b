package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"goalbot/store"
)

// This file reads what members have set for themselves. It holds for them in their private
// chats, above what owners have set for all, which holds above the environment.

// Own is what a member has set for themselves, by the names of the settings.
type Own map[string]string

// ReadOwn reads what a member has set for themselves.
func (s *Settings) ReadOwn(tx store.Tx, user int64) (Own, error) {
	name := strconv.FormatInt(user, 10)
	kept, err := tx.Record(store.PersonalRecord, name)
	if err != nil || kept == "" {
		return nil, err
	}
	return s.readOwn(name, kept), nil
}

// readOwn reads what a member has set. What cannot be read is passed over, as if nothing
// was: it must not keep the settings of all from being read.
func (s *Settings) readOwn(member, kept string) (own Own) {
	if err := json.Unmarshal([]byte(kept), &own); err != nil {
		s.log.Warn("what a member has set cannot be read and is passed over", "member", member, "err", err)
		return nil
	}
	return own
}

// Keep keeps what a member has set for themselves.
func (o Own) Keep(tx store.Tx, user int64) error {
	value := ""
	if len(o) > 0 {
		kept, err := json.Marshal(o)
		if err != nil {
			return err
		}
		value = string(kept)
	}
	return tx.SetRecord(store.PersonalRecord, strconv.FormatInt(user, 10), value)
}

// readPersonal reads what all members have set for themselves.
func (s *Settings) readPersonal(tx store.Tx) (map[int64]Own, error) {
	records, err := tx.Records(store.PersonalRecord)
	if err != nil {
		return nil, err
	}
	all := map[int64]Own{}
	for name, kept := range records {
		if user, err := strconv.ParseInt(name, 10, 64); err == nil {
			all[user] = s.readOwn(name, kept)
		}
	}
	return all, nil
}

// over are settings with those of a member above them. Only those that are personal count.
func (o Own) over(own map[string]string) map[string]string {
	all := maps.Clone(own)
	if all == nil {
		all = map[string]string{}
	}
	for _, row := range Rows {
		if value := o[row.Name]; value != "" && row.Mine != "" {
			all[row.Name] = value
		}
	}
	return all
}

// Over is what holds for a member where owners have set these. A digest that owners have
// set is not the member's.
func (s *Settings) Over(own map[string]string, o Own) Values { return s.With(o.over(own)) }

// ReadFor returns the settings in force for somebody in their private chat, as a
// transaction sees them.
func (s *Settings) ReadFor(tx store.Tx, user int64) (Values, error) {
	o, err := s.ReadOwn(tx, user)
	if err != nil {
		return Values{}, err
	}
	if len(o) == 0 {
		return s.Read(tx)
	}
	own, err := tx.Records(store.SettingRecord)
	if err != nil {
		return Values{}, fmt.Errorf("read settings: %w", err)
	}
	return s.Over(own, o), nil
}

// For returns the settings in force in a chat: those of its member in a private chat.
func (s *Settings) For(chat int64) Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.personal[chat]; len(o) > 0 {
		return s.Over(s.own, o)
	}
	return s.values
}

// WithDigest are the members who have set a digest of their own, or none, with what holds
// for them.
func (s *Settings) WithDigest(tx store.Tx) (map[int64]Values, error) {
	own, err := tx.Records(store.SettingRecord)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	personal, err := s.readPersonal(tx)
	all := map[int64]Values{}
	for user, o := range personal {
		if o["digest"] != "" {
			all[user] = s.Over(own, o)
		}
	}
	return all, err
}
