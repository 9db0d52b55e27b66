import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IdentityClient } from "../src/clients/identityClient.js";
import { HttpError } from "../src/errors.js";

function setup(answers: Array<() => Promise<Response>>) {
  let calls = 0;
  let clock = 1_000_000;
  const client = new IdentityClient({
    baseUrl: "http://identity",
    timeoutMs: 800,
    positiveCacheMs: 20_000,
    negativeCacheMs: 5_000,
    nowMs: () => clock,
    fetch: (async () => answers[Math.min(calls++, answers.length - 1)]!()) as typeof fetch,
  });
  return {
    client,
    calls: () => calls,
    advance: (ms: number) => {
      clock += ms;
    },
  };
}

const json =
  (body: unknown, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status });

const ACTIVE = {
  active: true,
  sub: "u-1",
  org_id: "org-tern",
  roles: ["agent"],
  ports: [],
  session_id: "s-1",
  exp: 9_999,
};

describe("IdentityClient", () => {
  it("remembers a positive answer for twenty seconds", async () => {
    const t = setup([json(ACTIVE)]);
    await t.client.introspect("tok", "R");
    t.advance(19_999);
    await t.client.introspect("tok", "R");
    assert.equal(t.calls(), 1);
    t.advance(2);
    await t.client.introspect("tok", "R");
    assert.equal(t.calls(), 2);
  });

  it("never remembers past the end of the token", async () => {
    const t = setup([json({ ...ACTIVE, exp: 1_003 })]);
    await t.client.introspect("tok", "R");
    t.advance(3_001);
    await t.client.introspect("tok", "R");
    assert.equal(t.calls(), 2);
  });

  it("asks once for concurrent requests with the same token", async () => {
    const t = setup([json(ACTIVE)]);
    await Promise.all([t.client.introspect("tok", "A"), t.client.introspect("tok", "B")]);
    assert.equal(t.calls(), 1);
  });

  it("fails closed when identity is away", async () => {
    const t = setup([
      async () => {
        throw new Error("ECONNREFUSED");
      },
    ]);
    await assert.rejects(
      t.client.introspect("tok", "R"),
      (error: unknown) => error instanceof HttpError && error.code === "identity_unavailable",
    );
  });

  it("does not use a stale answer when identity is away", async () => {
    const t = setup([json(ACTIVE), json({}, 500)]);
    await t.client.introspect("tok", "R");
    t.advance(20_001);
    await assert.rejects(t.client.introspect("tok", "R"));
  });
});
