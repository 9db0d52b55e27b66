package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"moorline.example/harbour/bookings/internal/principal"
)

// requirePrincipal refuses requests that did not come through the gateway, or
// not recently, and puts the principal into the context for the others.
func requirePrincipal(secret []byte, now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := principal.Verify(r.Header.Get(principal.Header), secret, now())
		if err != nil {
			slog.Warn("principal_refused", "request", requestID(r), "cause", err)
			code := "principal_invalid"
			if errors.Is(err, principal.ErrMissing) {
				code = "principal_missing"
			}
			writeError(w, http.StatusUnauthorized, code, "This service is behind the gateway")
			return
		}
		next.ServeHTTP(w, r.WithContext(principal.With(r.Context(), p)))
	})
}

// limitBody keeps a client from sending us a container ship.
func limitBody(n int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, n)
		next.ServeHTTP(w, r)
	})
}

func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Harbour-Request-Id"); id != "" {
		return id
	}
	return "-"
}
