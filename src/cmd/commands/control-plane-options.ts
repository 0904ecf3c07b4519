import { Option, type Command } from "commander";
import { flagNames, flags, tuningOf, type Chosen, type FlagName } from "../tuning/flags.ts";

const optionOf = (name: FlagName): Option => new Option(`--${name} <${flags[name].value}>`).hideHelp();

/** Long names in a list of their own: in the help's columns they would leave no room for words. */
const list = `
How the control plane works, under the names of upstream's flags; "seedpod up" takes these too, and all are remembered:
${flagNames.map((name) => `  --${name} <${flags[name].value}>\n      ${flags[name].help} (default: ${flags[name].standard})`).join("\n")}`;
const hint = `
The settings of the control plane that "seedpod server --help" lists may be given too, e.g. --node-monitor-grace-period=20s; they are remembered.`;

/** The flags that say how controllers and API server work. They are remembered. @param help how much the help says of them */
export function withControlPlane(command: Command, help: "list" | "hint"): Command {
  for (const name of flagNames) command.addOption(optionOf(name));
  return command.addHelpText("after", help === "list" ? list : hint);
}

/** What the flags wish: undefined without any. Throws `UserError` for what cannot be meant. */
export function controlPlaneWish(options: object): Chosen | undefined {
  const told = new Map(Object.entries(options));
  const chosen: Chosen = Object.fromEntries(flagNames.flatMap((name) => {
    const text: unknown = told.get(optionOf(name).attributeName());
    return typeof text === "string" ? [[name, text]] : [];
  }));
  tuningOf(chosen);
  return Object.keys(chosen).length === 0 ? undefined : chosen;
}
