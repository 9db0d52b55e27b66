BEGIN;

CREATE SCHEMA billing;

CREATE TABLE billing.tariffs (
    port             char(5) NOT NULL REFERENCES ports (code),
    valid_from       date NOT NULL,
    currency         char(3) NOT NULL,
    per_metre_minor  bigint NOT NULL CHECK (per_metre_minor >= 0),
    minimum_minor    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (port, valid_from)
);

CREATE TABLE billing.invoices (
    number       text PRIMARY KEY,
    booking_id   uuid NOT NULL UNIQUE,
    org_id       text NOT NULL REFERENCES organisations (id),
    currency     char(3) NOT NULL,
    total_minor  bigint NOT NULL,
    late_fee_minor bigint NOT NULL DEFAULT 0,
    issued_on    date NOT NULL,
    due_on       date NOT NULL,
    paid_on      date
);

CREATE TABLE billing.invoice_lines (
    invoice      text NOT NULL REFERENCES billing.invoices (number),
    position     integer NOT NULL,
    description  text NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (invoice, position)
);

-- When the last line was made fast; the call is priced at departure.
CREATE TABLE billing.arrivals (
    booking_id uuid PRIMARY KEY,
    all_fast   timestamptz NOT NULL
);

-- De-duplication of at-least-once delivery.
CREATE TABLE billing.seen_events (
    event_id uuid PRIMARY KEY,
    seen_at  timestamptz NOT NULL DEFAULT now()
);

COMMIT;
