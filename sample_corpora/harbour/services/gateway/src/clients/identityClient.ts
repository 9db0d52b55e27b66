import { createHash } from "node:crypto";
import type { Principal } from "../context.js";
import { identityUnavailable } from "../errors.js";
import { log } from "../log.js";

export type Introspection =
  | { active: true; principal: Principal }
  | { active: false; reason: string };

interface CacheEntry {
  answer: Introspection;
  validUntilMs: number;
}

export interface IdentityClientOptions {
  baseUrl: string;
  timeoutMs: number;
  positiveCacheMs: number;
  negativeCacheMs: number;
  fetch?: typeof fetch;
  nowMs?: () => number;
}

const MAX_ENTRIES = 20_000;

/**
 * Asks the identity service about tokens, and remembers the answers briefly.
 *
 * When identity cannot be reached the gateway fails closed: the request ends
 * with 503 `identity_unavailable`. An entry that is still fresh is used as
 * usual, a stale one never is.
 */
export class IdentityClient {
  private readonly cache = new Map<string, CacheEntry>();
  private readonly inFlight = new Map<string, Promise<Introspection>>();
  private readonly fetchImpl: typeof fetch;
  private readonly nowMs: () => number;

  constructor(private readonly options: IdentityClientOptions) {
    this.fetchImpl = options.fetch ?? fetch;
    this.nowMs = options.nowMs ?? Date.now;
  }

  async introspect(token: string, requestId: string): Promise<Introspection> {
    // The token itself is never a map key, so that a heap dump has none in it.
    const key = createHash("sha256").update(token).digest("base64url");

    const cached = this.cache.get(key);
    if (cached !== undefined && cached.validUntilMs > this.nowMs()) {
      return cached.answer;
    }

    const running = this.inFlight.get(key);
    if (running !== undefined) return running;

    const started = this.ask(token, requestId)
      .then((answer) => {
        this.remember(key, answer);
        return answer;
      })
      .finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, started);
    return started;
  }

  private async ask(token: string, requestId: string): Promise<Introspection> {
    const startedMs = this.nowMs();
    let response: Response;
    try {
      response = await this.fetchImpl(`${this.options.baseUrl}/internal/introspect`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-harbour-request-id": requestId },
        body: JSON.stringify({ token }),
        signal: AbortSignal.timeout(this.options.timeoutMs),
      });
    } catch (error) {
      log("error", requestId, "introspection_failed", { cause: String(error) });
      throw identityUnavailable();
    }
    if (response.status !== 200) {
      log("error", requestId, "introspection_failed", { status: response.status });
      throw identityUnavailable();
    }

    const elapsed = this.nowMs() - startedMs;
    if (elapsed > 250) log("warn", requestId, "introspection_slow", { ms: elapsed, cache: "miss" });

    const body = (await response.json()) as Record<string, unknown>;
    if (body["active"] !== true) {
      return { active: false, reason: String(body["reason"] ?? "unknown") };
    }
    return {
      active: true,
      principal: {
        subject: String(body["sub"]),
        orgId: String(body["org_id"]),
        roles: body["roles"] as string[],
        ports: body["ports"] as string[],
        sessionId: String(body["session_id"]),
        expiresUnix: Number(body["exp"]),
      },
    };
  }

  private remember(key: string, answer: Introspection): void {
    const now = this.nowMs();
    let validUntilMs = now + this.options.negativeCacheMs;
    if (answer.active) {
      // Never outlive the token itself.
      const tokenEndMs = answer.principal.expiresUnix * 1000;
      validUntilMs = Math.min(now + this.options.positiveCacheMs, tokenEndMs);
    }
    if (this.cache.size >= MAX_ENTRIES) {
      const oldest = this.cache.keys().next().value;
      if (oldest !== undefined) this.cache.delete(oldest);
    }
    this.cache.set(key, { answer, validUntilMs });
  }
}
