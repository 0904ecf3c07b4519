import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { StatusError } from "#apimachinery/status.ts";
import { parseYaml } from "#apimachinery/yaml.ts";
import { chosenByFile, chosenByFlag, SettingsError, settingsWith, type ChosenSettings } from "#kubelet/settings/read-settings.ts";
import { UserError } from "../user-error.ts";

export interface KubeletFlags { readonly kubeletConfig?: string; readonly kubeletArg?: readonly string[] }

/** The flags that say how the kubelet works. They are remembered. */
export function withKubelet(command: Command): Command {
  return command
    .option("--kubelet-config <file>", "a KubeletConfiguration (kubelet.config.k8s.io/v1beta1) in YAML or JSON")
    .option("--kubelet-arg <name=value>", "a flag of upstream's kubelet, e.g. eviction-hard=memory.available<500Mi; may be repeated, wins over the file", (arg, before: readonly string[] | undefined) => [...(before ?? []), arg]);
}

/** What the flags wish: undefined without any. Throws `UserError` for what the kubelet does not know. */
export function kubeletWish({ kubeletConfig: file, kubeletArg: args = [] }: KubeletFlags): ChosenSettings | undefined {
  if (file === undefined && args.length === 0) return undefined;
  try {
    const chosen = Object.assign({}, file === undefined ? {} : chosenByFile(readDocument(file)), ...args.map(chosenByFlag)) as ChosenSettings;
    settingsWith(chosen);
    return chosen;
  } catch (err) {
    if (err instanceof SettingsError || err instanceof StatusError) throw new UserError(`The kubelet cannot be told so: ${err.message}.`, 2);
    throw err;
  }
}

function readDocument(file: string): unknown {
  try {
    return parseYaml(readFileSync(file, "utf8")).value;
  } catch (err) {
    if (err instanceof StatusError) throw err;
    throw new UserError(`${file} cannot be read (${(err as Error).message}).`, 2);
  }
}
