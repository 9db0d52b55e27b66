-- Berth ownership. Until now a planner could move bookings on every quay of the
-- port; with two competing terminal operators in SEGOT that had to stop.
BEGIN;

ALTER TABLE berths ADD COLUMN operator_org text REFERENCES organisations (id);

UPDATE berths b
   SET operator_org = p.authority
  FROM ports p
 WHERE p.code = b.port AND b.operator_org IS NULL;

ALTER TABLE berths ALTER COLUMN operator_org SET NOT NULL;

CREATE INDEX berths_by_operator ON berths (operator_org);

COMMIT;
