import type { KubeObject } from "#apimachinery/meta.ts";
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret } from "#api/gen/core-v1.ts";
import type { RuntimeClass } from "#api/gen/node-v1.ts";
import { configMaps, csiDrivers, persistentVolumeClaims, persistentVolumes, runtimeClasses, secrets, volumeAttachments, type ResourceRef } from "#api/resources.ts";
import type { CSIDriver, VolumeAttachment } from "#api/gen/storage-v1.ts";
import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";

interface Entry {
  readonly at: number;
  readonly object: Promise<KubeObject>;
}

/** Long enough that the volumes and variables of one pod start share a read, short enough that what was just written is seen. */
const freshMs = 1_000;
const maxEntries = 5_000;

/** Objects that pods name, read one by one as the Node authorizer allows; many readers at once share one request. */
export class ObjectCache {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  configMap = (namespace: string, name: string): Promise<ConfigMap> => this.#get(configMaps, namespace, name);
  secret = (namespace: string, name: string): Promise<Secret> => this.#get(secrets, namespace, name);
  claim = (namespace: string, name: string): Promise<PersistentVolumeClaim> => this.#get(persistentVolumeClaims, namespace, name);
  persistentVolume = (name: string): Promise<PersistentVolume> => this.#get(persistentVolumes, undefined, name);
  runtimeClass = (name: string): Promise<RuntimeClass> => this.#get(runtimeClasses, undefined, name);

  csiDriver = (name: string): Promise<CSIDriver> => this.#get(csiDrivers, undefined, name);
  volumeAttachment = (name: string): Promise<VolumeAttachment> => this.#get(volumeAttachments, undefined, name);

  #get<T extends KubeObject>(ref: ResourceRef<T>, namespace: string | undefined, name: string): Promise<T> {
    const key = `${ref.resource}/${namespace ?? ""}/${name}`;
    const known = this.#entries.get(key);
    if (known !== undefined && this.#clock.now() - known.at < freshMs) return known.object as unknown as Promise<T>;
    const object = this.#client.resource(ref).get(name, namespace);
    if (this.#entries.size >= maxEntries) this.#entries.clear();
    this.#entries.set(key, { at: this.#clock.now(), object });
    object.catch(() => this.#entries.delete(key)); // what is not there may come at any moment
    return object;
  }
}
