package example.moorline.billing;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** What it costs to cancel late, not to come, or not to pay. */
public final class Penalties {
    /** An invoice is due this many days after it was issued. */
    public static final int PAYMENT_DAYS = 21;

    /** Every begun 30 days after the due date cost 1.5 % of the total... */
    static final BigDecimal LATE_FEE_STEP = new BigDecimal("0.015");

    static final int LATE_FEE_DAYS = 30;

    /** ...but never more than 12 % of it. */
    static final BigDecimal LATE_FEE_CAP = new BigDecimal("0.12");

    private static final Duration FREE_NOTICE = Duration.ofHours(48);
    private static final Duration SHORT_NOTICE = Duration.ofHours(12);

    private Penalties() {}

    /**
     * Share of the expected berth dues that a cancellation costs.
     *
     * <p>Nothing with at least 48 hours' notice, a quarter down to 12 hours, 60 % after that, and
     * everything when the window has already begun, which is a no-show. A displaced call never
     * comes here: the port does not charge for its own decisions.
     */
    public static BigDecimal cancellationShare(Duration notice) {
        if (notice.isNegative() || notice.isZero()) return BigDecimal.ONE;
        if (notice.compareTo(FREE_NOTICE) >= 0) return BigDecimal.ZERO;
        if (notice.compareTo(SHORT_NOTICE) >= 0) return new BigDecimal("0.25");
        return new BigDecimal("0.60");
    }

    public static LocalDate dueOn(LocalDate issuedOn) {
        return issuedOn.plusDays(PAYMENT_DAYS);
    }

    /** The late fee on a day, on the original total. Fees do not bear fees. */
    public static long lateFee(long totalMinor, LocalDate dueOn, LocalDate today) {
        long late = ChronoUnit.DAYS.between(dueOn, today);
        if (late <= 0 || totalMinor <= 0) return 0;
        long steps = (late + LATE_FEE_DAYS - 1) / LATE_FEE_DAYS;
        BigDecimal share = LATE_FEE_STEP.multiply(BigDecimal.valueOf(steps)).min(LATE_FEE_CAP);
        return Tariff.part(totalMinor, share);
    }
}
