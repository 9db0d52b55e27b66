import type { IncomingMessage, ServerResponse } from "node:http";

/** Who is asking, as the identity service told us. */
export interface Principal {
  subject: string;
  orgId: string;
  roles: string[];
  ports: string[];
  sessionId: string;
  expiresUnix: number;
}

/** What the middleware chain knows about one request. */
export interface Context {
  req: IncomingMessage;
  res: ServerResponse;
  requestId: string;
  path: string;
  principal?: Principal;
  /** Headers that the proxy adds to the upstream request. */
  upstreamHeaders: Record<string, string>;
}

export type Next = () => Promise<void>;
export type Middleware = (ctx: Context, next: Next) => Promise<void>;

/** Runs the middlewares in order, each one deciding whether to go on. */
export function compose(middlewares: Middleware[]): (ctx: Context) => Promise<void> {
  return (ctx) => {
    const step = async (index: number): Promise<void> => {
      const current = middlewares[index];
      if (current === undefined) return;
      let called = false;
      await current(ctx, () => {
        if (called) throw new Error("next() called twice");
        called = true;
        return step(index + 1);
      });
    };
    return step(0);
  };
}
