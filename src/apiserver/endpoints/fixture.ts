/** For tests of endpoints: a whole API server over a store in memory, asked without sockets. */
import type { TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { runServer, type RunningServer } from "../fixture.ts";

export interface Answer<T> { readonly status: number; readonly body: T; readonly warnings: string }
export interface Sent {
  /** Text is sent as it is, everything else as JSON. */
  readonly body?: unknown;
  readonly type?: string;
  readonly agent?: string;
  /** A master where left out. */
  readonly user?: string;
}

export interface Served {
  readonly send: <T = Record<string, unknown>>(method: string, path: string, sent?: Sent) => Promise<Answer<T>>;
  /** Moves the server's wall clock; its waits are real. */
  readonly advance: (ms: number) => void;
}

export async function serve(t: TestContext): Promise<Served> {
  let ahead = 0;
  const { handler } = await runServer(t, { clock: { ...systemClock, now: () => systemClock.now() + ahead } });
  return { send: sender(handler), advance: (ms) => { ahead += ms; } };
}

const sender = (handler: RunningServer["handler"]): Served["send"] => async (method, url, sent = {}) => {
  const { body, type = "application/json", agent = "test/1.0", user } = sent;
  const bytes = body === undefined ? [] : [Buffer.from(typeof body === "string" ? body : JSON.stringify(body))];
  const response = await handler({
    method, url, headers: { "content-type": type, "user-agent": agent }, body: piecesOf(bytes), signal: new AbortController().signal,
    identity: user === undefined ? { name: "admin", groups: ["system:masters"] } : { name: user, groups: [] },
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body instanceof Uint8Array ? piecesOf([response.body]) : response.body) pieces.push(piece);
  return { status: response.status, body: JSON.parse(Buffer.concat(pieces).toString()) as never, warnings: response.headers["warning"] ?? "" };
};

async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> { yield* pieces; }
