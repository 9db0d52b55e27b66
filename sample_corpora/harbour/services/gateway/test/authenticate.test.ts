import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, it } from "node:test";
import type { Introspection } from "../src/clients/identityClient.js";
import type { Context } from "../src/context.js";
import { HttpError } from "../src/errors.js";
import { authenticate, extractToken, precheck } from "../src/middleware/authenticate.js";

const NOW = 1_742_280_000;
const SECRET = "a-secret-that-is-long-enough-for-tests";

function token(exp: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ exp })}.c2ln`;
}

function request(headers: Record<string, string>): IncomingMessage {
  return { headers, method: "GET" } as unknown as IncomingMessage;
}

function context(path: string, headers: Record<string, string>): Context {
  return {
    req: request(headers),
    res: {} as ServerResponse,
    requestId: "R",
    path,
    upstreamHeaders: {},
  };
}

const hasCode = (code: string) => (error: unknown) =>
  error instanceof HttpError && error.code === code;

describe("extractToken", () => {
  it("prefers the bearer header", () => {
    assert.equal(extractToken(request({ authorization: "Bearer a.b.c" })), "a.b.c");
  });

  it("falls back to the session cookie", () => {
    assert.equal(extractToken(request({ cookie: "theme=dark; hb_session=a.b.c" })), "a.b.c");
  });

  it("refuses two different tokens", () => {
    assert.throws(
      () => extractToken(request({ authorization: "Bearer a.b.c", cookie: "hb_session=d.e.f" })),
      hasCode("ambiguous_credentials"),
    );
  });

  it("refuses other schemes", () => {
    assert.throws(
      () => extractToken(request({ authorization: "Basic Zm9vOmJhcg==" })),
      hasCode("malformed_header"),
    );
  });
});

describe("precheck", () => {
  it("accepts a token that expired within the leeway", () => {
    precheck(token(NOW - 29), NOW);
  });

  it("refuses one that expired before that", () => {
    assert.throws(() => precheck(token(NOW - 31), NOW), hasCode("token_expired"));
  });

  it("refuses a token without exp, with two segments, or far too long", () => {
    assert.throws(() => precheck(token(undefined), NOW), hasCode("token_expired"));
    assert.throws(() => precheck("a.b", NOW), hasCode("invalid_token"));
    assert.throws(() => precheck("a".repeat(5000), NOW), hasCode("invalid_token"));
  });
});

describe("authenticate", () => {
  const active: Introspection = {
    active: true,
    principal: {
      subject: "u-1",
      orgId: "org-vinga",
      roles: ["berth_planner"],
      ports: ["SEGOT"],
      sessionId: "s-1",
      expiresUnix: NOW + 600,
    },
  };

  const middleware = (answer: Introspection) =>
    authenticate({
      identity: { introspect: async () => answer },
      principalSecret: SECRET,
      now: () => NOW,
    });

  it("signs the principal for upstream", async () => {
    const ctx = context("/v2/berths", { authorization: `Bearer ${token(NOW + 600)}` });
    await middleware(active)(ctx, async () => {});
    const [body, mac] = ctx.upstreamHeaders["x-harbour-principal"]!.split(".");
    assert.equal(mac, createHmac("sha256", SECRET).update(body!).digest("base64url"));
    assert.deepEqual(JSON.parse(Buffer.from(body!, "base64url").toString()), {
      sub: "u-1",
      org: "org-vinga",
      roles: ["berth_planner"],
      ports: ["SEGOT"],
      sid: "s-1",
      iat: NOW,
    });
  });

  it("lets public paths through without a principal", async () => {
    const ctx = context("/v2/ports", {});
    let reached = false;
    await middleware(active)(ctx, async () => {
      reached = true;
    });
    assert.ok(reached);
    assert.equal(ctx.principal, undefined);
  });

  it("does not treat a public path as a prefix", async () => {
    const ctx = context("/v2/ports/SEGOT/berths", {});
    await assert.rejects(
      middleware(active)(ctx, async () => {}),
      hasCode("missing_token"),
    );
  });

  it("turns an inactive answer into a 401", async () => {
    const ctx = context("/v2/berths", { authorization: `Bearer ${token(NOW + 600)}` });
    await assert.rejects(
      middleware({ active: false, reason: "revoked" })(ctx, async () => {}),
      hasCode("invalid_token"),
    );
  });
});
