// Package httpapi is the HTTP surface of the bookings service.
package httpapi

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"moorline.example/harbour/bookings/internal/booking"
	"moorline.example/harbour/bookings/internal/policy"
	"moorline.example/harbour/bookings/internal/principal"
)

// Options are what the handlers need.
type Options struct {
	Service     *booking.Service
	Idempotency Idempotency
	Secret      []byte
	Now         func() time.Time
}

type api struct {
	service *booking.Service
}

// New returns the handler of the whole service.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &api{service: o.Service}

	inner := http.NewServeMux()
	inner.Handle("POST /v2/bookings", idempotent(o.Idempotency, http.HandlerFunc(a.hold)))
	inner.HandleFunc("GET /v2/bookings/{id}", a.get)
	inner.HandleFunc("POST /v2/bookings/{id}/confirm", a.confirm)
	inner.HandleFunc("POST /v2/bookings/{id}/cancel", a.cancel)
	inner.HandleFunc("POST /v2/bookings/{id}/displace", a.displace)
	inner.HandleFunc("POST /v2/bookings/{id}/arrive", a.arrive)
	inner.HandleFunc("POST /v2/bookings/{id}/depart", a.depart)
	inner.HandleFunc("POST /v2/berths/{id}/close", a.closeBerth)

	outer := http.NewServeMux()
	outer.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})
	outer.HandleFunc("GET /v2/ports", a.ports) // public, like in the gateway
	outer.Handle("/", requirePrincipal(o.Secret, o.Now, limitBody(64<<10, inner)))
	return outer
}

func caller(r *http.Request) principal.Principal {
	p, _ := principal.From(r.Context())
	return p
}

func (a *api) hold(w http.ResponseWriter, r *http.Request) {
	var body struct {
		BerthID string         `json:"berth_id"`
		Vessel  booking.Vessel `json:"vessel"`
		Window  booking.Window `json:"window"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	b, err := a.service.Hold(r.Context(), caller(r), body.BerthID, body.Vessel, body.Window)
	respond(w, r, http.StatusCreated, b, err)
}

func (a *api) get(w http.ResponseWriter, r *http.Request) {
	b, err := a.service.Get(r.Context(), caller(r), r.PathValue("id"))
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) confirm(w http.ResponseWriter, r *http.Request) {
	b, err := a.service.Confirm(r.Context(), caller(r), r.PathValue("id"))
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) cancel(w http.ResponseWriter, r *http.Request) {
	b, err := a.service.Cancel(r.Context(), caller(r), r.PathValue("id"))
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) displace(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Reason string `json:"reason"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	b, err := a.service.Displace(r.Context(), caller(r), r.PathValue("id"), body.Reason)
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) arrive(w http.ResponseWriter, r *http.Request) {
	var body struct {
		AllFast time.Time `json:"all_fast"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	b, err := a.service.Arrive(r.Context(), caller(r), r.PathValue("id"), body.AllFast)
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) depart(w http.ResponseWriter, r *http.Request) {
	var body struct {
		LastLine   time.Time `json:"last_line"`
		ShorePower bool      `json:"used_shore_power"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	b, err := a.service.Depart(r.Context(), caller(r), r.PathValue("id"), body.LastLine, body.ShorePower)
	respond(w, r, http.StatusOK, b, err)
}

func (a *api) ports(w http.ResponseWriter, r *http.Request) {
	list, err := a.service.Ports(r.Context())
	respond(w, r, http.StatusOK, list, err)
}

func (a *api) closeBerth(w http.ResponseWriter, r *http.Request) {
	var body booking.Window
	if !readJSON(w, r, &body) {
		return
	}
	b, err := a.service.CloseBerth(r.Context(), caller(r), r.PathValue("id"), body)
	respond(w, r, http.StatusOK, b, err)
}

// respond writes the value, or the answer that belongs to the error.
func respond(w http.ResponseWriter, r *http.Request, status int, value any, err error) {
	if err == nil {
		writeJSON(w, status, value)
		return
	}

	var (
		denied *policy.Denied
		taken  *booking.ErrBerthTaken
		unfit  booking.ErrUnfit
	)
	switch {
	case errors.As(err, &denied):
		slog.Error("policy_denied", "request", requestID(r), "action", denied.Action, "reason", denied.Reason)
		writeError(w, http.StatusForbidden, "forbidden_"+denied.Reason, "You may not do that")
	case errors.As(err, &taken):
		slog.Warn("berth_conflict", "request", requestID(r), "berth", taken.BerthID, "alternatives", len(taken.Alternatives))
		writeJSON(w, http.StatusConflict, map[string]any{
			"error": map[string]any{
				"code":         "berth_conflict",
				"message":      "The berth is taken in that window",
				"alternatives": taken.Alternatives,
			},
		})
	case errors.As(err, &unfit):
		writeError(w, http.StatusUnprocessableEntity, "unfit", unfit.Reason)
	case errors.Is(err, booking.ErrBerthClosed):
		writeError(w, http.StatusConflict, "berth_closed", "The berth is closed in that window")
	case errors.Is(err, booking.ErrNotFound):
		writeError(w, http.StatusNotFound, "not_found", "No such booking or berth")
	case errors.Is(err, booking.ErrTransition):
		writeError(w, http.StatusConflict, "wrong_state", err.Error())
	case errors.Is(err, booking.ErrVersion):
		writeError(w, http.StatusConflict, "changed_meanwhile", "Somebody else changed the booking")
	default:
		slog.Error("unhandled", "request", requestID(r), "cause", err)
		writeError(w, http.StatusInternalServerError, "internal", "Something went wrong on our side")
	}
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		writeError(w, http.StatusBadRequest, "bad_json", err.Error())
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}
