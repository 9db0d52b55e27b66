import type { IncomingMessage } from "node:http";
import type { IdentityClient } from "../clients/identityClient.js";
import type { Context, Middleware } from "../context.js";
import { unauthenticated } from "../errors.js";
import { signPrincipal } from "../principalHeader.js";

/**
 * First of the three places that decide whether a request may happen.
 *
 *   1. here: find the token, refuse what is obviously hopeless, ask identity;
 *   2. services/identity: signature, expiry, revocation (introspection.py);
 *   3. services/bookings: may this principal do this to that berth (policy.go).
 *
 * The gateway holds no signing key and never trusts a claim it read itself. The
 * pre-check exists to keep rubbish away from identity, nothing more.
 */

export const MAX_TOKEN_LENGTH = 4096;
export const SESSION_COOKIE = "hb_session";
const CLOCK_LEEWAY_SECONDS = 30;

/** Paths that must work without a session. Exact matches, no prefixes. */
const PUBLIC_PATHS = new Set([
  "/healthz",
  "/readyz",
  "/v2/session/login",
  "/v2/session/refresh",
  "/v2/ports",
]);

/**
 * The bearer header wins over the cookie. A request that carries both with
 * different tokens is refused: it is a confused client or somebody fixating a
 * session.
 */
export function extractToken(req: IncomingMessage): string | undefined {
  const header = req.headers.authorization;
  let bearer: string | undefined;
  if (header !== undefined) {
    const match = /^Bearer +([^\s]+)$/i.exec(header);
    if (match === null) {
      throw unauthenticated("malformed_header", "Authorization must be a bearer token");
    }
    bearer = match[1];
  }

  const cookie = readCookie(req.headers.cookie, SESSION_COOKIE);
  if (bearer !== undefined && cookie !== undefined && bearer !== cookie) {
    throw unauthenticated("ambiguous_credentials", "Two different tokens in one request");
  }
  return bearer ?? cookie;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) {
      return part.slice(at + 1).trim() || undefined;
    }
  }
  return undefined;
}

/**
 * Cheap checks that need no key: length, three segments, and an `exp` that has
 * not long passed. The claims are unverified; they may only be used to say no.
 */
export function precheck(token: string, nowSeconds: number): void {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw unauthenticated("invalid_token", "Token is too long");
  }
  const segments = token.split(".");
  if (segments.length !== 3 || segments.some((s) => !/^[A-Za-z0-9_-]+$/.test(s))) {
    throw unauthenticated("invalid_token", "Token is malformed");
  }
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(segments[1]!, "base64url").toString("utf8"));
  } catch {
    throw unauthenticated("invalid_token", "Token is malformed");
  }
  const exp = (claims as { exp?: unknown } | null)?.exp;
  if (typeof exp !== "number" || exp + CLOCK_LEEWAY_SECONDS < nowSeconds) {
    throw unauthenticated("token_expired", "Token has expired");
  }
}

export interface AuthenticateOptions {
  identity: Pick<IdentityClient, "introspect">;
  principalSecret: string;
  now?: () => number;
}

export function authenticate(options: AuthenticateOptions): Middleware {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));

  return async (ctx: Context, next) => {
    if (PUBLIC_PATHS.has(ctx.path)) return next();

    // A principal may have been set by a deprecated shim; see legacyApiKey.ts.
    if (ctx.principal === undefined) {
      const token = extractToken(ctx.req);
      if (token === undefined) throw unauthenticated("missing_token", "Sign in first");
      precheck(token, now());

      const answer = await options.identity.introspect(token, ctx.requestId);
      if (!answer.active) {
        throw unauthenticated(
          answer.reason === "expired" ? "token_expired" : "invalid_token",
          "Token is not valid",
        );
      }
      ctx.principal = answer.principal;
    }

    ctx.upstreamHeaders["x-harbour-principal"] = signPrincipal(
      ctx.principal,
      options.principalSecret,
      now(),
    );
    return next();
  };
}
