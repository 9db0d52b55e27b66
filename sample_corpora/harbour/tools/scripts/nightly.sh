#!/usr/bin/env bash
# Housekeeping at 02:30 UTC. Everything here may be run twice.
set -euo pipefail
: "${DATABASE_URL:?}"

run() { psql -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1"; }

# Idempotency keys are promised for 48 hours.
run "DELETE FROM idempotency_keys WHERE created_at < now() - interval '48 hours'"

# Shipped events are kept for a week, for questions.
run "DELETE FROM outbox WHERE shipped_at < now() - interval '7 days'"

# Refresh tokens that can never be used again.
run "DELETE FROM identity.refresh_tokens WHERE expires_at < now() - interval '1 day'"

# Billing's memory of events; the stream itself keeps 30 days.
run "DELETE FROM billing.seen_events WHERE seen_at < now() - interval '45 days'"
