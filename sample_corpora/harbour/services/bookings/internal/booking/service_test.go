package booking

import (
	"context"
	"errors"
	"testing"
	"time"

	"moorline.example/harbour/bookings/internal/policy"
	"moorline.example/harbour/bookings/internal/principal"
)

// memory is a Store for tests. It enforces what berth_no_overlap enforces.
type memory struct {
	berths   map[string]Berth
	bookings map[string]Booking
	events   []Event
}

func (m *memory) Berth(_ context.Context, id string) (Berth, error) {
	b, ok := m.berths[id]
	if !ok {
		return Berth{}, ErrNotFound
	}
	return b, nil
}

func (m *memory) Ports(context.Context) ([]Port, error) {
	return []Port{{"SEGOT", "Göteborg", "Europe/Stockholm"}}, nil
}

func (m *memory) CloseBerth(_ context.Context, id string, w Window) error {
	b := m.berths[id]
	b.ClosedFrom, b.ClosedTo = &w.Start, &w.End
	m.berths[id] = b
	return nil
}

func (m *memory) Booking(_ context.Context, id string) (Booking, error) {
	b, ok := m.bookings[id]
	if !ok {
		return Booking{}, ErrNotFound
	}
	return b, nil
}

func (m *memory) Occupied(_ context.Context, berthID string, around Window) ([]Window, error) {
	var found []Window
	for _, b := range m.bookings {
		if b.BerthID == berthID && b.State.Occupies() && b.Window.Overlaps(around) {
			found = append(found, b.Window)
		}
	}
	return found, nil
}

func (m *memory) Insert(_ context.Context, b Booking, e Event) error {
	for _, o := range m.bookings {
		if o.BerthID == b.BerthID && o.State.Occupies() && o.Window.Padded().Overlaps(b.Window.Padded()) {
			return ErrOverlap
		}
	}
	m.bookings[b.ID] = b
	m.events = append(m.events, e)
	return nil
}

func (m *memory) Update(_ context.Context, b Booking, e Event) error {
	if m.bookings[b.ID].Version != b.Version {
		return ErrVersion
	}
	b.Version++
	m.bookings[b.ID] = b
	m.events = append(m.events, e)
	return nil
}

func (m *memory) ExpireHolds(_ context.Context, now time.Time) (int, error) {
	n := 0
	for id, b := range m.bookings {
		if b.State == Held && !now.Before(b.HoldUntil) {
			b.State = Expired
			m.bookings[id] = b
			n++
		}
	}
	return n, nil
}

var (
	agent  = principal.Principal{Subject: "u-a", Org: "org-tern", Roles: []string{policy.RoleAgent}}
	rival  = principal.Principal{Subject: "u-r", Org: "org-boreal", Roles: []string{policy.RoleAgent}}
	master = principal.Principal{Subject: "u-m", Org: "org-goa", Roles: []string{policy.RoleHarbourMaster}, Ports: []string{"SEGOT"}}
	feeder = Vessel{IMO: "9000001", Name: "Tern Vinga", LOACm: 16800, DraughtCm: 820}
)

func setup() (*memory, *Service, *time.Time) {
	clock := at(6, 0).Add(-72 * time.Hour)
	m := &memory{
		berths: map[string]Berth{
			"SEGOT-07": {ID: "SEGOT-07", Port: "SEGOT", OperatorOrg: "org-skarv", LengthCm: 40000, DepthCm: 1450},
		},
		bookings: map[string]Booking{},
	}
	return m, NewService(m, policy.Policy{}, func() time.Time { return clock }), &clock
}

func TestDoubleBookingOffersAlternatives(t *testing.T) {
	_, s, _ := setup()
	ctx := context.Background()
	if _, err := s.Hold(ctx, agent, "SEGOT-07", feeder, window(12, 0, 16, 0)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Hold(ctx, rival, "SEGOT-07", feeder, window(17, 0, 20, 0))
	var taken *ErrBerthTaken
	if !errors.As(err, &taken) {
		t.Fatalf("got %v, want ErrBerthTaken", err)
	}
	if len(taken.Alternatives) == 0 || !taken.Alternatives[0].Start.Equal(at(17, 30)) {
		t.Fatalf("alternatives %v, want 17:30 first", taken.Alternatives)
	}
}

func TestHoldRunsOutAfterHalfAnHour(t *testing.T) {
	m, s, clock := setup()
	ctx := context.Background()
	b, err := s.Hold(ctx, agent, "SEGOT-07", feeder, window(12, 0, 16, 0))
	if err != nil {
		t.Fatal(err)
	}
	*clock = clock.Add(30 * time.Minute)
	if _, err := s.Confirm(ctx, agent, b.ID); !errors.Is(err, ErrTransition) {
		t.Fatalf("got %v, want ErrTransition", err)
	}
	if n, _ := s.SweepHolds(ctx); n != 1 || m.bookings[b.ID].State != Expired {
		t.Fatal("the hold was not swept")
	}
	if _, err := s.Hold(ctx, rival, "SEGOT-07", feeder, window(12, 0, 16, 0)); err != nil {
		t.Fatalf("the berth should be free again: %v", err)
	}
}

func TestOnlyTheHarbourMasterDisplaces(t *testing.T) {
	m, s, _ := setup()
	ctx := context.Background()
	b, _ := s.Hold(ctx, agent, "SEGOT-07", feeder, window(12, 0, 16, 0))

	var denied *policy.Denied
	reason := "Crane 3 is out of service until noon"
	if _, err := s.Displace(ctx, rival, b.ID, reason); !errors.As(err, &denied) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if _, err := s.Displace(ctx, master, b.ID, "because"); err == nil {
		t.Fatal("a short reason was accepted")
	}
	if _, err := s.Displace(ctx, master, b.ID, reason); err != nil {
		t.Fatal(err)
	}
	last := m.events[len(m.events)-1]
	if last.Kind != "displaced" || last.Detail["by_subject"] != "u-m" {
		t.Fatalf("unexpected event %+v", last)
	}
}

func TestAClosedBerthTakesNoBookings(t *testing.T) {
	_, s, _ := setup()
	ctx := context.Background()
	planner := principal.Principal{Subject: "u-p", Org: "org-skarv", Roles: []string{policy.RoleBerthPlanner}}
	if _, err := s.CloseBerth(ctx, planner, "SEGOT-07", window(0, 0, 12, 0)); err != nil {
		t.Fatal(err)
	}
	// The mooring buffer reaches into the closure.
	_, err := s.Hold(ctx, agent, "SEGOT-07", feeder, window(12, 30, 16, 0))
	if !errors.Is(err, ErrBerthClosed) {
		t.Fatalf("got %v, want ErrBerthClosed", err)
	}
}

func TestStrangersCannotTellThatABookingExists(t *testing.T) {
	_, s, _ := setup()
	ctx := context.Background()
	b, _ := s.Hold(ctx, agent, "SEGOT-07", feeder, window(12, 0, 16, 0))
	if _, err := s.Get(ctx, rival, b.ID); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
}
