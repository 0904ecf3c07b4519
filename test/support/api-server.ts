/** A whole API server in the test's own process, over TLS, on a store that ends with it. */
import type { TestContext } from "node:test";
import { ensureBootstrapObjects } from "#apiserver/authz/bootstrap.ts";
import { kinds } from "#apiserver/registry/kinds.ts";
import { reviews } from "#apiserver/registry/reviews/reviews.ts";
import type { RequestHeaderAuthority } from "#apiserver/http/identity.ts";
import { newNodeConnect } from "#apiserver/connect/node-connect.ts";
import { newApiServer, type ApiServer, type ApiServerOptions } from "#apiserver/server.ts";
import { systemClock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import { silent } from "#base/log.ts";
import { issue, newCa, newSigningKey, type KeyPair } from "#base/pki.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { inProcess } from "#client/in-process-transport.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { newHttps, type Https } from "./https.ts";

export const issuer = "https://kubernetes.default.svc.cluster.local";
const administrator: Identity = { name: "admin", groups: ["system:masters"] };
const signingKey = newSigningKey();

export interface TestApiServer {
  readonly api: ApiServer;
  readonly port: number;
  readonly ca: KeyPair;
  /** The administrator, in this process. */
  readonly client: Client;
  /** A client certificate of the server's authority. */
  certificate(user: string, ...groups: readonly string[]): KeyPair;
  /** HTTPS as this user; without a name, as nobody. */
  as(user?: string, ...groups: readonly string[]): Https;
  /** HTTPS as a member of `system:masters`. */
  readonly admin: Https;
  /** Stops it, once. */
  stop(): Promise<void>;
}

/** `connect`: `none` for a server that knows no way to nodes. */
export type TestServerOptions = Partial<Omit<ApiServerOptions, "connect">> & { readonly connect?: NonNullable<ApiServerOptions["connect"]> | "none" };

/** Starts one with the built-in kinds and the bootstrap objects. @param t it stops with this test; without one the caller stops it */
export async function startApiServer(t?: Pick<TestContext, "after">, { connect: way, ...options }: TestServerOptions = {}, requestHeader?: RequestHeaderAuthority): Promise<TestApiServer> {
  const now = systemClock.now();
  const ca = newCa("test", now);
  const certificate = (user: string, ...groups: readonly string[]): KeyPair => issue(ca, { commonName: user, organizations: groups, usages: ["client"], days: 1 }, now);
  const store = await openSqliteStore({ path: ":memory:" });
  const api = newApiServer({
    store, clock: systemClock, log: silent, kinds: [...kinds, ...reviews], issuer, serviceCidr: "10.43.0.0/16", serviceAccountKeys: { signing: signingKey },
    ...(way !== "none" && { connect: way ?? ((reader) => newNodeConnect({ reader, tls: { ca: ca.cert, ...certificate("kube-apiserver-kubelet-client", "system:masters") } })) }), ...options,
  });
  const stopping = new AbortController();
  const running = api.run(stopping.signal);
  await api.ready;
  const client = newClient(inProcess(api.handler, administrator));
  await ensureBootstrapObjects(client, options.clock?.now() ?? now, undefined, options.settings?.optional);
  const server = issue(ca, { commonName: "kube-apiserver", usages: ["server"], ips: ["127.0.0.1"], dns: ["localhost"], days: 1 }, now);
  const port = await api.listen({ host: "127.0.0.1", port: 0, tls: { ca: ca.cert, cert: server.cert, key: server.key }, ...(requestHeader && { requestHeader }) });
  const opened: Https[] = [];
  const as = (user?: string, ...groups: readonly string[]): Https => {
    const made = newHttps({ port, ca: ca.cert, ...(user !== undefined && certificate(user, ...groups)) });
    opened.push(made);
    return made;
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= (async () => {
    stopping.abort();
    for (const https of opened) https.close();
    await running;
    await store.close();
  })());
  t?.after(stop);
  return { api, port, ca, client, certificate, as, admin: as("admin", "system:masters"), stop };
}
