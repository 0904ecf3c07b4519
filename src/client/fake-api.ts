/** A very small API for this folder's own tests: one map, one history, watches that can be broken. It validates nothing. */
import type { KubeObject } from "#apimachinery/meta.ts";
import { alreadyExists, conflict, expired, notFound, StatusError } from "#apimachinery/status.ts";
import { untilAborted } from "#base/component.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "#base/http.ts";

interface Change { readonly revision: number; readonly type: string; readonly collection: string; readonly object: KubeObject }

export class FakeApi {
  readonly requests: string[] = [];
  readonly #objects = new Map<string, KubeObject>();
  #history: Change[] = [];
  #revision = 0;
  #oldest = 0;
  #wake = Promise.withResolvers<void>();
  #broken = Promise.withResolvers<void>();
  /** Answers the next requests with these before anything else is looked at. */
  readonly nextAnswers: HttpResponse[] = [];

  readonly handler: HttpHandler = async (request) => {
    this.requests.push(`${request.method} ${request.url}`);
    const planned = this.nextAnswers.shift();
    if (planned !== undefined) return planned;
    try {
      return await this.#serve(request);
    } catch (err) {
      if (err instanceof StatusError) return json(err.code, err.toStatus());
      throw err;
    }
  };

  get revision(): number { return this.#revision; }

  /** Ends all open watches, as a lost connection does. */
  breakWatches(): void {
    this.#broken.resolve();
    this.#broken = Promise.withResolvers();
  }

  /** Forgets the history: watches from before now get 410. */
  compact(): void {
    this.#oldest = this.#revision;
    this.#history = [];
  }

  /** Writes without a request, as another client would. @param path of the object */
  put(path: string, object: KubeObject): void {
    const old = this.#objects.get(path);
    this.#commit(old === undefined ? "ADDED" : "MODIFIED", path, { ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? old?.metadata.uid ?? `uid-${this.#revision}` } });
  }

  remove(path: string): void {
    const old = this.#objects.get(path);
    if (old !== undefined) this.#commit("DELETED", path, old);
  }

  async #serve(request: HttpRequest): Promise<HttpResponse> {
    const { pathname: path, searchParams } = new URL(request.url, "http://fake");
    const old = this.#objects.get(path);
    const about = { group: "", resource: path.split("/").at(-2) ?? "" };
    const name = path.split("/").at(-1) ?? "";
    if (request.method === "GET" && searchParams.get("watch") === "true") return this.#watch(path, Number(searchParams.get("resourceVersion")), request.signal);
    if (request.method === "GET" && /s$/.test(name)) return json(200, { metadata: { resourceVersion: String(this.#revision) }, items: this.#under(path) });
    if (request.method === "POST") {
      const object = (await bodyOf(request)) as KubeObject;
      if (this.#objects.has(`${path}/${object.metadata.name}`)) throw alreadyExists({ group: "", resource: name }, object.metadata.name);
      this.put(`${path}/${object.metadata.name}`, object);
      return json(201, this.#objects.get(`${path}/${object.metadata.name}`));
    }
    if (old === undefined) throw notFound(about, name);
    if (request.method === "GET") return json(200, old);
    const body = (await bodyOf(request)) as KubeObject;
    if (request.method === "DELETE") this.remove(path);
    else if (request.method === "PATCH") this.put(path, { ...old, ...body, metadata: { ...old.metadata, ...body.metadata } });
    else if (body.metadata.resourceVersion !== old.metadata.resourceVersion) throw conflict(about, name, "stale");
    else this.put(path, body);
    return json(200, this.#objects.get(path) ?? old);
  }

  #under(collection: string): KubeObject[] {
    return [...this.#objects].filter(([path]) => isIn(path.slice(0, path.lastIndexOf("/")), collection)).map(([, object]) => object);
  }

  #commit(type: string, path: string, object: KubeObject): void {
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    if (type === "DELETED") this.#objects.delete(path);
    else this.#objects.set(path, stored);
    this.#history.push({ revision, type, collection: path.slice(0, path.lastIndexOf("/")), object: stored });
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #watch(collection: string, from: number, signal: AbortSignal): HttpResponse {
    if (from < this.#oldest) throw expired(`too old resource version: ${from} (${this.#oldest})`);
    return { status: 200, headers: {}, body: this.#changes(collection, from, signal) };
  }

  async *#changes(collection: string, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let broken = false;
    void this.#broken.promise.then(() => { broken = true; });
    const stopped = untilAborted(signal);
    for (let seen = from; !signal.aborted;) {
      const wake = this.#wake.promise;
      for (const change of this.#history.filter((c) => c.revision > seen)) {
        seen = change.revision;
        if (isIn(change.collection, collection)) yield line({ type: change.type, object: change.object });
      }
      await Promise.race([wake, this.#broken.promise, stopped]);
      if (broken || signal.aborted) return;
    }
  }
}

const isIn = (path: string, collection: string): boolean => path === collection || path.replace(/\/namespaces\/[^/]+(?=\/)/, "") === collection;
const json = (status: number, value: unknown): HttpResponse => ({ status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) });
const line = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

async function bodyOf(request: HttpRequest): Promise<unknown> {
  const pieces = await Array.fromAsync(request.body);
  return pieces.length === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString());
}
