import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ApiServer } from "#apiserver/server.ts";
import type { Clock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { KeyPair } from "#base/pki.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { newInformers } from "#client/informers.ts";
import { elected } from "#client/leader-election.ts";
import { nthAddress } from "#cni/addresses.ts";
import { controllers } from "#controllers/index.ts";
import { newScheduler } from "#scheduler/scheduler.ts";
import type { Instance } from "./instance.ts";
import { tuningOf } from "./tuning/flags.ts";
import { controllerSettings, electionTimes } from "./tuning/parts.ts";

export interface ControlPlaneDeps { readonly instance: Instance; readonly address: string; readonly ca: KeyPair; readonly serviceAccountKey: string; readonly log: Logger; readonly clock: Clock; /** Never steps: measures waits. */ readonly steady: Clock; /** Whether other servers may run the same. */ readonly elect: boolean }

/** Controllers and scheduler: clients in the same process, each under its own name. Of several servers, one runs each. */
export function controlPlane(api: ApiServer, deps: ControlPlaneDeps): Component[] {
  const as = (name: string): Client => newClient(inProcess(api.handler, { name, groups: [] }), deps.clock);
  const [manager, scheduling] = [as("system:kube-controller-manager"), as("system:kube-scheduler")];
  return [
    once("kube-controller-manager", manager, deps, (signal) => managerParts(manager, deps, signal)),
    once("kube-scheduler", scheduling, deps, (signal) => schedulerParts(scheduling, deps, signal)),
  ];
}

/** @param make the parts, anew for each term of office */
function once(name: string, client: Client, { instance, log, steady, elect }: ControlPlaneDeps, make: (signal: AbortSignal) => Component[]): Component {
  const part = (): Component => ({ name, run: (signal) => runAll(make(signal), signal) });
  return elect ? elected({ client, clock: steady, log, name, identity: `${hostname()}_${randomUUID()}`, times: electionTimes(tuningOf(instance.controlPlane ?? {})) }, part) : part();
}

function managerParts(client: Client, { instance, address, ca, serviceAccountKey, log, clock, steady }: ControlPlaneDeps, signal: AbortSignal): Component[] {
  const informers = newInformers(client, steady, log);
  return [
    controllers({
      client, informers, clock, steady, log, events: (component) => newEventRecorder(client, component, undefined, clock, signal),
      rootCa: ca.cert, signingCa: ca, serviceAccountKey, clusterCidr: instance.podCidr, serviceCidr: instance.serviceCidr, serviceIP: nthAddress(instance.serviceCidr, 1), apiServerAddress: address, apiServerPort: instance.port,
      settings: controllerSettings(tuningOf(instance.controlPlane ?? {})),
    }),
    informers,
  ];
}

function schedulerParts(client: Client, { log, clock, steady }: ControlPlaneDeps, signal: AbortSignal): Component[] {
  const informers = newInformers(client, steady, log);
  return [newScheduler({ client, informers, events: newEventRecorder(client, "default-scheduler", undefined, clock, signal), clock, steady, log }), informers];
}
