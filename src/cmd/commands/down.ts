import { Command } from "commander";
import { pathsOf, wholeNumber, withInstance, type InstanceOptions } from "./instance-options.ts";

interface Options extends InstanceOptions { readonly purge?: boolean; readonly grace: number }

export function downCommand(): Command {
  return withInstance(new Command("down"))
    .description("Stop a cluster and remove every process, mount, network device, rule and cgroup that it made. Needs root.")
    .option("--purge", "also forget the cluster's data and keys")
    .option("--grace <seconds>", "what containers get between SIGTERM and SIGKILL", wholeNumber("--grace", 0, 3600), 3)
    .action(async (options: Options) => (await import("../down.ts")).down(pathsOf(options), { purge: options.purge === true, graceSeconds: options.grace }));
}
