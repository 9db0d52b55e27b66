import { createServer } from "node:http";
import { createClient } from "redis";
import { IdentityClient } from "./clients/identityClient.js";
import { loadConfig } from "./config.js";
import { compose, type Context, type Middleware } from "./context.js";
import { sendError } from "./errors.js";
import { log } from "./log.js";
import { authenticate } from "./middleware/authenticate.js";
import { legacyApiKey, type LegacyKey } from "./middleware/legacyApiKey.js";
import { rateLimit } from "./middleware/rateLimit.js";
import { requestId } from "./middleware/requestId.js";
import { proxy, routes } from "./proxy.js";

const config = loadConfig();
const redis = createClient({ url: config.redisUrl });
redis.on("error", (error) => log("warn", "", "redis_error", { cause: String(error) }));
await redis.connect();

const identity = new IdentityClient({
  baseUrl: config.identityUrl,
  timeoutMs: config.introspectTimeoutMs,
  positiveCacheMs: config.positiveCacheMs,
  negativeCacheMs: config.negativeCacheMs,
});

const legacyKeys: LegacyKey[] = JSON.parse(process.env["LEGACY_API_KEY_LIST"] ?? "[]");
let draining = false;

const health: Middleware = async (ctx, next) => {
  if (ctx.path === "/healthz" || ctx.path === "/readyz") {
    const ready = ctx.path === "/healthz" || !draining;
    ctx.res.writeHead(ready ? 200 : 503).end();
    return;
  }
  return next();
};

// The order matters: the id first, so that every refusal can be found in the
// log; the rate limit after authentication, so that it can count per session.
const handle = compose([
  requestId(),
  health,
  legacyApiKey(config.legacyApiKeys, legacyKeys),
  authenticate({ identity, principalSecret: config.principalSecret }),
  rateLimit({
    counters: redis,
    perSession: config.ratePerSession,
    perAddress: config.ratePerAddress,
  }),
  proxy(routes(config)),
]);

const server = createServer((req, res) => {
  const ctx: Context = {
    req,
    res,
    requestId: "",
    path: new URL(req.url ?? "/", "http://gateway").pathname,
    upstreamHeaders: {},
  };
  handle(ctx).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "HttpError") {
      log("error", ctx.requestId, "unhandled", { cause: String(error) });
    }
    sendError(res, error, ctx.requestId);
  });
});

server.listen(config.port, () => log("info", "", "listening", { port: config.port }));

// Kubernetes sends SIGTERM and stops routing to us a little later, so stay up
// for ten seconds after saying that we are not ready.
process.on("SIGTERM", () => {
  draining = true;
  setTimeout(() => {
    server.close(() => {
      void redis.quit().finally(() => process.exit(0));
    });
  }, 10_000);
});
