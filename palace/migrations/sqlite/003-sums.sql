-- Every row has a checksum over its table's name and all its other columns.
-- What may be large stands last, so that the rest is read without it.

ALTER TABLE meta    RENAME TO meta_2;
ALTER TABLE goals   RENAME TO goals_2;
ALTER TABLE events  RENAME TO events_2;
ALTER TABLE applied RENAME TO applied_2;
ALTER TABLE outbox  RENAME TO outbox_2;
ALTER TABLE parked  RENAME TO parked_2;
ALTER TABLE records RENAME TO records_2;
DROP INDEX events_of_goal;
DROP INDEX applied_in_order;
DROP INDEX outbox_of_chat;

CREATE TABLE meta (
    only_one     INTEGER PRIMARY KEY CHECK (only_one = 1),
    store        TEXT    NOT NULL, -- as in palace.id
    revision     BIGINT  NOT NULL, -- grows by one with every transaction that changes anything
    last_number  BIGINT  NOT NULL, -- the highest number ever given to a goal
    last_message BIGINT  NOT NULL, -- the highest id ever given to a message
    goal_rows    BIGINT  NOT NULL, -- how many rows goals must have
    event_rows   BIGINT  NOT NULL, -- how many rows events must have
    event_bytes  BIGINT  NOT NULL, -- how many bytes edit and goal take in all of them
    sum          BIGINT  NOT NULL
);

-- The row of a deleted goal stays, so that neither its number nor its id is
-- given again. Its body stays as long as the history knows of it; then it is ''.
CREATE TABLE goals (
    number  INTEGER PRIMARY KEY CHECK (number > 0),
    id      TEXT    NOT NULL UNIQUE,
    deleted BIGINT  NOT NULL, -- when, or 0
    sum     BIGINT  NOT NULL,
    body    TEXT    NOT NULL
);

-- The history: a change is what one update did, and has an event for each goal
-- that it touched. Old ones are forgotten.
CREATE TABLE changes (
    revision   INTEGER PRIMARY KEY,
    key        TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    member     BIGINT  NOT NULL, -- 0 is the program
    at         BIGINT  NOT NULL,
    goals      BIGINT  NOT NULL, -- how many events it had; some may be forgotten before the others
    taken_back BIGINT  NOT NULL, -- 0 or 1
    sum        BIGINT  NOT NULL
);
CREATE INDEX changes_of_member ON changes (member, revision);
CREATE INDEX changes_of_name ON changes (name, revision);

CREATE TABLE events (
    revision BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    sum      BIGINT NOT NULL,
    edit     BLOB   NOT NULL, -- what differs, in JSON
    goal     TEXT,            -- the goal as it was added, or put back by a repair; NULL where the rest of the history says that
    PRIMARY KEY (revision, seq)
);
CREATE INDEX events_of_goal ON events (number, revision, seq);

-- The keys of the updates that need not come again.
CREATE TABLE applied (
    key      TEXT   PRIMARY KEY,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    sum      BIGINT NOT NULL
);
CREATE INDEX applied_in_order ON applied (revision);

CREATE TABLE outbox (
    id   INTEGER PRIMARY KEY,
    chat BIGINT  NOT NULL,
    at   BIGINT  NOT NULL,
    sum  BIGINT  NOT NULL,
    body BLOB    NOT NULL
);
CREATE INDEX outbox_of_chat ON outbox (chat, id);

-- Messages that Telegram will never take.
CREATE TABLE parked (
    id     INTEGER PRIMARY KEY,
    chat   BIGINT  NOT NULL,
    at     BIGINT  NOT NULL,
    reason TEXT    NOT NULL,
    sum    BIGINT  NOT NULL,
    body   BLOB    NOT NULL
);

CREATE TABLE records (
    kind  TEXT   NOT NULL,
    name  TEXT   NOT NULL,
    sum   BIGINT NOT NULL,
    value TEXT   NOT NULL,
    PRIMARY KEY (kind, name)
);
