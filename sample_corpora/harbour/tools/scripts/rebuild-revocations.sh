#!/usr/bin/env bash
# Fills an empty Redis with the revocations that still matter, from Postgres.
# Needed after Redis lost its memory; see docs/runbook.md.
#
# Only sessions revoked in the last 20 minutes matter: every access token that is
# older than that has expired anyway.
set -euo pipefail
: "${DATABASE_URL:?}" "${REDIS_URL:?}"

ttl=$((15 * 60 + 30 + 1))

psql "$DATABASE_URL" -AtF ' ' -c "
  SELECT id, coalesce(nullif(replace(revoke_cause, ' ', '_'), ''), 'rebuilt')
    FROM identity.sessions
   WHERE revoked_at > now() - interval '20 minutes'" |
while read -r session cause; do
  echo "SET revoked:sid:$session $cause EX $ttl"
done | redis-cli -u "$REDIS_URL" --pipe
