import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { newApiServer, type ApiServer } from "#apiserver/server.ts";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { newNodeConnect } from "#apiserver/connect/node-connect.ts";
import { kinds } from "#apiserver/registry/kinds.ts";
import { reviews } from "#apiserver/registry/reviews/reviews.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import type { Identity } from "#base/http.ts";
import { newLogger, type Logger } from "#base/log.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { newInformers } from "#client/informers.ts";
import type { Client } from "#client/client.ts";
import { nthAddress } from "#cni/addresses.ts";
import { controllers } from "#controllers/index.ts";
import { newScheduler } from "#scheduler/scheduler.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { explainTexts } from "./explain-texts.ts";
import { ensureServerPki } from "./instance-pki.ts";
import { loadInstance, type Instance } from "./instance.ts";
import { nodeAddressOf } from "./node-address.ts";
import { claimRole, keeper } from "./processes.ts";
import { stopped } from "./signals.ts";
import { serverAddresses } from "./up.ts";
import { UserError } from "./user-error.ts";

export interface ServerOptions { readonly dataDir: string; readonly port?: number; readonly bindAddress?: string; readonly logLevel: string }

const issuer = "https://kubernetes.default.svc.cluster.local";
const administrator: Identity = { name: "system:apiserver", groups: ["system:masters"] };

/** The control plane's process: API server, controllers, scheduler. Ends at SIGTERM when all accepted requests are answered. */
export async function server(options: ServerOptions): Promise<void> {
  const found = loadInstance(options.dataDir);
  if (found === undefined) throw new UserError(`There is no instance in ${options.dataDir}: "seedpod up" makes one.`);
  const instance = { ...found, port: options.port ?? found.port, bindAddress: options.bindAddress ?? found.bindAddress };
  const log = newLogger("server", options.logLevel);
  claimRole(instance, "server");
  const signal = stopped();
  const { address } = await nodeAddressOf(instance);
  const pki = ensureServerPki(instance, serverAddresses(instance, address), systemClock.now());
  mkdirSync(dirname(instance.storeFile), { recursive: true, mode: 0o700 });
  const store = await openSqliteStore({ path: instance.storeFile });
  try {
    const api = newApiServer({
      store, clock: systemClock, log, kinds: [...kinds, ...reviews], issuer, serviceCidr: instance.serviceCidr, describe: explainTexts(),
      serviceAccountKeys: { signing: pki.serviceAccountKey },
      connect: (reader) => newNodeConnect({ reader, tls: { ca: pki.ca.cert, ...pki.kubeletClient } }),
    });
    const serving: Component = {
      name: "control plane",
      run: async (until) => {
        await api.ready;
        await ensureBootstrapObjects(newClient(inProcess(api.handler, administrator)), until);
        const port = await api.listen({ host: instance.bindAddress, port: instance.port, tls: { ca: pki.ca.cert, cert: pki.server.cert, key: pki.server.key } });
        log.info({ address: instance.bindAddress, port, dataDir: instance.dataDir }, "server answers");
        await runAll(controlPlane(api, { instance, address, ca: pki.ca.cert, log, clock: systemClock, signal: until }), until);
      },
    };
    await runAll([api, serving, keeper(instance, "agent", systemClock, log)], signal);
  } finally {
    await store.close();
  }
}

interface Deps { readonly instance: Instance; readonly address: string; readonly ca: string; readonly log: Logger; readonly clock: Clock; readonly signal: AbortSignal }

/** Controllers and scheduler: clients in the same process, each under its own name. */
function controlPlane(api: ApiServer, { instance, address, ca, log, clock, signal }: Deps): Component[] {
  const as = (name: string): Client => newClient(inProcess(api.handler, { name, groups: [] }), clock);
  const [manager, scheduling] = [as("system:kube-controller-manager"), as("system:kube-scheduler")];
  const managerInformers = newInformers(manager, clock, log);
  const schedulerInformers = newInformers(scheduling, clock, log);
  return [
    controllers({
      client: manager, informers: managerInformers, clock, log, events: (component) => newEventRecorder(manager, component, undefined, clock, signal),
      rootCa: ca, clusterCidr: instance.podCidr, serviceIP: nthAddress(instance.serviceCidr, 1), apiServerAddress: address, apiServerPort: instance.port,
    }),
    managerInformers,
    newScheduler({ client: scheduling, informers: schedulerInformers, events: newEventRecorder(scheduling, "default-scheduler", undefined, clock, signal), clock, log }),
    schedulerInformers,
  ];
}
