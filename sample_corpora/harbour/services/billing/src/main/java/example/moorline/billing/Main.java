package example.moorline.billing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;

/** Either consumes booking events until told to stop, or runs the nightly late fees. */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Main() {}

    public static void main(String[] args) throws Exception {
        var ledger = new PostgresLedger(System.getenv("JDBC_URL"));
        if (args.length > 0 && args[0].equals("late-fees")) {
            int changed = ledger.refreshLateFees(LocalDate.now(Clock.systemUTC()));
            System.out.println("late_fees invoices=" + changed);
            return;
        }

        var service = new InvoiceService(ledger, Clock.systemUTC());
        var connection = Nats.connect(System.getenv("NATS_URL"));
        var options = PushSubscribeOptions.builder().durable("billing").build();
        connection
                .jetStream()
                .subscribe(
                        "berths.booking.*",
                        connection.createDispatcher(),
                        message -> {
                            // Acknowledge after the transaction: a crash in between means a
                            // second delivery, which seen_events absorbs.
                            service.handle(parse(message.getData()));
                            message.ack();
                        },
                        false,
                        options);
        Thread.currentThread().join();
    }

    /** Reads what services/bookings wrote into the outbox. */
    static InvoiceService.Event parse(byte[] data) {
        JsonNode root;
        try {
            root = JSON.readTree(data);
        } catch (IOException error) {
            throw new IllegalArgumentException("not an event", error);
        }
        JsonNode booking = root.path("booking");
        JsonNode detail = root.path("detail");
        String kind = root.path("kind").asText();

        // The clock of the quay counts, not the moment somebody pressed the button.
        String when =
                switch (kind) {
                    case "arrived" -> detail.path("all_fast").asText();
                    case "departed" -> detail.path("last_line").asText();
                    default -> root.path("occurred_at").asText();
                };
        Optional<Duration> notice =
                detail.has("notice_seconds")
                        ? Optional.of(Duration.ofSeconds(detail.get("notice_seconds").asLong()))
                        : Optional.empty();
        return new InvoiceService.Event(
                UUID.fromString(root.path("event_id").asText()),
                kind,
                UUID.fromString(booking.path("id").asText()),
                booking.path("carrier_org").asText(),
                booking.path("berth_id").asText().substring(0, 5),
                booking.path("vessel").path("loa_cm").asInt(),
                Instant.parse(booking.path("window").path("start").asText()),
                Instant.parse(booking.path("window").path("end").asText()),
                Instant.parse(when),
                notice,
                detail.path("used_shore_power").asBoolean(false));
    }
}
