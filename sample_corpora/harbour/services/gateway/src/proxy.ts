import { request as httpRequest } from "node:http";
import type { Config } from "./config.js";
import type { Middleware } from "./context.js";
import { HttpError } from "./errors.js";

export interface Route {
  prefix: string;
  upstream: string;
  /** Longest wait for the first byte of the answer, in milliseconds. */
  timeoutMs: number;
  /** Largest request body, in bytes. */
  maxBody: number;
}

const KIB = 1024;

/** The first match wins, so longer prefixes come first. */
export function routes(config: Config): Route[] {
  return [
    { prefix: "/v2/session/", upstream: config.identityUrl, timeoutMs: 3_000, maxBody: 8 * KIB },
    { prefix: "/v2/bookings", upstream: config.bookingsUrl, timeoutMs: 5_000, maxBody: 64 * KIB },
    { prefix: "/v2/berths", upstream: config.bookingsUrl, timeoutMs: 5_000, maxBody: 8 * KIB },
    { prefix: "/v2/ports", upstream: config.bookingsUrl, timeoutMs: 5_000, maxBody: 8 * KIB },
    { prefix: "/v2/invoices", upstream: config.billingUrl, timeoutMs: 8_000, maxBody: 8 * KIB },
  ];
}

export function findRoute(table: Route[], path: string): Route | undefined {
  return table.find(
    (route) =>
      path === route.prefix ||
      path.startsWith(route.prefix.endsWith("/") ? route.prefix : route.prefix + "/"),
  );
}

/** Hop-by-hop headers, and the credentials that end at the gateway. */
const NOT_FORWARDED = new Set([
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "authorization",
  "cookie",
  "x-api-key",
]);

export function proxy(table: Route[]): Middleware {
  return (ctx) =>
    new Promise<void>((resolve, reject) => {
      const route = findRoute(table, ctx.path);
      if (route === undefined) {
        reject(new HttpError(404, "not_found", "No such resource"));
        return;
      }

      const headers: Record<string, string | string[]> = { ...ctx.upstreamHeaders };
      for (const [name, value] of Object.entries(ctx.req.headers)) {
        if (value !== undefined && !NOT_FORWARDED.has(name) && !(name in headers)) {
          headers[name] = value;
        }
      }

      const target = new URL(ctx.req.url ?? "/", route.upstream);
      const upstream = httpRequest(target, { method: ctx.req.method, headers });
      let sent = 0;

      upstream.setTimeout(route.timeoutMs, () => {
        upstream.destroy(new HttpError(504, "upstream_timeout", "The service took too long"));
      });
      upstream.on("response", (answer) => {
        ctx.res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(ctx.res);
        answer.on("end", resolve);
        answer.on("error", reject);
      });
      upstream.on("error", (error) => {
        reject(
          error instanceof HttpError
            ? error
            : new HttpError(502, "upstream_unreachable", "The service cannot be reached"),
        );
      });

      ctx.req.on("data", (chunk: Buffer) => {
        sent += chunk.length;
        if (sent > route.maxBody) {
          upstream.destroy(new HttpError(413, "body_too_large", "The request body is too large"));
        }
      });
      ctx.req.pipe(upstream);
    });
}
