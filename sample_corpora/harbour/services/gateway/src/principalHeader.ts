import { createHmac } from "node:crypto";
import type { Principal } from "./context.js";

/**
 * The header that tells upstream services who is asking:
 *
 *   base64url(json) "." base64url(hmac-sha256(secret, base64url(json)))
 *
 * `iat` lets them refuse a header that was captured and sent again later; the
 * bookings service accepts it for 60 seconds.
 */
export function signPrincipal(principal: Principal, secret: string, nowSeconds: number): string {
  const body = Buffer.from(
    JSON.stringify({
      sub: principal.subject,
      org: principal.orgId,
      roles: principal.roles,
      ports: principal.ports,
      sid: principal.sessionId,
      iat: nowSeconds,
    }),
    "utf8",
  ).toString("base64url");
  const mac = createHmac("sha256", secret).update(body).digest("base64url");
  return `${body}.${mac}`;
}
