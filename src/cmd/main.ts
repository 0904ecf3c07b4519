import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { systemPath } from "#containerd/programs.ts";
import { agentCommand } from "./commands/agent.ts";
import { downCommand } from "./commands/down.ts";
import { imageCommand } from "./commands/image.ts";
import { kubeconfigCommand } from "./commands/kubeconfig.ts";
import { serverCommand } from "./commands/server.ts";
import { statusCommand } from "./commands/status.ts";
import { upCommand } from "./commands/up.ts";
import { failure } from "./output.ts";

/** The command line. Sets the process's exit code: 0 done, 1 failed, 2 used wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  process.env["PATH"] = systemPath(); // so that nft and ip are found and run alike
  try {
    await program().parseAsync([...argv]);
  } catch (err) {
    const code = (err as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("commander.")) process.exitCode = (err as { exitCode: number }).exitCode === 0 ? 0 : 2;
    else process.exitCode = failure(err);
  }
}

function program(): Command {
  const seedpod = new Command("seedpod")
    .description("A Kubernetes that you npm install: real kubectl in front, real Linux containers behind.")
    .version(version(), "-V, --version")
    .showHelpAfterError(`(see "seedpod --help")`)
    .addHelpText("after", `
Examples:
  sudo seedpod up                       start a cluster and wait until its node is ready
  export KUBECONFIG=$(seedpod kubeconfig --path)
  kubectl get nodes
  sudo seedpod image load app.tar       make an image known to the node
  sudo seedpod down                     stop it; "down --purge" also forgets its data`);
  for (const make of [upCommand, downCommand, statusCommand, imageCommand, kubeconfigCommand, serverCommand, agentCommand]) seedpod.addCommand(make());
  for (const command of withChildren(seedpod)) command.exitOverride();
  return seedpod;
}

const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap((child) => withChildren(child as Command))];

function version(): string {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
