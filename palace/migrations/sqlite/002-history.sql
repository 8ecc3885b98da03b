-- The history of all goals is read in the order in which it happened.
CREATE INDEX events_in_order ON events (revision, seq);
