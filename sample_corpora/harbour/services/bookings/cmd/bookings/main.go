// Command bookings serves berths and bookings.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"moorline.example/harbour/bookings/internal/booking"
	"moorline.example/harbour/bookings/internal/httpapi"
	"moorline.example/harbour/bookings/internal/outbox"
	"moorline.example/harbour/bookings/internal/policy"
	"moorline.example/harbour/bookings/internal/store"
)

func main() {
	listen := flag.String("listen", ":8082", "address to listen on")
	interval := flag.Duration("outbox-interval", 500*time.Millisecond, "how often to look for events")
	sweep := flag.Duration("hold-sweep", time.Minute, "how often to expire holds")
	flag.Parse()

	if err := run(*listen, *interval, *sweep); err != nil {
		slog.Error("stopped", "cause", err)
		os.Exit(1)
	}
}

func run(listen string, interval, sweep time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	secret := os.Getenv("PRINCIPAL_SECRET")
	if len(secret) < 32 {
		return errors.New("PRINCIPAL_SECRET must be at least 32 characters")
	}
	db, err := store.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	conn, err := nats.Connect(os.Getenv("NATS_URL"), nats.MaxReconnects(-1))
	if err != nil {
		return err
	}
	defer conn.Close()
	stream, err := conn.JetStream()
	if err != nil {
		return err
	}

	service := booking.NewService(db, policy.Policy{}, nil)
	go (&outbox.Shipper{Pool: db.Pool(), Publisher: stream, Interval: interval}).Run(ctx)
	go sweepHolds(ctx, service, sweep)

	server := &http.Server{
		Addr:              listen,
		ReadHeaderTimeout: 5 * time.Second,
		Handler: httpapi.New(httpapi.Options{
			Service:     service,
			Idempotency: store.Idempotency{Postgres: db},
			Secret:      []byte(secret),
		}),
	}
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		_ = server.Shutdown(deadline)
	}()

	slog.Info("listening", "address", listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func sweepHolds(ctx context.Context, service *booking.Service, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if n, err := service.SweepHolds(ctx); err != nil {
				slog.Error("hold_sweep", "cause", err)
			} else if n > 0 {
				slog.Info("holds_expired", "count", n)
			}
		}
	}
}
