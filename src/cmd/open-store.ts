import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { OpenFailed, type Store } from "#storage/store.ts";
import type { EtcdSettings, Instance } from "./instance.ts";
import { UserError } from "./user-error.ts";

/** The store that the instance's settings name. Throws `UserError` when etcd cannot be reached, or does not let us in. */
export async function openStore(instance: Instance, log: Logger): Promise<Store> {
  if (instance.etcd !== undefined) return await openEtcd(instance.etcd, log);
  mkdirSync(dirname(instance.storeFile), { recursive: true, mode: 0o700 });
  return await openSqliteStore({ path: instance.storeFile });
}

async function openEtcd({ servers, prefix, caFile, certFile, keyFile }: EtcdSettings, log: Logger): Promise<Store> {
  const tls = {
    ...(caFile !== undefined && { ca: pem("--etcd-cafile", caFile) }),
    ...(certFile !== undefined && { cert: pem("--etcd-certfile", certFile) }),
    ...(keyFile !== undefined && { key: pem("--etcd-keyfile", keyFile) }),
  };
  const { openEtcdStore } = await import("#storage/etcd/store.ts"); // gRPC is not loaded for nothing
  try {
    return await openEtcdStore({ servers, prefix, tls, log });
  } catch (err) {
    if (!(err instanceof OpenFailed)) throw err;
    throw new UserError(`${err.message}. Check --etcd-servers${servers.some((url) => url.startsWith("https:")) ? ", --etcd-cafile, --etcd-certfile and --etcd-keyfile" : ", and that it does not ask for https"}.`);
  }
}

function pem(flag: string, path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    if (text.includes("-----BEGIN")) return text;
  } catch (err) {
    throw new UserError(`${flag}: ${(err as Error).message}.`);
  }
  throw new UserError(`${flag}: ${path} holds no PEM.`);
}
