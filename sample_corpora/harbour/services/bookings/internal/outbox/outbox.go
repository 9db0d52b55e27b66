// Package outbox ships events from the outbox table to NATS JetStream.
package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
)

const (
	batch = 200
	// giveUpAfter is when a row is left for a person to look at. It stays in the
	// table and is counted by the alert "outbox_parked".
	giveUpAfter = 12
	// lockKey makes one replica the shipper, which keeps events in order.
	lockKey = 0x6f7574
)

// Publisher is the part of a JetStream context that is used here.
type Publisher interface {
	PublishMsg(m *nats.Msg, opts ...nats.PubOpt) (*nats.PubAck, error)
}

// Shipper moves rows from the table to the stream.
type Shipper struct {
	Pool      *pgxpool.Pool
	Publisher Publisher
	Interval  time.Duration
}

type row struct {
	seq     int64
	eventID string
	subject string
	payload []byte
}

// Run ships until the context ends.
func (s *Shipper) Run(ctx context.Context) {
	ticker := time.NewTicker(s.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			for {
				n, err := s.once(ctx)
				if err != nil {
					slog.Error("outbox", "cause", err)
				}
				if err != nil || n < batch {
					break
				}
			}
		}
	}
}

// once ships one batch. The advisory lock is held for the transaction, so a
// replica that dies loses it at once.
func (s *Shipper) once(ctx context.Context) (int, error) {
	shipped := 0
	err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, lockKey).Scan(&mine); err != nil || !mine {
			return err
		}
		rows, err := pending(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			msg := nats.NewMsg(r.subject)
			msg.Data = r.payload
			// JetStream drops a second message with the same id, so shipping
			// twice after a crash is harmless.
			msg.Header.Set(nats.MsgIdHdr, r.eventID)
			if _, err := s.Publisher.PublishMsg(msg); err != nil {
				_, noteErr := tx.Exec(ctx, `
					UPDATE outbox SET attempts = attempts + 1, last_error = $2 WHERE seq = $1`,
					r.seq, err.Error())
				slog.Warn("outbox_publish_failed", "seq", r.seq, "cause", err)
				return noteErr // stop here: later events must not overtake
			}
			if _, err := tx.Exec(ctx, `UPDATE outbox SET shipped_at = now() WHERE seq = $1`, r.seq); err != nil {
				return err
			}
			shipped++
		}
		return nil
	})
	return shipped, err
}

func pending(ctx context.Context, tx pgx.Tx) ([]row, error) {
	found, err := tx.Query(ctx, `
		SELECT seq, event_id, subject, payload FROM outbox
		 WHERE shipped_at IS NULL AND attempts < $1
		 ORDER BY seq LIMIT $2`, giveUpAfter, batch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (row, error) {
		var x row
		err := r.Scan(&x.seq, &x.eventID, &x.subject, &x.payload)
		return x, err
	})
}
