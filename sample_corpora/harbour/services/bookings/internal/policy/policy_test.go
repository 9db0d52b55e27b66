package policy

import (
	"errors"
	"testing"
	"time"

	"moorline.example/harbour/bookings/internal/principal"
)

var now = time.Date(2025, 3, 18, 6, 0, 0, 0, time.UTC)

func who(org string, roles ...string) principal.Principal {
	return principal.Principal{Subject: "u-1", Org: org, Roles: roles, Ports: []string{"SEGOT"}}
}

func call(startsIn time.Duration) Resource {
	return Resource{
		Port:        "SEGOT",
		OperatorOrg: "org-skarv",
		CarrierOrg:  "org-tern",
		WindowStart: now.Add(startsIn),
	}
}

func TestAuthorize(t *testing.T) {
	abroad := call(48 * time.Hour)
	abroad.Port = "DEHAM"

	cases := []struct {
		name     string
		who      principal.Principal
		action   Action
		resource Resource
		reason   string // empty: allowed
	}{
		{"agent books", who("org-tern", RoleAgent), BookingCreate, call(48 * time.Hour), ""},
		{"agent cancels in time", who("org-tern", RoleAgent), BookingCancel, call(13 * time.Hour), ""},
		{"agent cancels too late", who("org-tern", RoleAgent), BookingCancel, call(11 * time.Hour), "freeze_window"},
		{"agent of a competitor", who("org-boreal", RoleAgent), BookingCancel, call(48 * time.Hour), "other_carrier"},
		{"agent displaces", who("org-tern", RoleAgent), BookingDisplace, call(48 * time.Hour), "role"},

		{"planner of the berth", who("org-skarv", RoleBerthPlanner), BookingCancel, call(time.Hour), ""},
		{"planner next door", who("org-vinga", RoleBerthPlanner), BookingCancel, call(time.Hour), "not_berth_owner"},
		{"planner displaces", who("org-skarv", RoleBerthPlanner), BookingDisplace, call(time.Hour), "role"},
		{"planner closes", who("org-skarv", RoleBerthPlanner), BerthClose, call(time.Hour), ""},

		{"harbour master displaces", who("org-goa", RoleHarbourMaster), BookingDisplace, call(time.Hour), ""},
		{"harbour master abroad", who("org-goa", RoleHarbourMaster), BookingDisplace, abroad, "other_port"},

		{"auditor reads", who("org-audit", RoleAuditor), BookingRead, call(time.Hour), ""},
		{"auditor cancels", who("org-audit", RoleAuditor), BookingCancel, call(time.Hour), "role"},
		{"viewer of the carrier", who("org-tern", RoleViewer), BookingRead, call(time.Hour), ""},
		{"viewer of nobody", who("org-boreal", RoleViewer), BookingRead, call(time.Hour), "other_organisation"},
		{"no role at all", who("org-tern"), BookingRead, call(time.Hour), "role"},

		{"roles add up", who("org-tern", RoleViewer, RoleAgent), BookingCreate, call(48 * time.Hour), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := Policy{}.Authorize(c.who, c.action, c.resource, now)
			var denied *Denied
			switch {
			case c.reason == "" && err != nil:
				t.Fatalf("denied: %v", err)
			case c.reason != "" && !errors.As(err, &denied):
				t.Fatalf("allowed, want %s", c.reason)
			case c.reason != "" && denied.Reason != c.reason:
				t.Fatalf("reason %s, want %s", denied.Reason, c.reason)
			}
		})
	}
}
