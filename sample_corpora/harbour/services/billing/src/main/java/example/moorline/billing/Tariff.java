package example.moorline.billing;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a port charges for lying at its quays, and how a call is priced.
 *
 * <p>All amounts are in the smallest unit of the port's currency. Each line is rounded half-even
 * on its own, so that an invoice is the sum of the numbers printed on it.
 */
public record Tariff(
        String port, String currency, ZoneId zone, long perMetreMinor, long minimumMinor) {

    /** A berth is paid for in periods of six hours; a period that has begun is paid in full. */
    public static final Duration PERIOD = Duration.ofHours(6);

    /** Surcharge on the part of a call that lies between 22:00 and 06:00 in the port. */
    public static final BigDecimal NIGHT_SURCHARGE = new BigDecimal("0.25");

    static final LocalTime NIGHT_BEGINS = LocalTime.of(22, 0);
    static final LocalTime NIGHT_ENDS = LocalTime.of(6, 0);

    /** For vessels that switch off their engines and take power from the quay. */
    public static final BigDecimal SHORE_POWER_DISCOUNT = new BigDecimal("0.08");

    /** One printed line of an invoice. */
    public record Line(String description, long amountMinor) {}

    /** What billing has to know about a call that is over. */
    public record Call(int loaCm, Instant allFast, Instant lastLine, boolean usedShorePower) {
        public Call {
            if (loaCm <= 0) throw new IllegalArgumentException("length must be positive");
            if (!lastLine.isAfter(allFast)) {
                throw new IllegalArgumentException("a call ends after it began");
            }
        }

        Duration length() {
            return Duration.between(allFast, lastLine);
        }
    }

    /** Prices a call. The clock runs from the last line made fast to the last line let go. */
    public List<Line> price(Call call) {
        List<Line> lines = new ArrayList<>();

        long metres = ceilDiv(call.loaCm(), 100);
        long periods = ceilDiv(call.length().toSeconds(), PERIOD.toSeconds());
        long dues = Math.max(minimumMinor, metres * periods * perMetreMinor);
        lines.add(new Line("Berth dues, %d m, %d periods".formatted(metres, periods), dues));

        long night = nightSeconds(call.allFast(), call.lastLine());
        if (night > 0) {
            BigDecimal share =
                    BigDecimal.valueOf(night)
                            .divide(
                                    BigDecimal.valueOf(call.length().toSeconds()),
                                    10,
                                    RoundingMode.HALF_EVEN);
            long amount = part(dues, share.multiply(NIGHT_SURCHARGE));
            lines.add(new Line("Night surcharge", amount));
        }

        if (call.usedShorePower()) {
            lines.add(new Line("Shore power discount", -part(dues, SHORE_POWER_DISCOUNT)));
        }
        return List.copyOf(lines);
    }

    public static long total(List<Line> lines) {
        return lines.stream().mapToLong(Line::amountMinor).sum();
    }

    /** Seconds of the call that fall into the night, by the port's own clock. */
    long nightSeconds(Instant from, Instant to) {
        long seconds = 0;
        var day = from.atZone(zone).toLocalDate().minusDays(1);
        var last = to.atZone(zone).toLocalDate();
        for (; !day.isAfter(last); day = day.plusDays(1)) {
            Instant begins = day.atTime(NIGHT_BEGINS).atZone(zone).toInstant();
            Instant ends = day.plusDays(1).atTime(NIGHT_ENDS).atZone(zone).toInstant();
            Instant a = from.isAfter(begins) ? from : begins;
            Instant b = to.isBefore(ends) ? to : ends;
            if (b.isAfter(a)) seconds += Duration.between(a, b).toSeconds();
        }
        return seconds;
    }

    private static long ceilDiv(long amount, long unit) {
        return Math.floorDiv(amount + unit - 1, unit);
    }

    static long part(long amount, BigDecimal share) {
        return BigDecimal.valueOf(amount)
                .multiply(share)
                .setScale(0, RoundingMode.HALF_EVEN)
                .longValueExact();
    }
}
