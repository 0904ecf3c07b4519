/** An API server in this process, asked without sockets. */
import { generateKeyPairSync } from "node:crypto";
import { kinds } from "#apiserver/registry/kinds.ts";
import { newApiServer } from "#apiserver/server.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { inProcess } from "#client/in-process-transport.ts";
import type { Transport } from "#client/transport.ts";
import type { Store } from "#storage/store.ts";

export interface OwnServer {
  /** As a member of `system:masters`. */
  readonly transport: Transport;
  /** Ends it and closes the store. */
  readonly stop: () => Promise<void>;
}

export async function ownServer(store: Store): Promise<OwnServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = newApiServer({
    store, clock: systemClock, log: silent, kinds, issuer: "https://bench", serviceCidr: "10.43.0.0/16",
    serviceAccountKeys: { signing: privateKey.export({ type: "pkcs8", format: "pem" }) as string },
  });
  const stopping = new AbortController();
  const running = server.run(stopping.signal);
  await server.ready;
  return {
    transport: inProcess(server.handler, { name: "bench", groups: ["system:masters"] }),
    async stop() {
      stopping.abort();
      await running;
      await store.close();
    },
  };
}
