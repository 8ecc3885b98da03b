-- The tables are those of the SQLite scripts up to the one with this number, with
-- the same columns and the same checksums: see there. Texts are compared byte by
-- byte, so that no index depends on how a C library sorts.

CREATE TABLE palace_version (
    only_one BIGINT PRIMARY KEY CHECK (only_one = 1),
    version  BIGINT NOT NULL -- the number of the last script that was run
);

-- Who may write: the leader. A leader that was replaced finds another epoch here. The
-- row outlives a restore, so that an epoch is never given twice.
CREATE TABLE IF NOT EXISTS lease (
    only_one BIGINT      PRIMARY KEY CHECK (only_one = 1),
    epoch    BIGINT      NOT NULL, -- grows with every leader
    holder   TEXT        NOT NULL,
    since    TIMESTAMPTZ NOT NULL,
    until    TIMESTAMPTZ NOT NULL  -- by the server's clock; others may lead then
);
INSERT INTO lease VALUES (1, 0, '', '-infinity', '-infinity') ON CONFLICT DO NOTHING;

-- Who waits to lead. The times are the server's.
CREATE TABLE IF NOT EXISTS standbys (
    holder  TEXT        COLLATE "C" PRIMARY KEY,
    seen    TIMESTAMPTZ NOT NULL,
    copied  TIMESTAMPTZ NOT NULL, -- when its goals.json was last what the list was; -infinity for never
    trouble TEXT        NOT NULL  -- what is wrong with that file, as an alert calls it; empty for nothing
);

-- Whoever writes locks this one row first.
CREATE TABLE meta (
    only_one     BIGINT PRIMARY KEY CHECK (only_one = 1),
    store        TEXT   NOT NULL,
    revision     BIGINT NOT NULL,
    last_number  BIGINT NOT NULL,
    last_message BIGINT NOT NULL,
    goal_rows    BIGINT NOT NULL,
    event_rows   BIGINT NOT NULL,
    event_bytes  BIGINT NOT NULL,
    sum          BIGINT NOT NULL
);

CREATE TABLE goals (
    number  BIGINT PRIMARY KEY CHECK (number > 0),
    id      TEXT   COLLATE "C" NOT NULL UNIQUE,
    deleted BIGINT NOT NULL,
    sum     BIGINT NOT NULL,
    body    TEXT   NOT NULL
);

CREATE TABLE changes (
    revision   BIGINT PRIMARY KEY,
    key        TEXT   COLLATE "C" NOT NULL UNIQUE,
    name       TEXT   COLLATE "C" NOT NULL,
    member     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    goals      BIGINT NOT NULL,
    taken_back BIGINT NOT NULL,
    sum        BIGINT NOT NULL
);
CREATE INDEX changes_of_member ON changes (member, revision);
CREATE INDEX changes_of_name ON changes (name, revision);

CREATE TABLE events (
    revision BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    sum      BIGINT NOT NULL,
    edit     BYTEA  NOT NULL,
    goal     TEXT,
    PRIMARY KEY (revision, seq)
);
CREATE INDEX events_of_goal ON events (number, revision, seq);

CREATE TABLE applied (
    key      TEXT   COLLATE "C" PRIMARY KEY,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    sum      BIGINT NOT NULL
);
CREATE INDEX applied_in_order ON applied (revision);

CREATE TABLE outbox (
    id   BIGINT PRIMARY KEY,
    chat BIGINT NOT NULL,
    at   BIGINT NOT NULL,
    sum  BIGINT NOT NULL,
    body BYTEA  NOT NULL
);
CREATE INDEX outbox_of_chat ON outbox (chat, id);

CREATE TABLE parked (
    id     BIGINT PRIMARY KEY,
    chat   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    reason TEXT   NOT NULL,
    sum    BIGINT NOT NULL,
    body   BYTEA  NOT NULL
);

CREATE TABLE records (
    kind  TEXT   COLLATE "C" NOT NULL,
    name  TEXT   COLLATE "C" NOT NULL,
    sum   BIGINT NOT NULL,
    value TEXT   NOT NULL,
    PRIMARY KEY (kind, name)
);
