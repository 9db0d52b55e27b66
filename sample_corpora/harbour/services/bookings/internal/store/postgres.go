// Package store keeps berths and bookings in Postgres.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"moorline.example/harbour/bookings/internal/booking"
	"moorline.example/harbour/bookings/internal/httpapi"
)

// exclusionViolation is what Postgres says when berth_no_overlap is violated.
const exclusionViolation = "23P01"

// Postgres implements booking.Store.
type Postgres struct {
	pool *pgxpool.Pool
}

// Open connects to the database.
func Open(ctx context.Context, url string) (*Postgres, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Postgres{pool}, pool.Ping(ctx)
}

// Pool is for the outbox and the idempotency keys, which live in the same
// database.
func (s *Postgres) Pool() *pgxpool.Pool { return s.pool }

// Berth loads one berth.
func (s *Postgres) Berth(ctx context.Context, id string) (booking.Berth, error) {
	var b booking.Berth
	err := s.pool.QueryRow(ctx, `
		SELECT id, port, operator_org, length_cm, depth_cm, shore_power, closed_from, closed_to
		  FROM berths WHERE id = $1`, id,
	).Scan(&b.ID, &b.Port, &b.OperatorOrg, &b.LengthCm, &b.DepthCm, &b.ShorePower, &b.ClosedFrom, &b.ClosedTo)
	return b, notFound(err)
}

// Booking loads one booking.
func (s *Postgres) Booking(ctx context.Context, id string) (booking.Booking, error) {
	var b booking.Booking
	var hold *time.Time
	err := s.pool.QueryRow(ctx, `
		SELECT id, berth_id, carrier_org, vessel_imo, vessel_name, loa_cm, draught_cm,
		       starts_at, ends_at, state, hold_until, version, created_by
		  FROM bookings WHERE id = $1`, id,
	).Scan(&b.ID, &b.BerthID, &b.CarrierOrg, &b.Vessel.IMO, &b.Vessel.Name, &b.Vessel.LOACm,
		&b.Vessel.DraughtCm, &b.Window.Start, &b.Window.End, &b.State, &hold, &b.Version, &b.CreatedBy)
	if hold != nil {
		b.HoldUntil = *hold
	}
	return b, notFound(err)
}

// Ports lists the harbours by name.
func (s *Postgres) Ports(ctx context.Context) ([]booking.Port, error) {
	rows, err := s.pool.Query(ctx, `SELECT code, name, time_zone FROM ports ORDER BY name`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[booking.Port])
}

// CloseBerth takes a berth out of use for a while.
func (s *Postgres) CloseBerth(ctx context.Context, id string, w booking.Window) error {
	_, err := s.pool.Exec(ctx, `UPDATE berths SET closed_from = $2, closed_to = $3 WHERE id = $1`,
		id, w.Start, w.End)
	return err
}

// Occupied returns the booked windows of a berth that touch the given one.
func (s *Postgres) Occupied(ctx context.Context, berthID string, around booking.Window) ([]booking.Window, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT starts_at, ends_at FROM bookings
		 WHERE berth_id = $1 AND state IN ('held', 'confirmed', 'arrived')
		   AND occupied && tstzrange($2, $3, '[)')
		 ORDER BY starts_at`, berthID, around.Start, around.End)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []booking.Window
	for rows.Next() {
		var w booking.Window
		if err := rows.Scan(&w.Start, &w.End); err != nil {
			return nil, err
		}
		found = append(found, w)
	}
	return found, rows.Err()
}

// Insert adds a booking and its event, or neither.
func (s *Postgres) Insert(ctx context.Context, b booking.Booking, e booking.Event) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO bookings (id, berth_id, carrier_org, vessel_imo, vessel_name, loa_cm,
			                      draught_cm, starts_at, ends_at, state, hold_until, version, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			b.ID, b.BerthID, b.CarrierOrg, b.Vessel.IMO, b.Vessel.Name, b.Vessel.LOACm,
			b.Vessel.DraughtCm, b.Window.Start, b.Window.End, b.State, b.HoldUntil, b.Version, b.CreatedBy)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == exclusionViolation {
			return booking.ErrOverlap
		}
		if err != nil {
			return err
		}
		return addToOutbox(ctx, tx, b, e)
	})
}

// Update changes the state of a booking that nobody else changed in between.
func (s *Postgres) Update(ctx context.Context, b booking.Booking, e booking.Event) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE bookings SET state = $3, version = version + 1
			 WHERE id = $1 AND version = $2`, b.ID, b.Version, b.State)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return booking.ErrVersion
		}
		return addToOutbox(ctx, tx, b, e)
	})
}

// ExpireHolds expires up to a hundred holds that ran out. SKIP LOCKED lets every
// replica sweep without waiting for the others.
func (s *Postgres) ExpireHolds(ctx context.Context, now time.Time) (int, error) {
	tag, err := s.pool.Exec(ctx, `
		WITH due AS (
			SELECT id FROM bookings
			 WHERE state = 'held' AND hold_until <= $1
			 ORDER BY hold_until LIMIT 100
			   FOR UPDATE SKIP LOCKED
		), gone AS (
			UPDATE bookings b SET state = 'expired', version = version + 1
			  FROM due WHERE b.id = due.id
			RETURNING b.id, b.berth_id, b.carrier_org
		)
		INSERT INTO outbox (event_id, subject, payload)
		SELECT gen_random_uuid(), 'berths.booking.expired',
		       jsonb_build_object('booking_id', id, 'berth_id', berth_id,
		                          'carrier_org', carrier_org, 'actor', 'system')
		  FROM gone`, now)
	return int(tag.RowsAffected()), err
}

func addToOutbox(ctx context.Context, tx pgx.Tx, b booking.Booking, e booking.Event) error {
	payload, err := json.Marshal(struct {
		booking.Event
		Booking booking.Booking `json:"booking"`
	}{e, b})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (event_id, subject, payload) VALUES ($1, $2, $3)`,
		e.ID, "berths.booking."+e.Kind, payload)
	return err
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return booking.ErrNotFound
	}
	return err
}

// Idempotency implements httpapi.Idempotency.
type Idempotency struct{ *Postgres }

// Load finds an answer that was given before.
func (s Idempotency) Load(ctx context.Context, org, key string) (httpapi.Saved, bool, error) {
	var saved httpapi.Saved
	var hash []byte
	err := s.pool.QueryRow(ctx, `
		SELECT request_hash, status, body FROM idempotency_keys
		 WHERE org_id = $1 AND key = $2 AND created_at > now() - interval '48 hours'`,
		org, key).Scan(&hash, &saved.Status, &saved.Body)
	if errors.Is(err, pgx.ErrNoRows) {
		return httpapi.Saved{}, false, nil
	}
	copy(saved.RequestHash[:], hash)
	return saved, err == nil, err
}

// Save remembers an answer. The first one wins.
func (s Idempotency) Save(ctx context.Context, org, key string, saved httpapi.Saved) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO idempotency_keys (org_id, key, request_hash, status, body)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		org, key, saved.RequestHash[:], saved.Status, saved.Body)
	return err
}
