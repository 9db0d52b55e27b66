-- ADR 0003: events are written in the same transaction as the change they
-- describe and shipped afterwards.
BEGIN;

CREATE TABLE outbox (
    seq          bigserial PRIMARY KEY,
    event_id     uuid NOT NULL UNIQUE,
    subject      text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    shipped_at   timestamptz,
    attempts     integer NOT NULL DEFAULT 0,
    last_error   text
);

CREATE INDEX outbox_pending ON outbox (seq) WHERE shipped_at IS NULL;

CREATE TABLE idempotency_keys (
    org_id       text NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 8 AND 128),
    request_hash bytea NOT NULL,
    status       integer NOT NULL,
    body         bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, key)
);

-- tools/scripts/nightly.sh deletes rows older than 48 hours.
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

COMMIT;
