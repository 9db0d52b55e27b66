module moorline.example/harbour/bookings

go 1.22

require (
	github.com/jackc/pgx/v5 v5.5.5
	github.com/nats-io/nats.go v1.34.0
)
