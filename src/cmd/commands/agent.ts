import { Command } from "commander";
import { resolve } from "node:path";
import { existing, withInstance, type InstanceOptions } from "./instance-options.ts";

export function agentCommand(): Command {
  return withInstance(new Command("agent"))
    .description("Run the node in the foreground: kubelet, containerd, network. Needs root.")
    .option("--pod-manifest-path <dir>", "where the files of static pods are (default: agent/manifests in the data directory)")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .action(async ({ logLevel, podManifestPath, ...options }: InstanceOptions & { readonly logLevel: string; readonly podManifestPath?: string }) => {
      await (await import("../agent.ts")).agent(existing(options), logLevel, podManifestPath === undefined ? undefined : resolve(podManifestPath));
    });
}
