import { watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus, type Reason } from "#apimachinery/status.ts";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { isMirrorPod } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { graceOf } from "../containers/container-killer.ts";
import { formatPod, namespaceOf, uidOf } from "../names.ts";
import { nodeEvents } from "../node/node-events.ts";
import type { PodWorkers } from "../pods/pod-workers.ts";
import { Signalled } from "../signalled.ts";
import type { StatusManager } from "../status/status.ts";
import { readManifests, type BadManifest, type Manifest } from "./manifests.ts";
import { mirroredUid, mirrorOf, planStatic, staticPod } from "./static-pod.ts";

/** Where static pods come from. */
export interface StaticSource {
  readonly dir: string;
  /** The pod of a manifest, with its defaults. Throws with words for the log when it is none. */
  parse(text: string): Promise<Pod>;
}

export interface StaticDeps {
  readonly source: StaticSource;
  readonly nodeName: string;
  readonly client: Client;
  /** The API's pods of this node, mirrors among them. */
  readonly informer: Informer<Pod>;
  readonly workers: PodWorkers;
  readonly statuses: StatusManager;
  readonly events: EventRecorder;
  /** Undefined while it is not registered. */
  readonly node: () => Node | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Files are looked at this often even when the kernel says nothing. Upstream: fileCheckFrequency */
const checkMs = 20_000;
/** A file that is being written is given time to be whole. */
const settleMs = 100;

/** Runs the pods of a directory, whether there is an API server or not, and shows them to it by mirrors. Upstream: pkg/kubelet/kubelet.go, static pods in SyncPod and HandlePodCleanups */
export class StaticPods implements Component {
  readonly name = "static pods";
  readonly #deps: StaticDeps;
  readonly #wake = new Signalled();
  /** By path: what was read, and what became of it. */
  readonly #read = new Map<string, { readonly text: string; readonly pod?: Pod }>();
  /** Handed to workers, by uid. */
  readonly #given = new Map<string, Pod>();
  #synced = false;
  #begun: Promise<void> | undefined;

  constructor(deps: StaticDeps) {
    this.#deps = deps;
  }

  /** The pods that run here by themselves. */
  list(): readonly Pod[] {
    return [...this.#given.values()];
  }

  /** Reads the files and starts what they ask for, before anybody looks for leftovers. Once, however often it is called. */
  begin(): Promise<void> {
    return (this.#begun ??= this.#begin());
  }

  async #begin(): Promise<void> {
    await mkdir(this.#deps.source.dir, { recursive: true, mode: 0o755 }).catch(() => {}); // one that cannot be made has no files
    await this.#readFiles();
    this.#startAndEnd();
  }

  /** From now on the informer knows the mirrors. */
  mirrorsKnown(): void {
    this.#synced = true;
    this.#wake.set();
  }

  run = async (signal: AbortSignal): Promise<void> => {
    await this.begin();
    const { informer, workers, source, clock, log } = this.#deps;
    const wake = (): void => this.#wake.set();
    const unfollow = informer.onChange(({ old, object }) => (isMirrorPod(object ?? old ?? { metadata: { name: "" } }) ? this.#mirrorChanged(object) : undefined));
    const stopWatching = watchDirectory(source.dir, wake);
    workers.onEnd(wake);
    await loop(signal, async () => {
      await this.#wake.waitUntil(clock.now() + checkMs, clock, signal);
      await clock.sleep(settleMs, signal);
      await this.#readFiles();
      this.#startAndEnd();
      await this.#mirror(signal).catch((err: unknown) => log.warn({ err: messageOf(err) }, "mirror pods not brought up to date, trying again"));
    });
    stopWatching();
    unfollow();
  };

  #mirrorChanged(mirror: Pod | undefined): void {
    const pod = mirror === undefined ? undefined : this.#given.get(mirroredUid(mirror) ?? "");
    if (mirror !== undefined && pod !== undefined && keyOf(pod) === keyOf(mirror)) this.#deps.statuses.showBy(uidOf(pod), mirror);
    this.#wake.set();
  }

  async #readFiles(): Promise<void> {
    const found = await readManifests(this.#deps.source.dir);
    for (const path of this.#read.keys()) if (!found.some((manifest) => manifest.path === path)) this.#read.delete(path);
    for (const manifest of found) await this.#readOne(manifest);
  }

  async #readOne(manifest: Manifest | BadManifest): Promise<void> {
    const { nodeName, source, clock } = this.#deps;
    const { path } = manifest;
    const text = "text" in manifest ? manifest.text : manifest.problem;
    const known = this.#read.get(path);
    if (known?.text === text) return;
    try {
      if ("problem" in manifest) throw new Error(manifest.problem);
      const pod = staticPod(await source.parse(text), { nodeName, path, seen: timestamp(clock.now()) });
      const other = [...this.#read].find(([otherPath, { pod: o }]) => otherPath !== path && o !== undefined && keyOf(o) === keyOf(pod));
      if (other !== undefined) throw new Error(`pod ${keyOf(pod)} is in ${other[0]} already`);
      this.#read.set(path, { text, pod: known?.pod !== undefined && uidOf(known.pod) === uidOf(pod) ? known.pod : pod });
    } catch (err) {
      this.#read.set(path, { text });
      this.#complain(path, messageOf(err));
    }
  }

  #complain(path: string, problem: string): void {
    const { log, events, nodeName } = this.#deps;
    log.error({ path, problem }, "static pod manifest cannot be used");
    nodeEvents(events, nodeName)("Warning", "InvalidStaticPod", `Static pod manifest ${path} cannot be used: ${problem}`);
  }

  #plan(): ReturnType<typeof planStatic> {
    const { informer, workers } = this.#deps;
    for (const uid of this.#given.keys()) if (!workers.has(uid)) this.#given.delete(uid);
    return planStatic({
      wanted: [...this.#read.values()].flatMap(({ pod }) => pod ?? []),
      present: [...this.#given.values()],
      mirrors: this.#synced ? informer.list().filter(isMirrorPod) : undefined,
    });
  }

  #startAndEnd(): void {
    const { workers, statuses, informer, clock } = this.#deps;
    const { start, end } = this.#plan();
    for (const pod of start) {
      this.#given.set(uidOf(pod), pod);
      statuses.forget(uidOf(pod)); // of one of the same content before
      statuses.showBy(uidOf(pod), informer.list().find((m) => mirroredUid(m) === uidOf(pod)));
      workers.update(pod);
    }
    for (const pod of end) {
      const metadata = { ...pod.metadata, deletionTimestamp: timestamp(clock.now()), deletionGracePeriodSeconds: graceOf(pod) };
      this.#given.set(uidOf(pod), { ...pod, metadata });
      workers.update({ ...pod, metadata });
    }
  }

  async #mirror(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#deps;
    const node = this.#deps.node();
    const { mirror, unmirror } = this.#plan();
    for (const { metadata } of unmirror) {
      const { name, namespace, uid = "" } = metadata;
      await unlessStatus(client.resource(pods).delete(name, namespace, { gracePeriodSeconds: 0, preconditions: { uid }, signal }), "NotFound", "Conflict");
    }
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return; // it would go with its Node at once
    for (const pod of mirror) {
      const made = await unlessStatus(client.resource(pods).create(mirrorOf(pod, node), { signal }), "AlreadyExists");
      if (made !== undefined) log.info({ pod: formatPod(pod), namespace: namespaceOf(pod) }, "mirror pod made");
    }
  }
}

/** Calls back when the kernel tells of a change. Returns how to stop. */
function watchDirectory(dir: string, changed: () => void): () => void {
  try {
    const watcher = watch(dir, { persistent: false }, changed);
    watcher.on("error", () => watcher.close()); // the regular look remains
    return () => watcher.close();
  } catch {
    return () => {};
  }
}

async function unlessStatus<T>(call: Promise<T>, ...expected: readonly Reason[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (err) {
    if (!isStatus(err, ...expected)) throw err;
    return undefined;
  }
}
