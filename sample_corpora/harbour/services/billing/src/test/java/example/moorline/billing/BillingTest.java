package example.moorline.billing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class BillingTest {
    private static final Tariff SEGOT =
            new Tariff("SEGOT", "SEK", ZoneId.of("Europe/Stockholm"), 1525, 365_000);

    private static Tariff.Call call(String from, String to, boolean shorePower) {
        return new Tariff.Call(16_800, Instant.parse(from), Instant.parse(to), shorePower);
    }

    @Test
    void aBegunPeriodIsPaidInFull() {
        var lines = SEGOT.price(call("2025-03-18T07:00:00Z", "2025-03-18T13:00:01Z", false));
        assertEquals(1, lines.size());
        assertEquals(168 * 2 * 1525, Tariff.total(lines));
    }

    @Test
    void theMinimumApplies() {
        var lines = SEGOT.price(call("2025-03-18T08:00:00Z", "2025-03-18T09:00:00Z", false));
        assertEquals(365_000, Tariff.total(lines));
    }

    @Test
    void theNightIsThePortsOwn() {
        // 21:00 to 23:00 in Stockholm, half of it in the night.
        var lines = SEGOT.price(call("2025-03-18T20:00:00Z", "2025-03-18T22:00:00Z", false));
        assertEquals("Night surcharge", lines.get(1).description());
        assertEquals(365_000 / 8, lines.get(1).amountMinor());
    }

    @Test
    void theNightTheClocksChange() {
        // 30 March 2025: the night is seven hours long instead of eight.
        assertEquals(
                7 * 3600,
                SEGOT.nightSeconds(
                        Instant.parse("2025-03-29T12:00:00Z"),
                        Instant.parse("2025-03-30T12:00:00Z")));
    }

    @Test
    void shorePowerIsEightPercentOff() {
        var lines = SEGOT.price(call("2025-03-18T07:00:00Z", "2025-03-18T09:00:00Z", true));
        assertEquals(-29_200, lines.get(1).amountMinor());
    }

    @Test
    void cancellationSteps() {
        assertEquals(BigDecimal.ZERO, Penalties.cancellationShare(Duration.ofHours(48)));
        assertEquals(new BigDecimal("0.25"), Penalties.cancellationShare(Duration.ofHours(47)));
        assertEquals(new BigDecimal("0.25"), Penalties.cancellationShare(Duration.ofHours(12)));
        assertEquals(new BigDecimal("0.60"), Penalties.cancellationShare(Duration.ofHours(11)));
        assertEquals(BigDecimal.ONE, Penalties.cancellationShare(Duration.ZERO));
    }

    @Test
    void lateFeesStopAtTwelvePercent() {
        LocalDate due = LocalDate.of(2025, 1, 1);
        assertEquals(0, Penalties.lateFee(100_000, due, due));
        assertEquals(1_500, Penalties.lateFee(100_000, due, due.plusDays(1)));
        assertEquals(3_000, Penalties.lateFee(100_000, due, due.plusDays(31)));
        assertEquals(12_000, Penalties.lateFee(100_000, due, due.plusDays(1000)));
    }
}
