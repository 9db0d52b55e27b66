package example.moorline.billing;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Turns booking events into invoices.
 *
 * <p>Delivery is at least once and in order per booking, so an event is first entered into
 * {@code billing.seen_events}; when it was there already nothing else happens. Both writes share
 * one transaction.
 */
public final class InvoiceService {
    /** The part of the event that billing reads. */
    public record Event(
            UUID eventId,
            String kind,
            UUID bookingId,
            String carrierOrg,
            String port,
            int loaCm,
            Instant windowStart,
            Instant windowEnd,
            Instant occurredAt,
            Optional<Duration> notice,
            boolean usedShorePower) {}

    public record Invoice(
            String number,
            UUID bookingId,
            String orgId,
            String currency,
            List<Tariff.Line> lines,
            LocalDate issuedOn,
            LocalDate dueOn) {
        public long totalMinor() {
            return Tariff.total(lines);
        }
    }

    /** Everything that needs the database. */
    public interface Ledger {
        /** Runs the work in one transaction. */
        void transact(Runnable work);

        /** False when the event has been seen before. */
        boolean firstSight(UUID eventId);

        /** Numbers are per year and have no gaps, because the tax office counts. */
        long nextNumber(int year);

        void rememberArrival(UUID bookingId, Instant allFast);

        Optional<Instant> arrival(UUID bookingId);

        Tariff tariff(String port, LocalDate day);

        void store(Invoice invoice);
    }

    private final Ledger ledger;
    private final Clock clock;

    public InvoiceService(Ledger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    public void handle(Event event) {
        ledger.transact(
                () -> {
                    if (!ledger.firstSight(event.eventId())) return;
                    switch (event.kind()) {
                        case "arrived" ->
                                ledger.rememberArrival(event.bookingId(), event.occurredAt());
                        case "departed" -> invoiceCall(event);
                        case "cancelled" -> invoiceCancellation(event);
                        default -> {
                            // held, confirmed, expired and displaced cost nothing
                        }
                    }
                });
    }

    private void invoiceCall(Event event) {
        Instant allFast =
                ledger.arrival(event.bookingId())
                        .orElseThrow(() -> new IllegalStateException("departed, never arrived"));
        Tariff tariff = tariffFor(event, allFast);
        var call =
                new Tariff.Call(
                        event.loaCm(), allFast, event.occurredAt(), event.usedShorePower());
        issue(event, tariff, tariff.price(call));
    }

    private void invoiceCancellation(Event event) {
        Duration notice = event.notice().orElse(Duration.ZERO);
        BigDecimal share = Penalties.cancellationShare(notice);
        if (share.signum() == 0) return;
        Tariff tariff = tariffFor(event, event.windowStart());
        var expected =
                tariff.price(
                        new Tariff.Call(
                                event.loaCm(), event.windowStart(), event.windowEnd(), false));
        // Berth dues only: nobody was kept awake by a ship that did not come.
        long amount = Tariff.part(expected.get(0).amountMinor(), share);
        String percent = share.movePointRight(2).stripTrailingZeros().toPlainString();
        issue(event, tariff, List.of(new Tariff.Line("Cancellation, " + percent + " %", amount)));
    }

    /** The tariff of the day the call began, even if a new one started meanwhile. */
    private Tariff tariffFor(Event event, Instant began) {
        return ledger.tariff(event.port(), began.atZone(clock.getZone()).toLocalDate());
    }

    private void issue(Event event, Tariff tariff, List<Tariff.Line> lines) {
        LocalDate today = LocalDate.now(clock);
        String number = "%d-%06d".formatted(today.getYear(), ledger.nextNumber(today.getYear()));
        ledger.store(
                new Invoice(
                        number,
                        event.bookingId(),
                        event.carrierOrg(),
                        tariff.currency(),
                        lines,
                        today,
                        Penalties.dueOn(today)));
    }
}
