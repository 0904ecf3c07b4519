/** For tests: a whole API server over a store in memory, asked without sockets and ended with the test. */
import { generateKeyPairSync } from "node:crypto";
import type { TestContext } from "node:test";
import { systemClock, type Clock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import type { Store } from "#storage/store.ts";
import { kinds } from "./registry/kinds.ts";
import { newApiServer, type ApiServer } from "./server.ts";

export interface RunningServer {
  readonly store: Store;
  readonly handler: ApiServer["handler"];
  /** Aborted when the test ends. */
  readonly signal: AbortSignal;
}

/** @param existing another server's store, which that one closes */
export async function runServer(t: TestContext, { existing, clock = systemClock }: { readonly existing?: Store | undefined; readonly clock?: Clock } = {}): Promise<RunningServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const store = existing ?? await openSqliteStore({ path: ":memory:" });
  const server = newApiServer({
    store, clock, log: silent, kinds, issuer: "https://kubernetes.default.svc", serviceCidr: "10.43.0.0/16",
    serviceAccountKeys: { signing: privateKey.export({ type: "pkcs8", format: "pem" }) as string },
  });
  const stop = new AbortController();
  const running = server.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    if (existing === undefined) await store.close();
  });
  await server.ready;
  return { store, handler: server.handler, signal: stop.signal };
}
