import type { Pod, Volume } from "#api/gen/core-v1.ts";
import { pods } from "#api/resources.ts";
import type { Feed } from "../cacher/feed.ts";
import type { Item } from "../cacher/item.ts";
import { prefixOf } from "../cacher/keys.ts";
import { Watcher } from "../cacher/watcher.ts";

/** `secret default/token`: a thing of the pod's namespace that the pod names. */
export type Reference = string;

interface Known { readonly node: string; readonly references: readonly Reference[] }

/** What the pods of each node name. Follows the watch cache when it is asked, not by itself. */
export class NodeReferences {
  readonly #feed: Feed;
  readonly #prefix: string = prefixOf({ group: pods.group, plural: pods.resource });
  readonly #pods = new Map<string, Known>();
  readonly #counts = new Map<string, Map<Reference, number>>();
  #watcher: Watcher | undefined;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** True when a pod of `node` names it. */
  reaches(node: string, kind: string, namespace: string, name: string): boolean {
    this.#follow();
    return (this.#counts.get(node)?.get(`${kind} ${namespace}/${name}`) ?? 0) > 0;
  }

  #follow(): void {
    if (this.#watcher === undefined || this.#watcher.cut) this.#restart();
    for (;;) {
      const changes = this.#watcher?.take() ?? [];
      for (const { type, item } of changes) {
        this.#forget(item.key);
        if (type !== "DELETED") this.#learn(item);
      }
      if (changes.length === 0) return;
    }
  }

  #restart(): void {
    this.#watcher?.close();
    const cache = this.#feed.cache(this.#prefix);
    this.#watcher = new Watcher(cache, { range: this.#prefix }, cache.ring.end, 0);
    this.#pods.clear();
    this.#counts.clear();
    for (const item of cache.list(this.#prefix)) this.#learn(item);
  }

  #learn(item: Item): void {
    const pod = item.parse<Pod>();
    const node = pod.spec.nodeName ?? "";
    if (node === "" || pod.status.phase === "Succeeded" || pod.status.phase === "Failed") return;
    const references = [...new Set(referencesOf(pod))];
    this.#pods.set(item.key, { node, references });
    const counts = this.#counts.get(node) ?? new Map<Reference, number>();
    this.#counts.set(node, counts);
    for (const r of references) counts.set(r, (counts.get(r) ?? 0) + 1);
  }

  #forget(key: string): void {
    const known = this.#pods.get(key);
    if (known === undefined) return;
    this.#pods.delete(key);
    const counts = this.#counts.get(known.node);
    for (const r of known.references) {
      const left = (counts?.get(r) ?? 1) - 1;
      if (left > 0) counts?.set(r, left);
      else counts?.delete(r);
    }
  }
}

/** Upstream: plugin/pkg/auth/authorizer/node graph.go AddPod */
function* referencesOf(pod: Pod): Generator<Reference> {
  const { namespace = "", name } = pod.metadata;
  const { spec } = pod;
  const at = (kind: string, other: string | undefined): Reference => `${kind} ${namespace}/${other ?? ""}`;
  yield at("pod", name);
  if (spec.serviceAccountName) yield at("serviceaccount", spec.serviceAccountName);
  for (const secret of spec.imagePullSecrets ?? []) yield at("secret", secret.name);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      if (secretRef !== undefined) yield at("secret", secretRef.name);
      if (configMapRef !== undefined) yield at("configmap", configMapRef.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef !== undefined) yield at("secret", valueFrom.secretKeyRef.name);
      if (valueFrom?.configMapKeyRef !== undefined) yield at("configmap", valueFrom.configMapKeyRef.name);
    }
  }
  for (const volume of spec.volumes ?? []) yield* volumeReferences(volume, name, at);
}

function* volumeReferences(volume: Volume, pod: string, at: (kind: string, name: string | undefined) => Reference): Generator<Reference> {
  if (volume.secret !== undefined) yield at("secret", volume.secret.secretName);
  if (volume.configMap !== undefined) yield at("configmap", volume.configMap.name);
  if (volume.persistentVolumeClaim !== undefined) yield at("persistentvolumeclaim", volume.persistentVolumeClaim.claimName);
  if (volume.ephemeral !== undefined) yield at("persistentvolumeclaim", `${pod}-${volume.name}`);
  if (volume.csi?.nodePublishSecretRef !== undefined) yield at("secret", volume.csi.nodePublishSecretRef.name);
  for (const source of volume.projected?.sources ?? []) {
    if (source.secret !== undefined) yield at("secret", source.secret.name);
    if (source.configMap !== undefined) yield at("configmap", source.configMap.name);
  }
}
