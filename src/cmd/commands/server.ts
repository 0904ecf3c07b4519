import { Command } from "commander";
import { dataDirOf, wholeNumber, withInstance, type InstanceOptions } from "./instance-options.ts";

interface Options extends InstanceOptions { readonly port?: number; readonly bindAddress?: string; readonly logLevel: string }

export function serverCommand(): Command {
  return withInstance(new Command("server"))
    .description("Run the control plane in the foreground: API server, controllers, scheduler. Needs no root.")
    .option("--port <port>", "the API server's port (default: the instance's, or 6443)", wholeNumber("--port", 1, 65535))
    .option("--bind-address <ip>", "where the API server listens (default: the instance's, or every address)")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .action(async (options: Options) => (await import("../server.ts")).server({ ...options, dataDir: dataDirOf(options) }));
}
