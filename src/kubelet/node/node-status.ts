import { isDeepStrictEqual } from "node:util";
import { isStatus } from "#apimachinery/status.ts";
import type { ContainerImage, Node, NodeStatus, NodeSystemInfo } from "#api/gen/core-v1.ts";
import { isExtended } from "#api/resource-names.ts";
import { nodes } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { VolumesInUse } from "#volumes/csi/in-use.ts";
import type { PressureCondition } from "../eviction/signals.ts";
import { nodeConditions, runtimeCondition, turnsOf } from "./node-conditions.ts";
import { declaredFeatures } from "./node-features.ts";
import { architecture, systemInfo, type Resources } from "./node-info.ts";
import { Signalled } from "../signalled.ts";

const checkMs = 10_000;
/** While the node is not ready yet, it is looked at often: nothing can run before it is. */
const startingMs = 200;
/** An unchanged status is repeated after this. Upstream: nodeStatusReportFrequency */
const reportMs = 300_000;
const maxImages = 50;
const maxImageNames = 5;

export interface NodeOptions {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  readonly addresses: readonly string[];
  readonly kubeletPort: number;
  readonly resources: Resources;
  /** The Node as it is now, whoever wrote it; undefined while nobody knows. */
  readonly seen: () => Node | undefined;
  /** What comes and goes beside them, by name. */
  readonly devices: () => { readonly capacity: Readonly<Record<string, string>>; readonly allocatable: Readonly<Record<string, string>> };
  /** What the node runs short of. */
  readonly pressures: () => readonly PressureCondition[];
  /** Why the node goes down; undefined while it does not. */
  readonly shutdown: () => string | undefined;
  /** An event about the node. */
  readonly say: (type: "Normal" | "Warning", reason: string, message: string) => void;
  readonly labels?: Readonly<Record<string, string>>;
  /** What is known to be wrong with the runtime's programs; undefined where nobody has looked. */
  readonly runtimeFlaws?: readonly string[];
  readonly volumesInUse: VolumesInUse;
}

/** Registers the Node and keeps its status true. Upstream: pkg/kubelet/kubelet_node_status.go */
export class NodeStatusReporter implements Component {
  readonly name = "node status";
  readonly #options: NodeOptions;
  readonly #wake = new Signalled();
  #node: Node | undefined;
  #info: NodeSystemInfo | undefined;
  #reportedAt = 0;
  #unschedulable = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    options.volumesInUse.onChange(() => this.#wake.set()); // nothing is mounted before the server has seen it
  }

  /** The Node as the server had it last; undefined before it is registered. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Something about the node has changed: it is told now. */
  wake(): void {
    this.#wake.set();
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      const { clock, log } = this.#options;
      try {
        if (this.#node === undefined) await this.register(signal);
        await this.#report(signal);
      } catch (err) {
        if (isStatus(err, "NotFound")) this.#node = undefined; // somebody has deleted it: register again
        if (!signal.aborted) log.warn({ err: messageOf(err) }, "node status not reported");
      }
      const ready = this.#node?.status.conditions?.some((c) => c.type === "Ready" && c.status === "True") === true;
      await this.#wake.waitUntil(clock.now() + (ready ? checkMs : startingMs), clock, signal);
    });

  /** Makes the Node, or adopts the one that is there. Rejects when the server does not take it. */
  async register(signal: AbortSignal): Promise<Node> {
    const { client, nodeName } = this.#options;
    const labels = this.#labels();
    const wanted: Node = {
      kind: "Node",
      apiVersion: "v1",
      spec: {},
      status: await this.#status(undefined),
      metadata: { name: nodeName, labels, annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" } },
    };
    try {
      this.#node = await client.resource(nodes).create(wanted, { signal });
      this.#tellTurns(undefined, wanted.status);
      this.#reportedAt = this.#options.clock.now();
    } catch (err) {
      if (!isStatus(err, "AlreadyExists")) throw err;
      this.#node = await client.resource(nodes).get(nodeName, undefined, signal);
      const missing = Object.entries(labels).some(([key, value]) => this.#node?.metadata.labels?.[key] !== value);
      if (missing)
        this.#node = await client.resource(nodes).patch(nodeName, undefined, { type: "strategic", body: { metadata: { labels } } }, { signal });
    }
    return this.#node;
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { client, nodeName, clock } = this.#options;
    this.#tellSchedulable();
    const old = this.#latest()?.status ?? {};
    const status = await this.#status(old);
    if (isDeepStrictEqual(withoutTimes(status), withoutTimes(kept(old, status))) && clock.now() - this.#reportedAt < reportMs) return;
    this.#node = await client.resource(nodes).patch(nodeName, undefined, { type: "strategic", body: { status: { ...status, allocatable: { ...gone(old, status), ...status.allocatable } } } }, { subresource: "status", signal });
    this.#tellTurns(old, status);
    this.#reportedAt = clock.now();
  }

  /** Others write the status too: of a node that was cut off a controller says that it is not ready, and only this kubelet takes it back. */
  #latest(): Node | undefined {
    const seen = this.#options.seen();
    return Number(seen?.metadata.resourceVersion ?? 0) > Number(this.#node?.metadata.resourceVersion ?? 0) ? seen : this.#node;
  }

  #tellTurns(old: NodeStatus | undefined, status: NodeStatus | undefined): void {
    for (const turn of turnsOf(old?.conditions ?? [], status?.conditions ?? [])) this.#tellStatus(turn);
    const [before = "", now = ""] = [old?.nodeInfo?.bootID, status?.nodeInfo?.bootID];
    if (before !== "" && before !== now) this.#options.say("Warning", "Rebooted", `Node ${this.#options.nodeName} has been rebooted, boot id: ${now}`);
  }

  /** Of a cordon that is there when the kubelet starts it tells, too. */
  #tellSchedulable(): void {
    const unschedulable = this.#latest()?.spec.unschedulable === true;
    if (unschedulable !== this.#unschedulable) this.#tellStatus(unschedulable ? "NodeNotSchedulable" : "NodeSchedulable");
    this.#unschedulable = unschedulable;
  }

  #tellStatus(reason: string): void {
    this.#options.say("Normal", reason, `Node ${this.#options.nodeName} status is now: ${reason}`);
  }

  async #status(old: NodeStatus | undefined): Promise<NodeStatus> {
    const { runtime, clock, addresses, nodeName, kubeletPort, resources, pressures, runtimeFlaws } = this.#options;
    const [devices, foreign] = [this.#options.devices(), extendedIn((this.#options.seen() ?? this.#node)?.status.capacity)];
    const [state, images] = await Promise.all([runtime.status({}).catch(() => undefined), this.#images()]);
    const inUse = this.#options.volumesInUse.names;
    this.#info ??= await systemInfo(runtime).catch(() => undefined);
    const [before, now] = [old?.conditions ?? [], timestamp(clock.now())];
    const handlers = (state?.runtimeHandlers ?? []).map(({ name, features }) => ({
      ...(name !== undefined && name !== "" && { name }),
      features: { recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts === true, userNamespaces: features?.userNamespaces === true },
    }));
    return {
      capacity: { ...foreign, ...resources.capacity, ...devices.capacity },
      allocatable: { ...foreign, ...resources.allocatable, ...devices.allocatable },
      conditions: [...nodeConditions(pressures(), state, before, now, this.#options.shutdown()), ...(runtimeFlaws === undefined ? [] : [runtimeCondition(runtimeFlaws, before, now)])],
      addresses: [...addresses.map((address) => ({ type: "InternalIP" as const, address })), { type: "Hostname" as const, address: nodeName }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      images,
      ...((inUse.length > 0 || (old?.volumesInUse ?? []).length > 0) && { volumesInUse: [...inUse] }),
      ...(this.#info !== undefined && { nodeInfo: this.#info }),
      ...(handlers.length > 0 && { runtimeHandlers: handlers }),
      declaredFeatures: [...declaredFeatures],
      ...(state?.features !== undefined && { features: { supplementalGroupsPolicy: state.features.supplementalGroupsPolicy === true } }),
    };
  }

  async #images(): Promise<ContainerImage[]> {
    const { images = [] } = await this.#options.runtime.images.listImages({}).catch(() => ({ images: [] }));
    return images
      .map(({ repoDigests = [], repoTags = [], size }) => ({
        names: [...repoDigests, ...repoTags].slice(0, maxImageNames),
        sizeBytes: Number(size ?? 0),
      }))
      .filter(({ names }) => names.length > 0)
      .sort((a, b) => b.sizeBytes - a.sizeBytes || ((a.names[0] ?? "") < (b.names[0] ?? "") ? -1 : 1))
      .slice(0, maxImages);
  }

  #labels(): Record<string, string> {
    const arch = architecture();
    return {
      "kubernetes.io/hostname": this.#options.nodeName,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": arch,
      "beta.kubernetes.io/os": "linux",
      "beta.kubernetes.io/arch": arch,
      ...this.#options.labels,
    };
  }
}

/** What somebody has told the API server that the node has: all of it can be given out. Upstream: pkg/kubelet/nodestatus/setters.go MachineInfo */
const extendedIn = (capacity: NodeStatus["capacity"] = {}): Record<string, string> => Object.fromEntries(Object.entries(capacity).filter(([name]) => isExtended(name)));

/** Takes out of a patched status what can no longer be given out. */
const gone = (old: NodeStatus, { allocatable = {} }: NodeStatus): Record<string, null> =>
  Object.fromEntries(Object.keys(extendedIn(old.allocatable)).filter((name) => !(name in allocatable)).map((name) => [name, null]));

/** Of the old status, what the kubelet itself says: conditions of other types are others' matter. */
const kept = (old: NodeStatus, status: NodeStatus): NodeStatus => ({
  ...Object.fromEntries(Object.keys(status).map((key) => [key, (old as Record<string, unknown>)[key]])),
  conditions: (old.conditions ?? []).filter(({ type }) => status.conditions?.some((own) => own.type === type)),
});

const withoutTimes = (status: NodeStatus): NodeStatus => ({
  ...status,
  conditions: (status.conditions ?? [])
    .map(({ type, status: value, reason = "", message = "" }) => ({ type, status: value, reason, message }))
    .sort((a, b) => (a.type < b.type ? -1 : 1)),
});
