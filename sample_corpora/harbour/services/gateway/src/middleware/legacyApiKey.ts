import { timingSafeEqual } from "node:crypto";
import type { Middleware } from "../context.js";
import { log } from "../log.js";

/**
 * @deprecated since 2.4.0, goes away with 4.0.
 *
 * Terminal operating systems used to authenticate with a static key in
 * `X-Api-Key`. Nothing new may use it: such a principal is nobody's session, so
 * it cannot be revoked, and it is limited to reading. Service accounts get an
 * ordinary token from the identity service instead.
 *
 * It does nothing at all unless LEGACY_API_KEYS=on, which no production
 * environment sets any more.
 */
export interface LegacyKey {
  key: string;
  orgId: string;
  ports: string[];
}

export function legacyApiKey(enabled: boolean, keys: LegacyKey[]): Middleware {
  return async (ctx, next) => {
    const given = ctx.req.headers["x-api-key"];
    if (!enabled || typeof given !== "string") return next();

    const match = keys.find((candidate) => sameKey(candidate.key, given));
    if (match !== undefined && ctx.req.method === "GET") {
      log("warn", ctx.requestId, "legacy_api_key_used", { org: match.orgId });
      ctx.principal = {
        subject: `legacy:${match.orgId}`,
        orgId: match.orgId,
        roles: ["viewer"],
        ports: match.ports,
        sessionId: "",
        expiresUnix: Number.MAX_SAFE_INTEGER,
      };
    }
    return next();
  };
}

function sameKey(expected: string, given: string): boolean {
  const a = Buffer.from(expected, "utf8");
  const b = Buffer.from(given, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}
