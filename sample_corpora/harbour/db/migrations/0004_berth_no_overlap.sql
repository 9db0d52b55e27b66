-- ADR 0001: the database, not the application, says no to a double booking.
--
-- The occupied range is wider than the booked one by the mooring buffer, 45
-- minutes on each side, so that tugs and line handlers get their turn. Padded
-- ranges are compared with padded ranges, so two calls on the same berth are
-- at least 90 minutes apart.
BEGIN;

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- timestamptz arithmetic is only STABLE, because an interval may contain days
-- and days depend on the time zone. Minutes do not, so the promise is honest.
CREATE FUNCTION berth_occupied(starts timestamptz, ends timestamptz)
    RETURNS tstzrange
    LANGUAGE sql IMMUTABLE
    RETURN tstzrange(starts - interval '45 minutes',
                     ends + interval '45 minutes', '[)');

ALTER TABLE bookings
    ADD COLUMN occupied tstzrange
        GENERATED ALWAYS AS (berth_occupied(starts_at, ends_at)) STORED;

ALTER TABLE bookings
    ADD CONSTRAINT berth_no_overlap
    EXCLUDE USING gist (berth_id WITH =, occupied WITH &&)
    WHERE (state IN ('held', 'confirmed', 'arrived'));

COMMIT;
