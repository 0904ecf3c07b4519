import type { Answer, Https } from "../../test/support/https.ts";
import { pause } from "#base/waiting.ts";

const collection = "/api/v1/namespaces/default/configmaps";
const filler = "x".repeat(30_000);
interface Listed { readonly items: readonly { readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>> }[] }

/** ConfigMaps that many create and read, and what is known of each: that it was made, that it was refused, or nothing. */
export class Maps {
  acknowledged = 0;
  refused = 0;
  reads = 0;
  /** Of the last refusal. */
  words = "";
  readonly #admin: Https;
  readonly #known = new Map<string, "made" | "refused" | "unknown">();
  readonly #wrong: string[] = [];
  #count = 0;

  constructor(admin: Https) {
    this.#admin = admin;
  }

  async write(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const name = `map-${this.#count++}`;
      const answer = await this.#admin("POST", collection, { body: { metadata: { name, labels: { "bench.example/disk": "yes" } }, data: { name, filler } } }).catch(() => undefined);
      if (answer?.status === 201) this.acknowledged++;
      else if (answer !== undefined) this.#refusal(answer);
      this.#known.set(name, answer?.status === 201 ? "made" : answer === undefined || answer.text.includes("may or may not have been made") ? "unknown" : "refused");
      if (answer?.status !== 201) await pause(20);
    }
  }

  async read(signal: AbortSignal): Promise<void> {
    for (let i = 0; !signal.aborted; i++) {
      const name = [...this.#known].findLast(([, state]) => state === "made")?.[0];
      const path = i % 10 === 0 || name === undefined ? `${collection}?limit=10` : `${collection}/${name}`;
      const { status, text } = await this.#admin("GET", path).catch((err: unknown) => ({ status: 0, text: String(err) }));
      const gone = status === 404 && name !== undefined && this.#known.get(name) !== "made"; // deleted meanwhile
      if (status !== 200 && !gone) this.#wrong.push(`a read was answered ${status}: ${text.slice(0, 200)}`);
      this.reads++;
      await pause(5);
    }
  }

  /** What is not as it was told. */
  async check(): Promise<readonly string[]> {
    const found = new Map((await this.#list()).items.map(({ metadata, data }) => [metadata.name, data?.["name"]]));
    for (const [name, state] of this.#known) {
      if (state === "made" && found.get(name) !== name) this.#wrong.push(`${name} was acknowledged and is not there`);
      if (state === "refused" && found.has(name)) this.#wrong.push(`${name} was refused and is there`);
    }
    return this.#wrong.splice(0).slice(0, 10);
  }

  /** Deletes those that were made until now, beside whoever makes and reads others. */
  async clear(): Promise<void> {
    const names = [...this.#known].filter(([, state]) => state === "made").map(([name]) => name);
    for (const name of names) this.#known.set(name, "unknown");
    for (const name of names) {
      const { status, text } = await this.#admin("DELETE", `${collection}/${name}`);
      if (status !== 200) throw new Error(text);
    }
  }

  #list(): Promise<Listed> {
    return this.#admin.json<Listed>("GET", `${collection}?labelSelector=bench.example%2Fdisk%3Dyes`);
  }

  /** Every refusal is a Status of the server's. */
  #refusal({ status, text }: Answer): void {
    this.refused++;
    try {
      const said = JSON.parse(text) as { readonly kind?: string; readonly code?: number; readonly message?: string };
      if (said.kind === "Status" && said.code === status && status >= 500) this.words = `${status} ${said.message ?? ""}`;
      else this.#wrong.push(`a write was answered ${text.slice(0, 200)}`);
    } catch {
      this.#wrong.push(`a write was answered with no Status: ${text.slice(0, 200)}`);
    }
  }
}
