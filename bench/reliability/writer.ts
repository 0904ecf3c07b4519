import { StatusError } from "#apimachinery/status.ts";
import type { ConfigMap } from "#api/gen/core-v1.ts";
import { configMaps } from "#api/resources.ts";
import { pause } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import type { Random } from "../../test/support/random.ts";
import type { Operation } from "../../test/support/register.ts";
import { nowMs } from "../support.ts";

const namespace = "default";
const keys = Array.from({ length: 12 }, (_, i) => `register-${i}`);
const label = { "bench.example/register": "yes" };
const revisionOf = ({ metadata }: ConfigMap): number => Number(metadata.resourceVersion);

type Rest<T> = T extends Operation ? Omit<T, "key" | "start" | "end"> : never;

/** Does one thing after the other with the same few keys, and writes down what it did and saw. */
export class Writer {
  readonly #client: Client;
  readonly #name: string;
  readonly #random: Random;
  readonly #note: (operation: Operation) => void;
  /** What it last saw of each key. */
  readonly #seen = new Map<string, ConfigMap>();
  #count = 0;

  constructor(client: Client, name: string, random: Random, note: (operation: Operation) => void) {
    this.#client = client;
    this.#name = name;
    this.#random = random;
    this.#note = note;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = this.#random.pick(keys);
      const kind = this.#random.next();
      if (kind < 0.3) await this.#create(key);
      else if (kind < 0.6) await this.#swap(key);
      else if (kind < 0.7) await this.#delete(key);
      else if (kind < 0.95) await this.#get(key);
      else await this.readAll();
    }
  }

  /** By a list: keys that are not in it are not there. */
  async readAll(): Promise<void> {
    const start = nowMs();
    const found = await this.#maps.list({ namespace, labelSelector: "bench.example/register=yes" }).catch(() => undefined);
    if (found === undefined) return await this.#pause();
    for (const key of keys) this.#saw(key, start, found.items.find(({ metadata }) => metadata.name === key));
  }

  get #maps() {
    return this.#client.resource(configMaps);
  }

  async #create(key: string): Promise<void> {
    const value = this.#nextValue();
    await this.#write(key, { op: "write", value }, () => this.#maps.create({ metadata: { name: key, namespace, labels: label }, data: { value } } as unknown as ConfigMap));
  }

  async #swap(key: string): Promise<void> {
    const seen = this.#seen.get(key);
    if (seen === undefined) return await this.#get(key);
    const value = this.#nextValue();
    await this.#write(key, { op: "write", value, basis: revisionOf(seen) }, () => this.#maps.update({ ...seen, data: { value } }));
  }

  async #write(key: string, operation: { readonly op: "write"; readonly value: string; readonly basis?: number }, send: () => Promise<ConfigMap>): Promise<void> {
    const start = nowMs();
    try {
      const made = await send();
      this.#seen.set(key, made);
      this.#tell(key, start, { ...operation, known: true, revision: revisionOf(made) });
    } catch (err) {
      this.#seen.delete(key);
      if (refused(err)) return;
      this.#tell(key, start, { ...operation, known: false });
      await this.#pause();
    }
  }

  async #delete(key: string): Promise<void> {
    const start = nowMs();
    this.#seen.delete(key);
    try {
      await this.#maps.delete(key, namespace);
      this.#tell(key, start, { op: "delete", known: true });
    } catch (err) {
      if (refused(err)) return;
      this.#tell(key, start, { op: "delete", known: false });
      await this.#pause();
    }
  }

  async #get(key: string): Promise<void> {
    const start = nowMs();
    try {
      this.#saw(key, start, await this.#maps.get(key, namespace));
    } catch (err) {
      if (err instanceof StatusError && err.code === 404) this.#saw(key, start, undefined);
      else await this.#pause();
    }
  }

  #saw(key: string, start: number, found: ConfigMap | undefined): void {
    if (found === undefined) this.#seen.delete(key);
    else this.#seen.set(key, found);
    this.#tell(key, start, { op: "read", ...(found !== undefined && { value: found.data?.["value"] ?? "", revision: revisionOf(found) }) });
  }

  #tell(key: string, start: number, rest: Rest<Operation>): void {
    this.#note({ key, start, end: nowMs(), ...rest });
  }

  /** The server is away; it is asked again soon. */
  async #pause(): Promise<void> {
    await pause(20);
  }

  #nextValue(): string {
    return `${this.#name}-${this.#count++}`;
  }
}

/** It surely has not happened. */
const refused = (err: unknown): boolean => err instanceof StatusError && (err.code === 404 || err.code === 409);
