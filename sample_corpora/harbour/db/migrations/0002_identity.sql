-- Users, sessions and refresh tokens. Owned by services/identity; no other
-- service may read these tables.
BEGIN;

CREATE SCHEMA identity;

CREATE TABLE identity.users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    org_id        text NOT NULL REFERENCES organisations (id),
    roles         text[] NOT NULL DEFAULT '{viewer}',
    ports         char(5)[] NOT NULL DEFAULT '{}',
    -- Tokens minted before this instant are dead, whatever they say.
    token_epoch   timestamptz NOT NULL DEFAULT 'epoch',
    locked_until  timestamptz,
    failed_logins integer NOT NULL DEFAULT 0
);

CREATE TABLE identity.sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES identity.users (id) ON DELETE CASCADE,
    device_label text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    revoke_cause text
);

CREATE TABLE identity.refresh_tokens (
    digest      bytea PRIMARY KEY,           -- sha-256 of the token
    session_id  uuid NOT NULL REFERENCES identity.sessions (id) ON DELETE CASCADE,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    rotated_at  timestamptz                  -- set once, when it was used
);

CREATE INDEX refresh_tokens_by_session ON identity.refresh_tokens (session_id);

COMMIT;
