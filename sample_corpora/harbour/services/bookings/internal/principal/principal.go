// Package principal reads the signed header in which the gateway says who is
// asking.
package principal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Header is the name of the header. The gateway strips it from requests that
// come from outside; the signature is there in case it one day forgets to.
const Header = "X-Harbour-Principal"

// MaxAge is how long after signing a header is accepted. It has to cover a slow
// network between two pods and nothing else.
const MaxAge = 60 * time.Second

var (
	// ErrMissing means there is no header at all.
	ErrMissing = errors.New("principal: header missing")
	// ErrInvalid means the header is malformed or its signature is wrong.
	ErrInvalid = errors.New("principal: header invalid")
	// ErrStale means the header was signed too long ago, or in the future.
	ErrStale = errors.New("principal: header stale")
)

// Principal is somebody who wants something.
type Principal struct {
	Subject   string   `json:"sub"`
	Org       string   `json:"org"`
	Roles     []string `json:"roles"`
	Ports     []string `json:"ports"`
	SessionID string   `json:"sid"`
	IssuedAt  int64    `json:"iat"`
}

// Has reports whether the principal holds the role.
func (p Principal) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// InPort reports whether the principal's port-scoped roles cover the port.
func (p Principal) InPort(code string) bool {
	for _, c := range p.Ports {
		if c == code {
			return true
		}
	}
	return false
}

// Verify checks the header's signature and age and returns what it says.
func Verify(header string, secret []byte, now time.Time) (Principal, error) {
	if header == "" {
		return Principal{}, ErrMissing
	}
	body, mac, ok := strings.Cut(header, ".")
	if !ok {
		return Principal{}, ErrInvalid
	}
	given, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil {
		return Principal{}, ErrInvalid
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(body))
	if !hmac.Equal(given, h.Sum(nil)) {
		return Principal{}, ErrInvalid
	}

	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return Principal{}, ErrInvalid
	}
	var p Principal
	if err := json.Unmarshal(raw, &p); err != nil || p.Subject == "" {
		return Principal{}, ErrInvalid
	}
	age := now.Sub(time.Unix(p.IssuedAt, 0))
	if age > MaxAge || age < -5*time.Second {
		return Principal{}, ErrStale
	}
	return p, nil
}

type contextKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the principal of the context.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
