import type { ServerResponse } from "node:http";

/**
 * An error with a stable code that clients may rely on. The message is for
 * people and may change at any time.
 */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = "HttpError";
  }
}

export const unauthenticated = (code: string, message: string) =>
  new HttpError(401, code, message, { "www-authenticate": `Bearer error="${code}"` });

export const tooManyRequests = (retryAfterSeconds: number) =>
  new HttpError(429, "rate_limited", "Too many requests", {
    "retry-after": String(retryAfterSeconds),
  });

export const identityUnavailable = () =>
  new HttpError(503, "identity_unavailable", "Sign-in is temporarily unavailable", {
    "retry-after": "5",
  });

export function sendError(res: ServerResponse, error: unknown, requestId: string): void {
  const known =
    error instanceof HttpError
      ? error
      : new HttpError(500, "internal", "Something went wrong on our side");
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.writeHead(known.status, { "content-type": "application/json", ...known.headers });
  res.end(JSON.stringify({ error: { code: known.code, message: known.message, requestId } }));
}
