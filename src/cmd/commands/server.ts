import { Command, Option } from "commander";
import type { AuditOptions } from "../audit-log.ts";
import { controlPlaneWish, withControlPlane } from "./control-plane-options.ts";
import { storeWish, withStore, type StoreOptions } from "./store-options.ts";
import { dataDirOf, wholeNumber, withInstance, type InstanceOptions } from "./instance-options.ts";

interface Options extends InstanceOptions, StoreOptions, AuditOptions {
  readonly port?: number; readonly bindAddress?: string; readonly join?: string; readonly leaderElect?: boolean; readonly cacheCheck?: number; readonly logLevel: string;
}

export function serverCommand(): Command {
  return withControlPlane(withStore(withInstance(new Command("server"))), "list")
    .description("Run the control plane in the foreground: API server, controllers, scheduler. Needs no root.")
    .option("--port <port>", "the API server's port (default: the instance's, or 6443)", wholeNumber("--port", 1, 65535))
    .option("--bind-address <ip>", "where the API server listens (default: the instance's, or every address)")
    .option("--join <dir>", "take over the keys and networks of another server, whose data directory (or copy of its instance.json and pki/) this is; both use one etcd")
    .option("--leader-elect", "run controllers and scheduler only while elected (default: with etcd)")
    .option("--no-leader-elect", "run them at once; only where no other server does")
    .option("--watch-cache-size <events>", "so many of each resource's last changes are kept for watchers, of at most 8 MiB: fewer take less memory, and watches that were away list anew sooner (default: 4096)", wholeNumber("--watch-cache-size", 16, 1_000_000))
    .option("--cache-check <seconds>", "compare the watch cache with the store this often, and end at a difference (default: never)", wholeNumber("--cache-check", 1, 86_400))
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .option("--audit-log-path <file>", "write lines of JSON (audit.k8s.io/v1) about requests to this file; - is the standard output")
    .option("--audit-policy-file <file>", "which requests are written down, and how much of them: an audit.k8s.io/v1 Policy. Bodies of secrets and tokens only where a rule names them (secrets, serviceaccounts/token, tokenreviews)")
    .addOption(new Option("--audit-level <level>", "without a policy. Metadata: who asked for what; Request: also what was sent; RequestResponse: also what was answered; secrets excepted").choices(["None", "Metadata", "Request", "RequestResponse"]).default("Metadata"))
    .addOption(new Option("--audit-log-maxsize <megabytes>", "a file of this size is put aside").argParser(wholeNumber("--audit-log-maxsize", 1, 10_000)).default(100))
    .addOption(new Option("--audit-log-maxbackup <count>", "so many of those are kept").argParser(wholeNumber("--audit-log-maxbackup", 0, 1000)).default(1))
    .addHelpText("after", `
With --store=etcd it makes an instance where there is none. A second server of the same cluster:
  seedpod server --store=etcd --etcd-servers=http://127.0.0.1:2379 --data-dir /srv/one
  seedpod server --join /srv/one --data-dir /srv/two`)
    .action(async (options: Options) => {
      const { store: _, ...rest } = options;
      const [store, controlPlane] = [storeWish(options), controlPlaneWish(options)];
      await (await import("../server.ts")).server({ ...rest, dataDir: dataDirOf(options), ...(store !== undefined && { store }), ...(controlPlane !== undefined && { controlPlane }) });
    });
}
