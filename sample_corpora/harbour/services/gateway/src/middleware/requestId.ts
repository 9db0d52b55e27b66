import { randomBytes } from "node:crypto";
import type { Middleware } from "../context.js";
import { log } from "../log.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford base 32

/** Sixteen characters: ten of time, six of chance. Sorts by time of arrival. */
export function newRequestId(nowMs: number): string {
  let time = "";
  let rest = nowMs;
  for (let i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let chance = "";
  for (const byte of randomBytes(6)) chance += ALPHABET[byte % 32];
  return time + chance;
}

/**
 * Runs first. Strips every X-Harbour-* header that came from outside, because
 * those names are ours, then gives the request its id and logs its end.
 */
export function requestId(): Middleware {
  return async (ctx, next) => {
    for (const name of Object.keys(ctx.req.headers)) {
      if (name.startsWith("x-harbour-")) delete ctx.req.headers[name];
    }
    const started = Date.now();
    ctx.requestId = newRequestId(started);
    ctx.upstreamHeaders["x-harbour-request-id"] = ctx.requestId;
    ctx.res.setHeader("x-request-id", ctx.requestId);
    try {
      await next();
    } finally {
      ctx.res.once("close", () => {
        log("info", ctx.requestId, "request", {
          method: ctx.req.method,
          path: ctx.path,
          status: ctx.res.statusCode,
          ms: Date.now() - started,
        });
      });
    }
  };
}
