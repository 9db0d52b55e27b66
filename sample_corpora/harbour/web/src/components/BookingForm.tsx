import { useEffect, useState } from "react";
import { ApiError, type Booking, type Client, type Window } from "../api/client";

interface Props {
  client: Client;
  berthId: string;
  window: Window;
  vessel: Booking["vessel"];
  onDone: (booking: Booking) => void;
}

/** Seconds until an instant, counted down once a second. */
function useCountdown(until: string | undefined): number | undefined {
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    if (until === undefined) return setLeft(undefined);
    const tick = () => setLeft(Math.max(0, Math.round((Date.parse(until) - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

/**
 * Two steps: hold, then confirm within half an hour. When the berth is taken the
 * alternatives the server suggests become buttons.
 */
export function BookingForm({ client, berthId, window: wanted, vessel, onDone }: Props) {
  const [held, setHeld] = useState<Booking>();
  const [alternatives, setAlternatives] = useState<Window[]>([]);
  const [problem, setProblem] = useState<string>();
  const left = useCountdown(held?.hold_until);

  async function hold(window: Window) {
    setProblem(undefined);
    setAlternatives([]);
    try {
      setHeld(await client.hold(berthId, vessel, window));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setAlternatives(error.alternatives);
      setProblem(
        error.code === "berth_conflict"
          ? "Somebody else has the berth then."
          : `The booking was refused (${error.code}).`,
      );
    }
  }

  if (held !== undefined) {
    return (
      <section>
        <p>
          {vessel.name} at {berthId}.{" "}
          {left === 0 ? "The hold has run out." : `Confirm within ${left ?? "…"} seconds.`}
        </p>
        <button disabled={left === 0} onClick={async () => onDone(await client.confirm(held.id))}>
          Confirm
        </button>
      </section>
    );
  }

  return (
    <section>
      <button onClick={() => hold(wanted)}>Hold {berthId}</button>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {alternatives.map((window) => (
        <button key={window.start} onClick={() => hold(window)}>
          {new Date(window.start).toLocaleString()} instead
        </button>
      ))}
    </section>
  );
}
