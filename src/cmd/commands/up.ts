import { Command } from "commander";
import { controlPlaneWish, withControlPlane } from "./control-plane-options.ts";
import { storeWish, withStore, type StoreOptions } from "./store-options.ts";
import { kubeletWish, withKubelet, type KubeletFlags } from "./kubelet-options.ts";
import { dataDirOf, wholeNumber, withInstance, type InstanceOptions } from "./instance-options.ts";

interface Options extends InstanceOptions, StoreOptions, KubeletFlags { readonly port?: number; readonly bindAddress?: string; readonly wait: number; readonly foreground?: boolean }

export function upCommand(): Command {
  return withControlPlane(withKubelet(withStore(withInstance(new Command("up")))), "hint")
    .description("Start a cluster of one node on this machine and wait until the node is ready. Needs root.")
    .option("--port <port>", "the API server's port (default: 6443, or the next free one)", wholeNumber("--port", 1, 65535))
    .option("--bind-address <ip>", "where the API server listens (default: every address; pods must be able to reach it)")
    .option("--wait <seconds>", "how long to wait for the node", wholeNumber("--wait", 0, 86_400), 120)
    .option("--foreground", "stay, show the logs, and stop the cluster at Ctrl-C")
    .addHelpText("after", `
Prints the kubeconfig's path. What died is started again by another "up"; one that runs already is left as it is.`)
    .action(async (options: Options) => {
      const { store: _, ...rest } = options;
      const [store, kubelet, controlPlane] = [storeWish(options), kubeletWish(options), controlPlaneWish(options)];
      await (await import("../up.ts")).up({ ...rest, dataDir: dataDirOf(options), ...(store !== undefined && { store }), ...(kubelet !== undefined && { kubelet }), ...(controlPlane !== undefined && { controlPlane }) });
    });
}
