import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { cacheCheck } from "#apiserver/cacher/consistency.ts";
import { identityLease } from "#apiserver/identity-lease.ts";
import { newApiServer } from "#apiserver/server.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { newNodeConnect } from "#apiserver/connect/node-connect.ts";
import { kinds } from "#apiserver/registry/kinds.ts";
import { reviews } from "#apiserver/registry/reviews/reviews.ts";
import { steadyClock, systemClock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import type { Identity } from "#base/http.ts";
import { newLogger } from "#base/log.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { auditTo, type AuditOptions } from "./audit-log.ts";
import { controlPlane } from "./control-plane.ts";
import { explainTexts } from "./explain-texts.ts";
import { ensureServerPki } from "./instance-pki.ts";
import { nodeAddressOf } from "./node-address.ts";
import { storeText } from "./etcd-settings.ts";
import { memorySaver } from "./memory-saver.ts";
import { openStore } from "./open-store.ts";
import { kubeletPortProblem } from "./new-instance.ts";
import { claimRole, keeper } from "./processes.ts";
import { serverInstance, type ServerWishes } from "./server-instance.ts";
import { stopped } from "./signals.ts";
import { tuningOf } from "./tuning/flags.ts";
import { apiServerSettings } from "./tuning/parts.ts";
import { serverAddresses } from "./up.ts";

export interface ServerOptions extends ServerWishes, AuditOptions {
  readonly logLevel: string;
  /** Whether controllers and scheduler wait to be elected. Default: where other servers may share the store. */
  readonly leaderElect?: boolean;
  /** In seconds: how often the watch cache is compared with the store. The process ends at a difference. */
  readonly cacheCheck?: number;
  readonly watchCacheSize?: number;
}

const issuer = "https://kubernetes.default.svc.cluster.local";
const administrator: Identity = { name: "system:apiserver", groups: ["system:masters"] };

/** The control plane's process: API server, controllers, scheduler. Ends at SIGTERM when all accepted requests are answered. */
export async function server(options: ServerOptions): Promise<void> {
  const instance = await serverInstance(options);
  const log = newLogger("server", options.logLevel);
  const audit = auditTo(options);
  claimRole(instance, "server");
  const signal = stopped();
  const { address } = await nodeAddressOf(instance);
  const pki = ensureServerPki(instance, serverAddresses(instance, address), systemClock.now());
  const store = await openStore(instance, log);
  const settings = apiServerSettings(tuningOf(instance.controlPlane ?? {}));
  const [objects, parts] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const elect = options.leaderElect ?? instance.etcd !== undefined;
  try {
    const api = newApiServer({
      store, clock: systemClock, log, kinds: [...kinds, ...reviews], issuer, serviceCidr: instance.serviceCidr, describe: explainTexts(),
      serviceAccountKeys: { signing: pki.serviceAccountKey },
      started: { objects: objects.promise, parts: parts.promise },
      ...(audit && { audit }), ...(options.watchCacheSize !== undefined && { limits: { watchCacheEvents: options.watchCacheSize } }),
      settings,
      connect: (reader) => newNodeConnect({ reader, tls: { ca: pki.ca.cert, ...pki.kubeletClient } }),
    });
    const ended = Promise.withResolvers<void>();
    const answering: Component = { name: api.name, run: (until) => api.run(until, ended.promise) };
    const serving: Component = {
      name: "control plane",
      run: async (until) => {
        using _ = { [Symbol.dispose]: ended.resolve }; // leases are given back through the server
        await api.ready;
        await ensureBootstrapObjects(newClient(inProcess(api.handler, administrator)), systemClock.now(), until, settings.optional);
        objects.resolve();
        const port = await api.listen({ host: instance.bindAddress, port: instance.port, tls: { ca: pki.ca.cert, cert: pki.server.cert, key: pki.server.key }, requestHeader: { ca: pki.frontProxyCa.cert, names: ["front-proxy-client"] } });
        log.info({ address: instance.bindAddress, port, dataDir: instance.dataDir, store: storeText(instance) }, "server answers");
        const identity = identityLease({ client: newClient(inProcess(api.handler, administrator)), clock: systemClock, log, hostname: hostname(), server: `${hostname()}${instance.dataDir}`, process: randomUUID() });
        parts.resolve();
        await runAll([identity, ...controlPlane(api, { instance, address, ca: pki.ca, serviceAccountKey: pki.serviceAccountKey, log, clock: systemClock, steady: steadyClock, elect })], until);
      },
    };
    const check = options.cacheCheck === undefined ? [] : [cacheCheck(() => api.cacheDifferences(), steadyClock, options.cacheCheck * 1000)];
    await runAll([answering, serving, memorySaver(steadyClock, false), keeper(instance, "agent", systemClock, log, async () => (await kubeletPortProblem(instance)) !== undefined), ...check], signal);
  } finally {
    await store.close();
  }
}
