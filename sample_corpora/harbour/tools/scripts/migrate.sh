#!/usr/bin/env bash
# Applies the files of db/migrations that have not been applied yet, in order.
set -euo pipefail
: "${DATABASE_URL:?}"
cd "$(dirname "$0")/../../db/migrations"

psql -q "$DATABASE_URL" -c "
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"

for file in [0-9]*.sql; do
  done=$(psql -At "$DATABASE_URL" -v name="$file" \
    <<<"SELECT 1 FROM schema_migrations WHERE name = :'name'")
  if [[ -n $done ]]; then continue; fi
  echo "applying $file"
  psql -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -f "$file"
  psql -q "$DATABASE_URL" -v name="$file" \
    <<<"INSERT INTO schema_migrations (name) VALUES (:'name')"
done
