/** Talks to the gateway. Knows how to refresh a session once, and only once. */

export interface Window {
  start: string;
  end: string;
}

export interface Booking {
  id: string;
  berth_id: string;
  carrier_org: string;
  vessel: { imo: string; name: string; loa_cm: number; draught_cm: number };
  window: Window;
  state: "held" | "confirmed" | "arrived" | "departed" | "cancelled" | "expired" | "displaced";
  hold_until?: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly alternatives: Window[] = [],
  ) {
    super(code);
  }
}

/** Refusals after which a refresh may help: expiry, or a key that was withdrawn. */
const RENEWABLE = new Set(["token_expired", "invalid_token"]);

interface Tokens {
  access_token: string;
  refresh_token: string;
}

/**
 * The access token lives in memory, the refresh token in session storage: a
 * reload keeps the planner signed in, closing the tab does not.
 */
export class Client {
  private access: string | undefined;
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly base = "",
    private readonly storage: Storage = sessionStorage,
    private readonly onSignedOut: () => void = () => {},
  ) {}

  async login(email: string, password: string): Promise<void> {
    this.keep(
      await this.raw<Tokens>("POST", "/v2/session/login", {
        email,
        password,
        device_label: navigator.userAgent.slice(0, 80),
      }),
    );
  }

  async logout(everywhere = false): Promise<void> {
    const refresh_token = this.storage.getItem("refresh");
    try {
      await this.call("POST", "/v2/session/logout", { refresh_token, everywhere });
    } finally {
      this.forget();
    }
  }

  hold(berthId: string, vessel: Booking["vessel"], window: Window): Promise<Booking> {
    // One key per click: a second attempt after a timeout cannot book twice.
    return this.call(
      "POST",
      "/v2/bookings",
      { berth_id: berthId, vessel, window },
      {
        "idempotency-key": crypto.randomUUID(),
      },
    );
  }

  confirm(id: string): Promise<Booking> {
    return this.call("POST", `/v2/bookings/${encodeURIComponent(id)}/confirm`);
  }

  cancel(id: string): Promise<Booking> {
    return this.call("POST", `/v2/bookings/${encodeURIComponent(id)}/cancel`);
  }

  private async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    if (this.access === undefined) await this.refresh();
    try {
      return await this.raw<T>(method, path, body, headers);
    } catch (error) {
      if (!(error instanceof ApiError) || !RENEWABLE.has(error.code)) throw error;
      await this.refresh();
      return this.raw<T>(method, path, body, headers);
    }
  }

  /** Concurrent callers share one refresh, or the second would look like theft. */
  private refresh(): Promise<void> {
    this.refreshing ??= (async () => {
      const refresh_token = this.storage.getItem("refresh");
      try {
        if (refresh_token === null) throw new ApiError(401, "signed_out");
        this.keep(await this.raw<Tokens>("POST", "/v2/session/refresh", { refresh_token }));
      } catch (error) {
        this.forget();
        this.onSignedOut();
        throw error;
      } finally {
        this.refreshing = undefined;
      }
    })();
    return this.refreshing;
  }

  private async raw<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.access === undefined ? {} : { authorization: `Bearer ${this.access}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      const error = answer.error ?? {};
      throw new ApiError(response.status, error.code ?? "unknown", error.alternatives ?? []);
    }
    return answer as T;
  }

  private keep(tokens: Tokens): void {
    this.access = tokens.access_token;
    this.storage.setItem("refresh", tokens.refresh_token);
  }

  private forget(): void {
    this.access = undefined;
    this.storage.removeItem("refresh");
  }
}
