import { useState, type FormEvent } from "react";
import { ApiError, type Client } from "../api/client";

const MESSAGES: Record<string, string> = {
  login_failed: "Address or password is wrong.",
  account_locked: "Too many attempts. Try again in twenty minutes.",
  rate_limited: "Too many attempts. Wait a minute.",
  identity_unavailable: "Sign-in is down. Existing bookings are safe.",
};

export function LoginPage({ client, onDone }: { client: Client; onDone: () => void }) {
  const [message, setMessage] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setMessage(undefined);
    try {
      await client.login(String(form.get("email")), String(form.get("password")));
      onDone();
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "unknown";
      setMessage(MESSAGES[code] ?? "That did not work. Try again.");
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="login" onSubmit={submit}>
      <img src="/logo.png" alt="" width={32} height={32} />
      <h1>Moorline Berths</h1>
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {message !== undefined && <p role="alert">{message}</p>}
      <button disabled={busy}>Sign in</button>
    </form>
  );
}
