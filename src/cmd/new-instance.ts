import { hostname } from "node:os";
import { createServer } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { pickFree } from "#cni/addresses.ts";
import type { ChosenSettings } from "#kubelet/settings/read-settings.ts";
import { readHostNetwork } from "#cni/host-network.ts";
import { instancePaths, saveInstance, settingsOf, type EtcdSettings, type Instance } from "./instance.ts";
import { tuningOf, type Chosen } from "./tuning/flags.ts";
import { UserError } from "./user-error.ts";

export interface Wishes { readonly name: string; readonly dataDir: string; readonly port?: number; readonly bindAddress?: string; readonly store?: "sqlite" | EtcdSettings; readonly kubelet?: ChosenSettings; readonly controlPlane?: Chosen }

const firstPort = 6443;
const firstKubeletPort = 10250;
const portsTried = 100;
/** Pods get the even networks, services the odd one after. */
const podNetworks = Array.from({ length: 80 }, (_, i) => `10.${42 + 2 * i}.0.0/16`);
const everyAddress = "0.0.0.0";

/** Chooses what nobody asked for (port, networks) so that it meets nothing on this host, and writes `instance.json`. */
export async function newInstance(wishes: Wishes): Promise<Instance> {
  const bindAddress = wishes.bindAddress ?? everyAddress;
  const { taken } = await readHostNetwork([instancePaths(wishes.dataDir).bridge]).catch(() => ({ taken: [] })); // a server alone may run where iproute2 is not
  const podCidr = pickFree(podNetworks, [...taken, ...taken.map(before)]);
  if (podCidr === undefined) throw new UserError("Every network from 10.42.0.0/16 to 10.201.0.0/16 is in use on this host; there is none left for pods.");
  return saveInstance(wishes.dataDir, {
    name: wishes.name,
    bindAddress,
    port: wishes.port ?? (await freePort(bindAddress, firstPort, "--port")),
    podCidr,
    serviceCidr: podCidr.replace(/^10\.(\d+)/, (_, second: string) => `10.${Number(second) + 1}`),
    nodeName: nodeNameOf(hostname()),
    kubeletPort: await freePort(everyAddress, firstKubeletPort),
    ...(typeof wishes.store === "object" && { etcd: wishes.store }),
    ...(wishes.kubelet && { kubelet: wishes.kubelet }),
    ...(wishes.controlPlane && { controlPlane: wishes.controlPlane }),
  });
}

/** Takes over what is asked for differently this time. */
export function changed(instance: Instance, wishes: Wishes): Instance {
  const port = wishes.port ?? instance.port;
  const bindAddress = wishes.bindAddress ?? instance.bindAddress;
  requireSameState(instance, wishes);
  const etcd = typeof wishes.store === "object" ? wishes.store : instance.etcd;
  const kubelet = wishes.kubelet ?? instance.kubelet;
  const next = { ...settingsOf(instance), port, bindAddress, ...(etcd && { etcd }), ...(kubelet && { kubelet }), ...withControlPlane(instance, wishes) };
  return isDeepStrictEqual(next, settingsOf(instance)) ? instance : saveInstance(instance.dataDir, next);
}

/** Settings of the control plane stay, one by one, until they are told otherwise. */
export function withControlPlane({ controlPlane: before }: Pick<Instance, "controlPlane">, { controlPlane: wished }: Pick<Wishes, "controlPlane">): Pick<Instance, "controlPlane"> {
  const controlPlane = { ...before, ...wished };
  tuningOf(controlPlane); // what was told now and what was before may contradict each other
  return Object.keys(controlPlane).length === 0 ? {} : { controlPlane };
}

/** An instance's state does not move: with another store it would begin empty, with another prefix as well. */
function requireSameState({ dataDir, etcd }: Instance, { store }: Wishes): void {
  if (store === undefined) return;
  const [was, asked] = [etcd?.prefix, typeof store === "object" ? store.prefix : undefined];
  if (was === asked) return;
  const place = (prefix: string | undefined): string => (prefix === undefined ? "in SQLite" : `in etcd under ${prefix}`);
  throw new UserError(`The instance in ${dataDir} keeps its state ${place(was)}; it cannot go on ${place(asked)}. Choose another --name, or forget it with "seedpod down --purge".`);
}

/** Throws `UserError` when somebody else listens there. */
export async function requireFreePort(address: string, port: number): Promise<void> {
  const code = await listens(address, port);
  if (code === undefined) return;
  if (code === "EADDRINUSE") throw new UserError(`Port ${port} is in use by another program: choose another one with --port.`);
  if (code === "EADDRNOTAVAIL") throw new UserError(`${address} is not an address of this machine: choose another one with --bind-address.`);
  if (code === "EACCES") throw new UserError(`Port ${port} needs root: choose one above 1023 with --port.`);
  throw new UserError(`Cannot listen on ${address} port ${port} (${code}).`);
}

/** Another port for the kubelet where somebody else has taken the one it had, while it did not run: nobody chose it. */
export async function withKubeletPort(instance: Instance): Promise<Instance> {
  if ((await kubeletPortProblem(instance)) === undefined) return instance;
  return saveInstance(instance.dataDir, { ...settingsOf(instance), kubeletPort: await freePort(everyAddress, firstKubeletPort) });
}

/** Why the kubelet of this instance cannot listen; undefined when it can. */
export async function kubeletPortProblem({ kubeletPort }: Pick<Instance, "kubeletPort">): Promise<string | undefined> {
  const code = await listens(everyAddress, kubeletPort);
  if (code === undefined) return undefined;
  if (code !== "EADDRINUSE") return `The kubelet cannot listen on port ${kubeletPort} (${code}).`;
  return `Port ${kubeletPort} is in use by another program, and this instance's kubelet listens on it: end that program, or run "seedpod up" to have another port chosen.`;
}

async function freePort(address: string, first: number, flag?: string): Promise<number> {
  for (let port = first; port < first + portsTried; port++) {
    const code = await listens(address, port);
    if (code === undefined) return port;
    if (code !== "EADDRINUSE") await requireFreePort(address, port);
  }
  throw new UserError(`Every port from ${first} to ${first + portsTried - 1} is in use${flag === undefined ? "" : `: choose one with ${flag}`}.`);
}

/** The error's code, or undefined when one can listen there. */
function listens(address: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const probe = createServer();
  probe.once("error", (err: NodeJS.ErrnoException) => resolve(err.code ?? err.message));
  probe.listen(port, address, () => probe.close(() => resolve(undefined)));
  return promise;
}

/** The network whose services' network this one is: both must be free. */
const before = (network: string): string => network.replace(/^10\.(\d+)\..*$/, (_, second: string) => `10.${Math.max(0, Number(second) - 1)}.0.0/16`);

/** A host's name as a node may be called. */
const nodeNameOf = (host: string): string => host.toLowerCase().replace(/[^a-z0-9.-]/g, "-").replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "") || "node";
