import { Command } from "commander";
import { existing, withInstance, type InstanceOptions } from "./instance-options.ts";

export function agentCommand(): Command {
  return withInstance(new Command("agent"))
    .description("Run the node in the foreground: kubelet, containerd, network. Needs root.")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .action(async (options: InstanceOptions & { readonly logLevel: string }) => (await import("../agent.ts")).agent(existing(options), options.logLevel));
}
