-- Ports.
CREATE TABLE ports (
  id uuid PRIMARY KEY,
  name text NOT NULL DEFAULT 'x',
  CONSTRAINT u UNIQUE (name)
);
CREATE UNIQUE INDEX ports_name ON ports (lower(name));
CREATE OR REPLACE FUNCTION berth_free(b uuid, during tstzrange) RETURNS boolean AS $$
BEGIN
  CREATE TEMP TABLE x (y int);
  RETURN NOT EXISTS (SELECT 1 FROM bookings WHERE berth = b);
END;
$$ LANGUAGE plpgsql;
CREATE VIEW free_berths AS SELECT * FROM berths;
ALTER TABLE ports ADD COLUMN z int;
CREATE TRIGGER t BEFORE INSERT ON ports FOR EACH ROW EXECUTE FUNCTION f();
CREATE TYPE tide AS ENUM ('high','low');
CREATE SCHEMA IF NOT EXISTS harbour;
INSERT INTO ports VALUES (1);
