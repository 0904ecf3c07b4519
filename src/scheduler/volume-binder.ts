import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { CSIDriver, CSIStorageCapacity, StorageClass } from "#api/gen/storage-v1.ts";
import { persistentVolumeClaims, persistentVolumes } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import type { Informer, Lister } from "#client/lister.ts";
import type { NodeInfo } from "./node-info.ts";
import { candidatesFor, selectedNodeAnnotation } from "#api/volume-matching.ts";
import { messageOf } from "#base/error-message.ts";
import { hasRoom } from "./storage-capacity.ts";
import { isBound, usableOn, waitsForConsumer } from "./volume-matching.ts";

/** Upstream: VolumeBindingArgs.BindTimeoutSeconds */
const bindTimeoutMs = 600_000;

/** What must be brought about before a pod may be bound to a node. */
export interface VolumeDecision {
  readonly bind: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provision: readonly PersistentVolumeClaim[];
}

export interface VolumeListers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  readonly drivers: Lister<CSIDriver>;
  readonly capacities: Lister<CSIStorageCapacity>;
}

/** Finds, claims and binds the volumes of pods. Remembers what it has promised until the API server shows it. */
export class VolumeBinder {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly #classes: Lister<StorageClass>;
  readonly #drivers: Lister<CSIDriver>;
  readonly #capacities: Lister<CSIStorageCapacity>;
  readonly #client: Client;
  readonly #clock: Clock;
  /** Volume name → key of the claim that it was promised to. */
  readonly #promised = new Map<string, string>();
  /** Key of a claim → the node on which its volume will be made. */
  readonly #selected = new Map<string, string>();

  constructor({ claims, volumes, classes, drivers, capacities }: VolumeListers, client: Client, clock: Clock) {
    this.claims = claims;
    this.volumes = volumes;
    this.#classes = classes;
    this.#drivers = drivers;
    this.#capacities = capacities;
    this.#client = client;
    this.#clock = clock;
  }

  waitsForConsumer(claim: PersistentVolumeClaim): boolean {
    return waitsForConsumer(claim, this.#classes);
  }

  /** Volumes that would do for the claim on some node, the smallest first. */
  candidates(claim: PersistentVolumeClaim): readonly PersistentVolume[] {
    const key = keyOf(claim);
    return candidatesFor(claim, this.volumes.list()).filter((v) => (this.#promised.get(v.metadata.name) ?? key) === key);
  }

  /** Whether a volume for the claim can be made on the node. */
  canProvision(claim: PersistentVolumeClaim, node: NodeInfo): boolean {
    const storageClass = this.#classes.get(claim.spec.storageClassName ?? "");
    if (storageClass === undefined || storageClass.provisioner === "" || storageClass.provisioner === "kubernetes.io/no-provisioner") return false;
    const terms = storageClass.allowedTopologies ?? [];
    return terms.length === 0 || terms.some((t) => (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.labels[e.key] ?? "")));
  }

  /** Whether its driver has room for it there, as far as the driver tells. */
  hasRoom(claim: PersistentVolumeClaim, node: NodeInfo): boolean {
    const driver = this.#drivers.get(this.#classes.get(claim.spec.storageClassName ?? "")?.provisioner ?? "");
    return hasRoom(claim, node.labels, driver, driver?.spec.storageCapacity === true ? this.#capacities.list() : []);
  }

  usableOn(volume: PersistentVolume, node: NodeInfo): boolean {
    return usableOn(volume, node);
  }

  /** The node on which the claim's volume is being made, for this pod or another one. */
  selectedNode(claim: PersistentVolumeClaim): string | undefined {
    return this.#selected.get(keyOf(claim)) ?? claim.metadata.annotations?.[selectedNodeAnnotation];
  }

  promise({ bind, provision }: VolumeDecision, node: string): void {
    for (const { claim, volume } of bind) this.#promised.set(volume.metadata.name, keyOf(claim));
    for (const claim of provision) this.#selected.set(keyOf(claim), node);
  }

  takeBack({ bind, provision }: VolumeDecision): void {
    for (const { volume } of bind) this.#promised.delete(volume.metadata.name);
    for (const claim of provision) this.#selected.delete(keyOf(claim));
  }

  /** Tells the API server, and waits until the volume controller has bound every claim. Throws when it will not come about. */
  async bind(decision: VolumeDecision, node: string, signal: AbortSignal): Promise<void> {
    for (const { claim, volume } of decision.bind) await this.#client.resource(persistentVolumes).update(preBound(volume, claim), { signal });
    const selected: PersistentVolumeClaim[] = [];
    for (const claim of decision.provision) selected.push(await this.#select(claim, node, signal));
    const claims = [...decision.bind.map((b) => b.claim), ...selected];
    if (claims.length > 0) await this.#untilBound(claims, node, selected, signal);
    this.takeBack(decision);
  }

  #select(claim: PersistentVolumeClaim, node: string, signal: AbortSignal): Promise<PersistentVolumeClaim> {
    if (claim.metadata.annotations?.[selectedNodeAnnotation] === node) return Promise.resolve(claim);
    const body = { metadata: { uid: claim.metadata.uid, annotations: { [selectedNodeAnnotation]: node } } };
    return this.#client.resource(persistentVolumeClaims).patch(claim.metadata.name, claim.metadata.namespace, { type: "merge", body }, { signal });
  }

  async #untilBound(claims: readonly PersistentVolumeClaim[], node: string, provisioned: readonly PersistentVolumeClaim[], signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      try {
        for (const claim of provisioned) this.#insistOnNode(claim, node);
        if (claims.every((claim) => isBound(this.#now(claim)))) resolve();
      } catch (err) {
        reject(err);
      }
    };
    const stop = this.claims.onChange(look);
    const ended = new AbortController();
    const timeout = this.#clock.sleep(bindTimeoutMs, AbortSignal.any([signal, ended.signal])).then(() => { throw new Error("context deadline exceeded"); });
    try {
      look();
      await Promise.race([promise, timeout]);
    } catch (cause) {
      throw new Error(`binding volumes: ${messageOf(cause)}`, { cause });
    } finally {
      stop();
      ended.abort();
      timeout.catch(() => {});
    }
  }

  /** The newer of what was written and what the cache has. */
  #now(claim: PersistentVolumeClaim): PersistentVolumeClaim {
    const cached = this.claims.get(keyOf(claim));
    if (cached === undefined) throw new Error(`persistentvolumeclaim "${claim.metadata.name}" not found`);
    return Number(cached.metadata.resourceVersion) >= Number(claim.metadata.resourceVersion) ? cached : claim;
  }

  /** A provisioner that fails takes the annotation away, so that another node can be tried. */
  #insistOnNode(claim: PersistentVolumeClaim, node: string): void {
    if (this.#now(claim).metadata.annotations?.[selectedNodeAnnotation] !== node) throw new Error(`provisioning failed for PVC "${claim.metadata.name}"`);
  }
}

/** The volume with a reference to its claim; the volume controller completes the binding. Upstream: GetBindVolumeToClaim */
function preBound(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): PersistentVolume {
  const { name, namespace = "", uid = "", resourceVersion = "" } = metadata;
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, "pv.kubernetes.io/bound-by-controller": "yes" } },
    spec: { ...volume.spec, claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name, uid, resourceVersion } },
  };
}
