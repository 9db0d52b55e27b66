package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
)

// Saved is an answer that was given before.
type Saved struct {
	RequestHash [32]byte
	Status      int
	Body        []byte
}

// Idempotency remembers answers by organisation and key, for 48 hours.
type Idempotency interface {
	Load(ctx context.Context, org, key string) (Saved, bool, error)
	Save(ctx context.Context, org, key string, s Saved) error
}

const (
	idempotencyHeader = "Idempotency-Key"
	minKey, maxKey    = 8, 128
)

// idempotent makes a POST safe to repeat. The same key with the same body gets
// the same answer again; the same key with another body gets 422. Server errors
// are not remembered, since repeating is what the client should do then.
func idempotent(store Idempotency, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get(idempotencyHeader)
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		if len(key) < minKey || len(key) > maxKey {
			writeError(w, http.StatusBadRequest, "bad_idempotency_key", "The key has 8 to 128 characters")
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			writeError(w, http.StatusRequestEntityTooLarge, "body_too_large", "The request body is too large")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		hash := sha256.Sum256(body)
		org := caller(r).Org

		saved, ok, err := store.Load(r.Context(), org, key)
		if err != nil {
			writeError(w, http.StatusServiceUnavailable, "try_again", "Please repeat the request")
			return
		}
		if ok {
			if saved.RequestHash != hash {
				writeError(w, http.StatusUnprocessableEntity, "idempotency_key_reused", "The key was used for another request")
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Idempotent-Replay", "true")
			w.WriteHeader(saved.Status)
			_, _ = w.Write(saved.Body)
			return
		}

		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		if rec.status < 500 {
			_ = store.Save(r.Context(), org, key, Saved{hash, rec.status, rec.body.Bytes()})
		}
	})
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}
