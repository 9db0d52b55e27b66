// Package booking holds the rules about berths and the calls booked on them.
package booking

import (
	"errors"
	"fmt"
	"time"
)

// State is where a booking is in its life.
type State string

// The states. Held, Confirmed and Arrived occupy the berth.
const (
	Held      State = "held"
	Confirmed State = "confirmed"
	Arrived   State = "arrived"
	Departed  State = "departed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
	Displaced State = "displaced"
)

// transitions says which state may follow which.
var transitions = map[State][]State{
	Held:      {Confirmed, Cancelled, Expired, Displaced},
	Confirmed: {Arrived, Cancelled, Displaced},
	Arrived:   {Departed},
}

// CanBecome reports whether the state may be followed by next.
func (s State) CanBecome(next State) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// Occupies reports whether a booking in this state keeps others off the berth.
func (s State) Occupies() bool {
	return s == Held || s == Confirmed || s == Arrived
}

// Window is a half-open interval of time.
type Window struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Duration is the length of the window.
func (w Window) Duration() time.Duration { return w.End.Sub(w.Start) }

// Padded is the window with the mooring buffer on both sides.
func (w Window) Padded() Window {
	return Window{w.Start.Add(-MooringBuffer), w.End.Add(MooringBuffer)}
}

// Overlaps reports whether the two windows share an instant.
func (w Window) Overlaps(o Window) bool {
	return w.Start.Before(o.End) && o.Start.Before(w.End)
}

// Vessel is a ship as its agent declared it.
type Vessel struct {
	IMO       string `json:"imo"`
	Name      string `json:"name"`
	LOACm     int    `json:"loa_cm"`
	DraughtCm int    `json:"draught_cm"`
}

// Berth is a stretch of quay that one ship at a time lies at.
type Berth struct {
	ID          string     `json:"id"`
	Port        string     `json:"port"`
	OperatorOrg string     `json:"operator_org"`
	LengthCm    int        `json:"length_cm"`
	DepthCm     int        `json:"depth_cm"`
	ShorePower  bool       `json:"shore_power"`
	ClosedFrom  *time.Time `json:"closed_from,omitempty"`
	ClosedTo    *time.Time `json:"closed_to,omitempty"`
}

// Port is a harbour that takes bookings. The list is public.
type Port struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"`
}

// Booking is one call of one vessel at one berth.
type Booking struct {
	ID         string    `json:"id"`
	BerthID    string    `json:"berth_id"`
	CarrierOrg string    `json:"carrier_org"`
	Vessel     Vessel    `json:"vessel"`
	Window     Window    `json:"window"`
	State      State     `json:"state"`
	HoldUntil  time.Time `json:"hold_until,omitempty"`
	Version    int64     `json:"version"`
	CreatedBy  string    `json:"created_by"`
}

// Limits and margins. The mooring buffer is also written into the database, see
// db/migrations/0004_berth_no_overlap.sql; change both or neither.
const (
	MooringBuffer = 45 * time.Minute
	HoldFor       = 30 * time.Minute
	MinWindow     = time.Hour
	MaxWindow     = 7 * 24 * time.Hour
	MaxAhead      = 180 * 24 * time.Hour

	// quayMargin is the free quay a ship needs beyond its own length.
	quayMarginCm = 1500
	// underKeelCm is the water that has to remain under the keel at chart datum.
	underKeelCm = 120
)

// Errors that handlers turn into answers.
var (
	ErrNotFound    = errors.New("booking: not found")
	ErrBerthClosed = errors.New("booking: berth is closed in that window")
	ErrTransition  = errors.New("booking: not possible in its present state")
	ErrVersion     = errors.New("booking: changed by somebody else")
)

// ErrUnfit says why a vessel cannot use a berth, or a window cannot be booked.
type ErrUnfit struct{ Reason string }

func (e ErrUnfit) Error() string { return "booking: " + e.Reason }

// CheckWindow refuses windows that nobody should be able to book.
func CheckWindow(w Window, now time.Time) error {
	switch d := w.Duration(); {
	case d < MinWindow:
		return ErrUnfit{"a window is at least one hour long"}
	case d > MaxWindow:
		return ErrUnfit{"a window is at most seven days long"}
	case w.Start.Before(now):
		return ErrUnfit{"the window has already started"}
	case w.Start.After(now.Add(MaxAhead)):
		return ErrUnfit{"the window is more than 180 days ahead"}
	}
	return nil
}

// CheckFit refuses vessels that are too long or too deep for the berth. The tide
// is not counted on: a ship that needs it is planned by hand, with quayctl.
func CheckFit(b Berth, v Vessel) error {
	if free := b.LengthCm - v.LOACm; free < quayMarginCm {
		return ErrUnfit{fmt.Sprintf("vessel needs %d cm more quay", quayMarginCm-free)}
	}
	if water := b.DepthCm - v.DraughtCm; water < underKeelCm {
		return ErrUnfit{fmt.Sprintf("under-keel clearance is short by %d cm", underKeelCm-water)}
	}
	return nil
}

// ClosedDuring reports whether the berth is closed at some point of the window.
func (b Berth) ClosedDuring(w Window) bool {
	if b.ClosedFrom == nil || b.ClosedTo == nil {
		return false
	}
	return w.Overlaps(Window{*b.ClosedFrom, *b.ClosedTo})
}
