/** For tests of endpoints: a whole API server over a store in memory, asked without sockets. */
import { generateKeyPairSync } from "node:crypto";
import type { TestContext } from "node:test";
import { systemClock, type Clock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { kinds } from "../registry/kinds.ts";
import { newApiServer } from "../server.ts";

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
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const store = await openSqliteStore({ path: ":memory:" });
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const server = newApiServer({
    store, clock, log: silent, kinds, issuer: "https://kubernetes.default.svc", serviceCidr: "10.43.0.0/16",
    serviceAccountKeys: { signing: privateKey.export({ type: "pkcs8", format: "pem" }) as string },
  });
  const stop = new AbortController();
  const running = server.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    await store.close();
  });
  await server.ready;
  return { send: sender(server.handler), advance: (ms) => { ahead += ms; } };
}

const sender = (handler: ReturnType<typeof newApiServer>["handler"]): Served["send"] => async (method, url, sent = {}) => {
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
