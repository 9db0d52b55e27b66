-- Ports and berths. Lengths and depths are whole centimetres everywhere.
BEGIN;

CREATE TABLE organisations (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('carrier', 'operator', 'authority')),
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ports (
    code        char(5) PRIMARY KEY CHECK (code ~ '^[A-Z]{5}$'),
    name        text NOT NULL,
    time_zone   text NOT NULL,
    authority   text NOT NULL REFERENCES organisations (id)
);

CREATE TABLE berths (
    id          text PRIMARY KEY,
    port        char(5) NOT NULL REFERENCES ports (code),
    length_cm   integer NOT NULL CHECK (length_cm > 0),
    depth_cm    integer NOT NULL CHECK (depth_cm > 0),
    shore_power boolean NOT NULL DEFAULT false,
    closed_from timestamptz,
    closed_to   timestamptz,
    CHECK (closed_from IS NULL OR closed_to > closed_from)
);

CREATE INDEX berths_by_port ON berths (port);

COMMIT;
