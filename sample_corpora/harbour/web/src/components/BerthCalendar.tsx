import { useMemo } from "react";
import type { Booking } from "../api/client";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Props {
  berths: { id: string; length_cm: number }[];
  bookings: Booking[];
  /** Midnight of the first day shown, in the port's own time. */
  from: Date;
  days: number;
  timeZone: string;
  onPick: (berthId: string, start: Date) => void;
}

const COLOURS: Record<Booking["state"], string> = {
  held: "#f2c14e",
  confirmed: "#3a7ca5",
  arrived: "#2f6690",
  departed: "#a9b4bc",
  cancelled: "transparent",
  expired: "transparent",
  displaced: "#c8553d",
};

/** One row per berth, one bar per call. Times are always those of the port. */
export function BerthCalendar({ berths, bookings, from, days, timeZone, onPick }: Props) {
  const span = days * DAY;
  const heading = useMemo(
    () =>
      new Intl.DateTimeFormat("en-GB", {
        timeZone,
        weekday: "short",
        day: "numeric",
        month: "short",
      }),
    [timeZone],
  );
  const byBerth = useMemo(() => {
    const rows = new Map<string, Booking[]>();
    for (const booking of bookings) {
      if (COLOURS[booking.state] === "transparent") continue;
      const row = rows.get(booking.berth_id) ?? [];
      row.push(booking);
      rows.set(booking.berth_id, row);
    }
    return rows;
  }, [bookings]);

  const place = (booking: Booking) => {
    const start = Date.parse(booking.window.start) - from.getTime();
    const end = Date.parse(booking.window.end) - from.getTime();
    const left = Math.max(0, start) / span;
    return { left: `${left * 100}%`, width: `${(Math.min(span, end) / span - left) * 100}%` };
  };

  return (
    <table className="calendar" aria-label={`Berths, times in ${timeZone}`}>
      <thead>
        <tr>
          <th>Berth</th>
          {Array.from({ length: days }, (_, i) => (
            <th key={i}>{heading.format(from.getTime() + i * DAY + 12 * HOUR)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {berths.map((berth) => (
          <tr key={berth.id}>
            <th scope="row" title={`${Math.round(berth.length_cm / 100)} m of quay`}>
              {berth.id}
            </th>
            <td
              colSpan={days}
              className="lane"
              onDoubleClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect();
                const at = ((event.clientX - box.left) / box.width) * span;
                // Planners think in quarters of an hour.
                const quarter = HOUR / 4;
                onPick(berth.id, new Date(from.getTime() + Math.floor(at / quarter) * quarter));
              }}
            >
              {(byBerth.get(berth.id) ?? []).map((booking) => (
                <span
                  key={booking.id}
                  className={`call ${booking.state}`}
                  style={{ ...place(booking), background: COLOURS[booking.state] }}
                >
                  {booking.vessel.name}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
