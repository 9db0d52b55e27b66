/** Everything the gateway reads from its environment, read once at start. */
export interface Config {
  port: number;
  identityUrl: string;
  bookingsUrl: string;
  billingUrl: string;
  redisUrl: string;
  principalSecret: string;
  legacyApiKeys: boolean;
  /** Longest wait for an introspection answer, in milliseconds. */
  introspectTimeoutMs: number;
  /** How long a positive introspection result may be reused. See ADR 0002. */
  positiveCacheMs: number;
  /** How long a negative one may be reused. */
  negativeCacheMs: number;
  /** Requests per minute for one session, and for one address without one. */
  ratePerSession: number;
  ratePerAddress: number;
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new Error(`environment variable ${name} is not set`);
  }
  return value;
}

function integer(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const raw = env[name];
  if (raw === undefined || raw === "") return fallback;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 0) {
    throw new Error(`${name} must be a non-negative integer, not ${raw}`);
  }
  return value;
}

export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const principalSecret = required(env, "PRINCIPAL_SECRET");
  if (principalSecret.length < 32) {
    throw new Error("PRINCIPAL_SECRET must be at least 32 characters");
  }
  return {
    port: integer(env, "PORT", 8080),
    identityUrl: required(env, "IDENTITY_URL"),
    bookingsUrl: required(env, "BOOKINGS_URL"),
    billingUrl: required(env, "BILLING_URL"),
    redisUrl: required(env, "REDIS_URL"),
    principalSecret,
    legacyApiKeys: env["LEGACY_API_KEYS"] === "on",
    introspectTimeoutMs: integer(env, "INTROSPECT_TIMEOUT_MS", 800),
    positiveCacheMs: integer(env, "POSITIVE_CACHE_MS", 20_000),
    negativeCacheMs: integer(env, "NEGATIVE_CACHE_MS", 5_000),
    ratePerSession: integer(env, "RATE_PER_SESSION", 240),
    ratePerAddress: integer(env, "RATE_PER_ADDRESS", 60),
  };
}
