import { readFileSync } from "node:fs";
import { Command } from "commander";
import { print } from "../output.ts";
import { existing, withInstance, type InstanceOptions } from "./instance-options.ts";

export function kubeconfigCommand(): Command {
  return withInstance(new Command("kubeconfig"))
    .description("Print the administrator's kubeconfig. It holds a private key.")
    .option("--path", "print the file's path instead")
    .action((options: InstanceOptions & { readonly path?: boolean }) => {
      const { kubeconfig } = existing(options);
      print(options.path === true ? kubeconfig : readFileSync(kubeconfig, "utf8").trimEnd());
    });
}
