import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { HttpsOptions } from "./https-transport.ts";

/** What a kubeconfig's context says, files read: enough to open an `httpsTransport`. */
export interface KubeconfigContext extends HttpsOptions {
  readonly namespace?: string;
}

/** A kubeconfig that cannot be used, and why. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

interface Named<K extends string, V> { readonly list: readonly ({ readonly name: string } & Readonly<Record<K, V>>)[] }
interface Cluster { readonly server?: string; readonly "certificate-authority"?: string; readonly "certificate-authority-data"?: string; readonly "insecure-skip-tls-verify"?: boolean; readonly "tls-server-name"?: string }
interface User { readonly token?: string; readonly tokenFile?: string; readonly "client-certificate"?: string; readonly "client-certificate-data"?: string; readonly "client-key"?: string; readonly "client-key-data"?: string; readonly exec?: unknown }
interface Context { readonly cluster?: string; readonly user?: string; readonly namespace?: string }
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: Named<"cluster", Cluster>["list"];
  readonly users?: Named<"user", User>["list"];
  readonly contexts?: Named<"context", Context>["list"];
}

/**
 * Reads one context of a kubeconfig file, with the files that it names (relative to it).
 * @param name of the context; the current one where left out
 * @throws KubeconfigError when something is missing or of a kind that is not supported (exec plugins)
 */
export async function loadKubeconfig(path: string, name?: string): Promise<KubeconfigContext> {
  const config = parse(await readFile(path, "utf8")) as Kubeconfig | null;
  const context = find(path, "context", config?.contexts, name ?? config?.["current-context"]).context;
  const { cluster } = find(path, "cluster", config?.clusters, context.cluster);
  const { user } = find(path, "user", config?.users, context.user);
  if (cluster.server === undefined) throw new KubeconfigError(`${path}: cluster "${context.cluster}" has no server`);
  if (user.exec !== undefined) throw new KubeconfigError(`${path}: user "${context.user}" uses an exec plugin, which is not supported`);
  const read = (data: string | undefined, file: string | undefined): Promise<string | undefined> => material(data, file, dirname(path));
  const ca = await read(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = await read(user["client-certificate-data"], user["client-certificate"]);
  const key = await read(user["client-key-data"], user["client-key"]);
  const token = user.token ?? (await read(undefined, user.tokenFile))?.trim();
  return {
    server: cluster.server, insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }), ...(token !== undefined && { token }),
    ...(cluster["tls-server-name"] !== undefined && { serverName: cluster["tls-server-name"] }), ...(context.namespace !== undefined && { namespace: context.namespace }),
  };
}

function find<K extends string, V>(path: string, kind: K, list: Named<K, V>["list"] | undefined, name: string | undefined): Readonly<Record<K, V>> {
  if (name === undefined || name === "") throw new KubeconfigError(`${path}: no ${kind} is named`);
  const found = list?.find((entry) => entry.name === name);
  if (found === undefined) throw new KubeconfigError(`${path}: there is no ${kind} "${name}"`);
  return found;
}

const material = async (data: string | undefined, file: string | undefined, directory: string): Promise<string | undefined> =>
  data !== undefined ? Buffer.from(data, "base64").toString() : file !== undefined ? readFile(resolve(directory, file), "utf8") : undefined;

/** What goes into a kubeconfig of one cluster and one user. Certificates and keys are PEM and are embedded. */
export interface KubeconfigEntry {
  /** Of cluster and context. */
  readonly name: string;
  readonly user: string;
  readonly server: string;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly namespace?: string;
}

/** The YAML of a kubeconfig with one context, which is the current one. */
export function kubeconfigText({ name, user, server, ca, cert, key, token, namespace }: KubeconfigEntry): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
  return stringify({
    apiVersion: "v1", kind: "Config",
    clusters: [{ name, cluster: { "certificate-authority-data": base64(ca), server } }],
    users: [{ name: user, user: { ...(cert && { "client-certificate-data": base64(cert) }), ...(key && { "client-key-data": base64(key) }), ...(token && { token }) } }],
    contexts: [{ name, context: { cluster: name, user, ...(namespace && { namespace }) } }],
    "current-context": name,
  }, { lineWidth: 0 });
}
