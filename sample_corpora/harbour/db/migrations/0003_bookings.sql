BEGIN;

CREATE TABLE bookings (
    id           uuid PRIMARY KEY,
    berth_id     text NOT NULL REFERENCES berths (id),
    carrier_org  text NOT NULL REFERENCES organisations (id),
    vessel_imo   char(7) NOT NULL,
    vessel_name  text NOT NULL,
    loa_cm       integer NOT NULL,
    draught_cm   integer NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN
                   ('held', 'confirmed', 'arrived', 'departed',
                    'cancelled', 'expired', 'displaced')),
    hold_until   timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (ends_at > starts_at),
    CHECK (state <> 'held' OR hold_until IS NOT NULL)
);

CREATE INDEX bookings_by_berth_start ON bookings (berth_id, starts_at);
CREATE INDEX bookings_expiring ON bookings (hold_until) WHERE state = 'held';

COMMIT;
