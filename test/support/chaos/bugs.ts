/** Bugs planted on purpose, outside the product: a check that does not find them is none. */
import type { HttpHandler, HttpRequest } from "#base/http.ts";
import type { Job } from "#api/gen/batch-v1.ts";
import { pause } from "#base/waiting.ts";
import type { Store } from "#storage/store.ts";

export const bugs = ["pods counted without their names", "an identity given twice", "acknowledged too early", "dependents left behind"] as const;
export type Bug = (typeof bugs)[number];

/** The handler that the controllers talk to, with the bug in between. */
export function planted(bug: Bug | undefined, inner: HttpHandler): HttpHandler {
  if (bug === "pods counted without their names") return (request) => nameless(request, inner);
  if (bug === "an identity given twice") return (request) => hastily(request, inner);
  if (bug === "dependents left behind") return (request) => inner(fromController(request) && isDelete(request, "replicasets") ? { ...request, method: "GET", body: empty() } : request);
  return inner;
}

/** How long the disk takes for what was acknowledged too early. */
const hastyMs = 50;

/** A store that says yes when a ConfigMap's write has only begun. */
export function hastyStore(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "put") return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      return async (...args: Parameters<Store["put"]>) => {
        if (!args[0].includes("/configmaps/shop/ledger")) return target.put(...args);
        void pause(hastyMs).then(() => target.put(...args));
        return { ok: true, revision: (await target.revision()) + 1 };
      };
    },
  });
}

const fromController = ({ identity }: HttpRequest): boolean => identity?.name === "system:kube-controller-manager";
const isDelete = ({ method, url }: HttpRequest, resource: string): boolean => method === "DELETE" && url.includes(`/namespaces/shop/${resource}/`);

/** A StatefulSet's pod is gone for the API while its processes still stop. */
async function hastily(request: HttpRequest, inner: HttpHandler): ReturnType<HttpHandler> {
  return inner(fromController(request) && isDelete(request, "pods") ? await withBody(request, (options) => ({ ...options, gracePeriodSeconds: 0 })) : request);
}

/** A Job's pods become numbers at once, before their finalizers are gone. */
async function nameless(request: HttpRequest, inner: HttpHandler): ReturnType<HttpHandler> {
  if (request.method !== "PUT" || !/\/jobs\/[^/]+\/status$/.test(request.url)) return inner(request);
  const changed = await withBody(request, (job) => {
    const { status } = job as Job;
    const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
    return { ...job, status: { ...status, uncountedTerminatedPods: {}, ...(succeeded.length > 0 && { succeeded: (status.succeeded ?? 0) + succeeded.length }), ...(failed.length > 0 && { failed: (status.failed ?? 0) + failed.length }) } };
  });
  return inner(changed);
}

async function withBody(request: HttpRequest, change: (body: object) => object): Promise<HttpRequest> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request.body) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  const body = Buffer.from(JSON.stringify(change(text === "" ? {} : JSON.parse(text) as object)));
  return { ...request, headers: { ...request.headers, "content-length": String(body.length) }, body: (async function* one() { yield body; })() };
}

async function* empty(): AsyncGenerator<Uint8Array> {}
