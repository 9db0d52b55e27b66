package example.moorline.billing;

import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.UUID;

/** The ledger in the {@code billing} schema. One connection, because there is one consumer. */
final class PostgresLedger implements InvoiceService.Ledger {
    private final Connection connection;

    PostgresLedger(String url) throws SQLException {
        connection = DriverManager.getConnection(url);
        connection.setAutoCommit(false);
    }

    @Override
    public void transact(Runnable work) {
        try {
            work.run();
            connection.commit();
        } catch (RuntimeException | SQLException error) {
            try {
                connection.rollback();
            } catch (SQLException second) {
                error.addSuppressed(second);
            }
            throw new IllegalStateException(error);
        }
    }

    @Override
    public boolean firstSight(UUID eventId) {
        return update(
                        "INSERT INTO billing.seen_events (event_id) VALUES (?)"
                                + " ON CONFLICT DO NOTHING",
                        eventId)
                == 1;
    }

    @Override
    public long nextNumber(int year) {
        // Not a sequence: a sequence leaves a gap whenever a transaction fails.
        return query(
                        "SELECT count(*) + 1 FROM billing.invoices WHERE number LIKE ?",
                        row -> row.getLong(1),
                        year + "-%")
                .orElseThrow();
    }

    @Override
    public void rememberArrival(UUID bookingId, Instant allFast) {
        update(
                "INSERT INTO billing.arrivals (booking_id, all_fast) VALUES (?, ?)"
                        + " ON CONFLICT (booking_id) DO UPDATE SET all_fast = excluded.all_fast",
                bookingId,
                Timestamp.from(allFast));
    }

    @Override
    public Optional<Instant> arrival(UUID bookingId) {
        return query(
                "SELECT all_fast FROM billing.arrivals WHERE booking_id = ?",
                row -> row.getTimestamp(1).toInstant(),
                bookingId);
    }

    @Override
    public Tariff tariff(String port, LocalDate day) {
        return query(
                        "SELECT t.currency, p.time_zone, t.per_metre_minor, t.minimum_minor"
                                + " FROM billing.tariffs t JOIN ports p ON p.code = t.port"
                                + " WHERE t.port = ? AND t.valid_from <= ?"
                                + " ORDER BY t.valid_from DESC LIMIT 1",
                        row ->
                                new Tariff(
                                        port,
                                        row.getString(1),
                                        ZoneId.of(row.getString(2)),
                                        row.getLong(3),
                                        row.getLong(4)),
                        port,
                        Date.valueOf(day))
                .orElseThrow(() -> new IllegalStateException("no tariff for " + port));
    }

    @Override
    public void store(InvoiceService.Invoice invoice) {
        update(
                "INSERT INTO billing.invoices (number, booking_id, org_id, currency, total_minor,"
                        + " issued_on, due_on) VALUES (?, ?, ?, ?, ?, ?, ?)",
                invoice.number(),
                invoice.bookingId(),
                invoice.orgId(),
                invoice.currency(),
                invoice.totalMinor(),
                Date.valueOf(invoice.issuedOn()),
                Date.valueOf(invoice.dueOn()));
        int position = 1;
        for (Tariff.Line line : invoice.lines()) {
            update(
                    "INSERT INTO billing.invoice_lines VALUES (?, ?, ?, ?)",
                    invoice.number(),
                    position++,
                    line.description(),
                    line.amountMinor());
        }
    }

    /** Brings the late fee of every unpaid invoice up to date. Returns how many are late. */
    int refreshLateFees(LocalDate today) throws SQLException {
        int late = 0;
        try (var select =
                        connection.prepareStatement(
                                "SELECT number, total_minor, due_on FROM billing.invoices"
                                        + " WHERE paid_on IS NULL AND due_on < ?");
                var change =
                        connection.prepareStatement(
                                "UPDATE billing.invoices SET late_fee_minor = ? WHERE number = ?")) {
            select.setDate(1, Date.valueOf(today));
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                change.setLong(
                        1,
                        Penalties.lateFee(rows.getLong(2), rows.getDate(3).toLocalDate(), today));
                change.setString(2, rows.getString(1));
                late += change.executeUpdate();
            }
        }
        connection.commit();
        return late;
    }

    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> Optional<T> query(String sql, Reader<T> reader, Object... values) {
        try (PreparedStatement statement = prepare(sql, values)) {
            ResultSet rows = statement.executeQuery();
            return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
        } catch (SQLException error) {
            throw new IllegalStateException(error);
        }
    }

    private int update(String sql, Object... values) {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        } catch (SQLException error) {
            throw new IllegalStateException(error);
        }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
        return statement;
    }
}
