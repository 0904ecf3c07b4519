import type { Command } from "commander";
import { resolve } from "node:path";
import { defaultDataDir, instancePaths, loadInstance, type Instance, type InstancePaths } from "../instance.ts";
import { UserError } from "../user-error.ts";

export interface InstanceOptions { readonly name: string; readonly dataDir?: string }

/** The flags that say which instance is meant; every command has them. */
export function withInstance(command: Command): Command {
  return command
    .option("--name <name>", "the instance's name; instances live side by side", "default")
    .option("--data-dir <dir>", "where the instance keeps everything (default: /var/lib/seedpod/<name>)");
}

/** Where everything of the instance is that the options mean. */
export const pathsOf = (options: InstanceOptions): InstancePaths => instancePaths(dataDirOf(options));

/** The directory that the options mean, named or following from the instance's name. */
export const dataDirOf = (options: InstanceOptions): string => (options.dataDir === undefined ? defaultDataDir(options.name) : resolve(options.dataDir));

/** The instance, which must exist. */
export function existing(options: InstanceOptions): Instance {
  const dataDir = dataDirOf(options);
  const instance = loadInstance(dataDir);
  if (instance === undefined) throw new UserError(`There is no instance in ${dataDir}. "seedpod up" makes one; --name and --data-dir say which.`);
  return instance;
}

/** For commander: a whole number in `from..to`. */
export const wholeNumber = (what: string, from: number, to: number) => (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) throw new UserError(`${what} must be a whole number from ${from} to ${to}, not "${text}".`, 2);
  return value;
};
