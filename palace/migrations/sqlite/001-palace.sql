-- Times are nanoseconds since 1970, 0 for none. Goals are the JSON of goals.json.

-- One row. revision grows by one with every transaction that changes anything:
-- whoever remembers an older one knows that someone else has written.
CREATE TABLE meta (
    only_one     INTEGER PRIMARY KEY CHECK (only_one = 1),
    store        TEXT    NOT NULL, -- as in palace.id
    revision     BIGINT  NOT NULL,
    last_number  BIGINT  NOT NULL, -- the highest number ever given to a goal
    last_message BIGINT  NOT NULL, -- the highest id ever given to a message
    goal_rows    BIGINT  NOT NULL  -- how many rows goals must have
);

-- The row of a deleted goal stays, so that neither its number nor its id is given again.
CREATE TABLE goals (
    number  INTEGER PRIMARY KEY CHECK (number > 0),
    id      TEXT    NOT NULL UNIQUE,
    body    TEXT    NOT NULL,
    deleted BIGINT  NOT NULL, -- when, or 0
    sum     BIGINT  NOT NULL  -- over all the columns before it
);

-- What one update did to one goal. before is NULL for a new goal, after for a deleted one.
CREATE TABLE events (
    key        TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    revision   BIGINT  NOT NULL,
    name       TEXT    NOT NULL,
    member     BIGINT  NOT NULL, -- 0 is the program
    at         BIGINT  NOT NULL,
    number     BIGINT  NOT NULL,
    before     TEXT,
    after      TEXT,
    taken_back INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key, seq)
);
CREATE INDEX events_of_member ON events (member, revision);
CREATE INDEX events_of_goal ON events (number, revision);

-- The keys of the updates that need not come again.
CREATE TABLE applied (
    key      TEXT   PRIMARY KEY,
    revision BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX applied_in_order ON applied (revision);

CREATE TABLE outbox (
    id   INTEGER PRIMARY KEY,
    chat BIGINT  NOT NULL,
    body BLOB    NOT NULL,
    at   BIGINT  NOT NULL
);
CREATE INDEX outbox_of_chat ON outbox (chat, id);

-- Messages that Telegram will never take.
CREATE TABLE parked (
    id     INTEGER PRIMARY KEY,
    chat   BIGINT  NOT NULL,
    body   BLOB    NOT NULL,
    reason TEXT    NOT NULL,
    at     BIGINT  NOT NULL
);

CREATE TABLE records (
    kind  TEXT NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
