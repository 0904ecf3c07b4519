import { Command } from "commander";
import { existing, withInstance, type InstanceOptions } from "./instance-options.ts";
import { outputOption, type OutputOptions } from "./output-option.ts";

export function statusCommand(): Command {
  return withInstance(new Command("status"))
    .description("Show whether a cluster runs, with its processes, node and programs. Exits with 3 when it does not run.")
    .addOption(outputOption())
    .action(async (options: InstanceOptions & OutputOptions) => (await import("../status.ts")).status(existing(options), options.output === "json"));
}
