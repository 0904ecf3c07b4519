import { Argument, Command } from "commander";
import { existing, withInstance, type InstanceOptions } from "./instance-options.ts";
import { outputOption, type OutputOptions } from "./output-option.ts";

export function imageCommand(): Command {
  const load = withInstance(new Command("load"))
    .description("Load images from archives (docker save, or an OCI layout in a tar file) into the node. Needs root.")
    .argument("<file...>", "archives")
    .action(async (files: string[], options: InstanceOptions) => (await import("../image.ts")).loadImages(existing(options), files));
  const list = withInstance(new Command("list"))
    .description("List the node's images. Needs root.")
    .alias("ls")
    .addOption(outputOption())
    .action(async (options: InstanceOptions & OutputOptions) => (await import("../image.ts")).listImages(existing(options), options.output === "json"));
  const demo = withInstance(new Command("demo"))
    .description("Build the images of the examples out of this machine's distribution, without a registry, and load them. Needs root.")
    .addArgument(new Argument("[image]", "one that is not among those that most examples need").choices(["mariadb"]))
    .action(async (image: "mariadb" | undefined, options: InstanceOptions) => (await import("../image.ts")).loadDemoImages(existing(options), image ?? "demo"));
  return new Command("image").description("Images of the node.").addCommand(load).addCommand(list).addCommand(demo);
}
