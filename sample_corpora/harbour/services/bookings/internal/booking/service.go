package booking

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"moorline.example/harbour/bookings/internal/policy"
	"moorline.example/harbour/bookings/internal/principal"
)

// ErrOverlap is what a Store returns when the berth is occupied. The service
// turns it into ErrBerthTaken.
var ErrOverlap = errors.New("store: overlapping booking")

// Store keeps berths and bookings. Every method that changes something writes
// the event to the outbox in the same transaction.
type Store interface {
	Ports(ctx context.Context) ([]Port, error)
	Berth(ctx context.Context, id string) (Berth, error)
	Booking(ctx context.Context, id string) (Booking, error)
	Occupied(ctx context.Context, berthID string, around Window) ([]Window, error)
	Insert(ctx context.Context, b Booking, e Event) error
	Update(ctx context.Context, b Booking, e Event) error
	// ExpireHolds expires every hold that ran out before now.
	ExpireHolds(ctx context.Context, now time.Time) (int, error)
	CloseBerth(ctx context.Context, id string, w Window) error
}

// Event is what consumers are told about a change.
type Event struct {
	ID         string         `json:"event_id"`
	Kind       string         `json:"kind"`
	OccurredAt time.Time      `json:"occurred_at"`
	Actor      string         `json:"actor"`
	Detail     map[string]any `json:"detail,omitempty"`
}

// Service is what the handlers call.
type Service struct {
	store  Store
	policy policy.Policy
	now    func() time.Time
}

// NewService returns a service; now may be nil.
func NewService(store Store, p policy.Policy, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{store: store, policy: p, now: now}
}

func resource(b Berth, bk *Booking) policy.Resource {
	r := policy.Resource{Port: b.Port, OperatorOrg: b.OperatorOrg}
	if bk != nil {
		r.CarrierOrg = bk.CarrierOrg
		r.WindowStart = bk.Window.Start
	}
	return r
}

// Hold reserves a berth for half an hour, in which the agent has to confirm.
func (s *Service) Hold(ctx context.Context, p principal.Principal, berthID string, v Vessel, w Window) (Booking, error) {
	now := s.now()
	berth, err := s.store.Berth(ctx, berthID)
	if err != nil {
		return Booking{}, err
	}
	bk := Booking{
		ID:         newID(),
		BerthID:    berthID,
		CarrierOrg: p.Org,
		Vessel:     v,
		Window:     w,
		State:      Held,
		HoldUntil:  now.Add(HoldFor),
		Version:    1,
		CreatedBy:  p.Subject,
	}
	if err := s.policy.Authorize(p, policy.BookingCreate, resource(berth, &bk), now); err != nil {
		return Booking{}, err
	}
	if err := CheckWindow(w, now); err != nil {
		return Booking{}, err
	}
	if err := CheckFit(berth, v); err != nil {
		return Booking{}, err
	}
	if berth.ClosedDuring(w.Padded()) {
		return Booking{}, ErrBerthClosed
	}

	err = s.store.Insert(ctx, bk, s.event("held", p, map[string]any{"hold_until": bk.HoldUntil}))
	if errors.Is(err, ErrOverlap) {
		// The constraint has spoken; there is nothing to lock and nothing to
		// retry. Look around once, outside the failed transaction.
		around := Window{w.Start.Add(-searchAround), w.End.Add(searchAround)}
		taken, lookErr := s.store.Occupied(ctx, berthID, around)
		if lookErr != nil {
			taken = nil
		}
		return Booking{}, &ErrBerthTaken{berthID, Alternatives(w, taken, now)}
	}
	return bk, err
}

// Confirm turns a hold into a booking.
func (s *Service) Confirm(ctx context.Context, p principal.Principal, id string) (Booking, error) {
	return s.change(ctx, p, id, policy.BookingConfirm, Confirmed, nil)
}

// Cancel gives the berth back. Billing decides from the notice what it costs.
func (s *Service) Cancel(ctx context.Context, p principal.Principal, id string) (Booking, error) {
	return s.change(ctx, p, id, policy.BookingCancel, Cancelled, func(b Booking) map[string]any {
		return map[string]any{"notice_seconds": int64(b.Window.Start.Sub(s.now()).Seconds())}
	})
}

// Displace removes somebody else's booking from a berth, for instance because a
// crane is down or a ship in distress needs the quay.
func (s *Service) Displace(ctx context.Context, p principal.Principal, id, reason string) (Booking, error) {
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) < 20 {
		return Booking{}, ErrUnfit{"a displacement needs a reason of at least 20 characters"}
	}
	return s.change(ctx, p, id, policy.BookingDisplace, Displaced, func(Booking) map[string]any {
		return map[string]any{"reason": reason, "by_subject": p.Subject}
	})
}

// Arrive records that the last line was made fast.
func (s *Service) Arrive(ctx context.Context, p principal.Principal, id string, allFast time.Time) (Booking, error) {
	return s.change(ctx, p, id, policy.CallRecord, Arrived, func(Booking) map[string]any {
		return map[string]any{"all_fast": allFast}
	})
}

// Depart records that the last line was let go.
func (s *Service) Depart(ctx context.Context, p principal.Principal, id string, lastLine time.Time, shorePower bool) (Booking, error) {
	return s.change(ctx, p, id, policy.CallRecord, Departed, func(Booking) map[string]any {
		return map[string]any{"last_line": lastLine, "used_shore_power": shorePower}
	})
}

// Get returns a booking to somebody who may see it.
func (s *Service) Get(ctx context.Context, p principal.Principal, id string) (Booking, error) {
	bk, berth, err := s.load(ctx, id)
	if err != nil {
		return Booking{}, err
	}
	if err := s.policy.Authorize(p, policy.BookingRead, resource(berth, &bk), s.now()); err != nil {
		// Do not confirm that the booking exists.
		return Booking{}, ErrNotFound
	}
	return bk, nil
}

// Ports lists the harbours. Anybody may see it.
func (s *Service) Ports(ctx context.Context) ([]Port, error) {
	return s.store.Ports(ctx)
}

// CloseBerth takes a berth out of use. Bookings that are already there stay;
// moving them is a decision for a person.
func (s *Service) CloseBerth(ctx context.Context, p principal.Principal, id string, w Window) (Berth, error) {
	berth, err := s.store.Berth(ctx, id)
	if err != nil {
		return Berth{}, err
	}
	if err := s.policy.Authorize(p, policy.BerthClose, resource(berth, nil), s.now()); err != nil {
		return Berth{}, err
	}
	if w.Duration() <= 0 {
		return Berth{}, ErrUnfit{"a closure ends after it began"}
	}
	if err := s.store.CloseBerth(ctx, id, w); err != nil {
		return Berth{}, err
	}
	berth.ClosedFrom, berth.ClosedTo = &w.Start, &w.End
	return berth, nil
}

// SweepHolds expires the holds nobody confirmed. It is safe to run everywhere at
// once.
func (s *Service) SweepHolds(ctx context.Context) (int, error) {
	return s.store.ExpireHolds(ctx, s.now())
}

func (s *Service) load(ctx context.Context, id string) (Booking, Berth, error) {
	bk, err := s.store.Booking(ctx, id)
	if err != nil {
		return Booking{}, Berth{}, err
	}
	berth, err := s.store.Berth(ctx, bk.BerthID)
	return bk, berth, err
}

func (s *Service) change(
	ctx context.Context,
	p principal.Principal,
	id string,
	action policy.Action,
	next State,
	detail func(Booking) map[string]any,
) (Booking, error) {
	bk, berth, err := s.load(ctx, id)
	if err != nil {
		return Booking{}, err
	}
	if err := s.policy.Authorize(p, action, resource(berth, &bk), s.now()); err != nil {
		return Booking{}, err
	}
	if !bk.State.CanBecome(next) {
		return Booking{}, fmt.Errorf("%w: %s to %s", ErrTransition, bk.State, next)
	}
	if bk.State == Held && next == Confirmed && !s.now().Before(bk.HoldUntil) {
		return Booking{}, fmt.Errorf("%w: the hold has run out", ErrTransition)
	}

	var extra map[string]any
	if detail != nil {
		extra = detail(bk)
	}
	bk.State = next
	if err := s.store.Update(ctx, bk, s.event(string(next), p, extra)); err != nil {
		return Booking{}, err
	}
	bk.Version++
	return bk, nil
}

func (s *Service) event(kind string, p principal.Principal, detail map[string]any) Event {
	return Event{ID: newID(), Kind: kind, OccurredAt: s.now(), Actor: p.Subject, Detail: detail}
}

// newID returns a random version 4 UUID.
func newID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
