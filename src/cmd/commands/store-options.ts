import { Option, type Command } from "commander";
import type { EtcdSettings } from "../instance.ts";
import { etcdSettings } from "../etcd-settings.ts";
import { UserError } from "../user-error.ts";

export interface StoreOptions {
  readonly store?: "sqlite" | "etcd";
  readonly etcdServers?: string;
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  readonly etcdPrefix?: string;
}

/** The flags that say where the cluster's state lives. They are remembered. */
export function withStore(command: Command): Command {
  return command
    .addOption(new Option("--store <engine>", "where the cluster's state lives: a file of this instance, or an etcd cluster (default: the instance's, or sqlite)").choices(["sqlite", "etcd"]))
    .option("--etcd-servers <urls>", "etcd's servers, e.g. https://10.0.0.1:2379,https://10.0.0.2:2379")
    .option("--etcd-cafile <file>", "the CA that etcd's certificates are checked with")
    .option("--etcd-certfile <file>", "the certificate shown to etcd")
    .option("--etcd-keyfile <file>", "its key")
    .option("--etcd-prefix <prefix>", "what all keys in etcd begin with (default: /registry)");
}

/** What the flags wish: undefined without any. */
export function storeWish(options: StoreOptions): "sqlite" | EtcdSettings | undefined {
  const { store, etcdServers: servers, etcdCafile: caFile, etcdCertfile: certFile, etcdKeyfile: keyFile, etcdPrefix: prefix } = options;
  const isEtcd = store === "etcd" || servers !== undefined;
  if (store === "sqlite" && servers !== undefined) throw new UserError("--etcd-servers makes no sense with --store=sqlite.", 2);
  if (!isEtcd && [caFile, certFile, keyFile, prefix].some((flag) => flag !== undefined)) throw new UserError("The --etcd flags need --store=etcd and --etcd-servers.", 2);
  if (!isEtcd) return store;
  if (servers === undefined) throw new UserError("--store=etcd needs --etcd-servers, e.g. --etcd-servers=http://127.0.0.1:2379.", 2);
  return etcdSettings(servers, { ...(caFile !== undefined && { caFile }), ...(certFile !== undefined && { certFile }), ...(keyFile !== undefined && { keyFile }), ...(prefix !== undefined && { prefix }) });
}
