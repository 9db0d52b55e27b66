import type { Middleware } from "../context.js";
import { tooManyRequests } from "../errors.js";
import { log } from "../log.js";

/** The two commands of Redis that we need. */
export interface Counters {
  incr(key: string): Promise<number>;
  expire(key: string, seconds: number): Promise<unknown>;
}

export interface RateLimitOptions {
  counters: Counters;
  perSession: number;
  perAddress: number;
  nowMs?: () => number;
}

const WINDOW_SECONDS = 60;

/**
 * A fixed window of one minute. A session has its own budget; without a session
 * the client's address has a smaller one. When Redis is away requests pass: a
 * flood is less harmful than a harbour that cannot book.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const nowMs = options.nowMs ?? Date.now;

  return async (ctx, next) => {
    const session = ctx.principal?.sessionId;
    const who = session ? `s:${session}` : `a:${clientAddress(ctx.req.headers, ctx.req.socket)}`;
    const limit = session ? options.perSession : options.perAddress;

    const seconds = Math.floor(nowMs() / 1000);
    const window = Math.floor(seconds / WINDOW_SECONDS);
    const key = `rate:${who}:${window}`;

    let count: number;
    try {
      count = await options.counters.incr(key);
      if (count === 1) await options.counters.expire(key, 2 * WINDOW_SECONDS);
    } catch (error) {
      log("warn", ctx.requestId, "rate_limit_unavailable", { cause: String(error) });
      return next();
    }

    ctx.res.setHeader("x-ratelimit-limit", String(limit));
    ctx.res.setHeader("x-ratelimit-remaining", String(Math.max(0, limit - count)));
    if (count > limit) {
      throw tooManyRequests((window + 1) * WINDOW_SECONDS - seconds);
    }
    return next();
  };
}

function clientAddress(
  headers: Record<string, string | string[] | undefined>,
  socket: { remoteAddress?: string | undefined },
): string {
  // The load balancer appends the address it saw, so only the last is honest.
  const forwarded = headers["x-forwarded-for"];
  const list = Array.isArray(forwarded) ? forwarded.join(",") : forwarded;
  const last = list?.split(",").at(-1)?.trim();
  return last || socket.remoteAddress || "unknown";
}
