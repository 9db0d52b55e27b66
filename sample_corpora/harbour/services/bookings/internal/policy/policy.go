// Package policy decides who may do what. It is the last of the three places a
// request passes: the gateway found the token, the identity service said whose
// it is, and this says whether that person may touch this berth.
//
// The rules are code rather than configuration on purpose; see ADR 0005.
package policy

import (
	"fmt"
	"time"

	"moorline.example/harbour/bookings/internal/principal"
)

// Action is something a principal wants to do.
type Action string

// The actions.
const (
	BookingRead     Action = "booking.read"
	BookingCreate   Action = "booking.create"
	BookingConfirm  Action = "booking.confirm"
	BookingCancel   Action = "booking.cancel"
	BookingDisplace Action = "booking.displace"
	CallRecord      Action = "call.record"
	BerthClose      Action = "berth.close"
)

// The roles, as the identity service spells them.
const (
	RoleViewer        = "viewer"
	RoleAgent         = "agent"
	RoleBerthPlanner  = "berth_planner"
	RoleHarbourMaster = "harbour_master"
	RoleAuditor       = "auditor"
)

// FreezeBefore is how long before its start an agent loses control of a booking.
// Pilots and tugs have been ordered by then.
const FreezeBefore = 12 * time.Hour

// Resource is what the rules need to know about the thing that is touched.
type Resource struct {
	Port        string
	OperatorOrg string // who runs the berth
	CarrierOrg  string // whose ship it is; empty for a berth
	WindowStart time.Time
}

// Denied is the refusal. The reason is stable and safe to show.
type Denied struct {
	Action Action
	Reason string
}

func (d *Denied) Error() string {
	return fmt.Sprintf("policy: %s denied: %s", d.Action, d.Reason)
}

// Policy is the set of rules. The zero value is ready to use.
type Policy struct{}

// Authorize returns nil if one of the principal's roles allows the action, and a
// *Denied otherwise. Roles add up; no role ever takes something away.
func (Policy) Authorize(p principal.Principal, action Action, r Resource, now time.Time) error {
	reason := "role"

	if p.Has(RoleHarbourMaster) {
		if p.InPort(r.Port) {
			return nil // the port authority's word is final in its own port
		}
		reason = "other_port"
	}

	if p.Has(RoleBerthPlanner) {
		switch action {
		case BookingRead, BookingConfirm, BookingCancel, CallRecord, BerthClose:
			if p.Org == r.OperatorOrg {
				return nil
			}
			reason = "not_berth_owner"
		}
	}

	if p.Has(RoleAgent) {
		switch action {
		case BookingCreate, BookingRead, BookingConfirm:
			if p.Org == r.CarrierOrg {
				return nil
			}
			reason = "other_carrier"
		case BookingCancel:
			switch {
			case p.Org != r.CarrierOrg:
				reason = "other_carrier"
			case now.After(r.WindowStart.Add(-FreezeBefore)):
				reason = "freeze_window"
			default:
				return nil
			}
		}
	}

	if p.Has(RoleAuditor) && action == BookingRead {
		return nil
	}
	if p.Has(RoleViewer) && action == BookingRead {
		if p.Org == r.CarrierOrg || p.Org == r.OperatorOrg {
			return nil
		}
		reason = "other_organisation"
	}

	return &Denied{action, reason}
}
