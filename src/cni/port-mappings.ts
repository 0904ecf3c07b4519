import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tryExec } from "#base/exec.ts";

/** The chains that the portmap plugin makes once on a host, for everybody. */
const shared = ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SETMARK", "CNI-HOSTPORT-MASQ"];
const builtIn = ["PREROUTING", "OUTPUT", "POSTROUTING"];
const cacheDir = "/var/lib/cni/results";

/** Removes what the plugins left of pods that ended without a CNI DEL: portmap's rules and libcni's cached results. Where nobody on this host has a mapping left, its shared chains go too; any CNI ADD makes them anew. */
export async function removePortMappings(network: string): Promise<void> {
  const listed = await tryExec("iptables", ["-w", "-t", "nat", "-S"]);
  if (listed.code === 0) {
    for (const args of removals(network, listed.stdout)) await tryExec("iptables", ["-w", "-t", "nat", ...args]);
  }
  for (const name of cached(network)) rmSync(join(cacheDir, name), { force: true });
}

/** The iptables commands that take a network's rules out of a listing by `iptables -S`. */
export function removals(network: string, listing: string): string[][] {
  const rules = listing.split("\n").filter((line) => line.startsWith("-A ")).map(words);
  const own = rules.filter((rule) => rule.some((word) => word.includes(`name: "${network}"`)));
  const chains = own.map((rule) => rule[rule.indexOf("-j") + 1] ?? "").filter((chain) => chain.startsWith("CNI-DN-"));
  const commands = [...own.map(deletion), ...chains.flatMap((chain) => [["-F", chain], ["-X", chain]])];
  const othersLeft = rules.some((rule) => rule[1] === "CNI-HOSTPORT-DNAT" && !own.includes(rule));
  const present = listing.includes("-N CNI-HOSTPORT-DNAT");
  return present && !othersLeft ? [...commands, ...sharedRemovals(rules)] : commands;
}

function sharedRemovals(rules: readonly string[][]): string[][] {
  const jumps = rules.filter((rule) => builtIn.includes(rule[1] ?? "") && shared.includes(rule[rule.indexOf("-j") + 1] ?? ""));
  return [...jumps.map(deletion), ...shared.map((chain) => ["-F", chain]), ...shared.map((chain) => ["-X", chain])];
}

const deletion = (rule: readonly string[]): string[] => ["-D", ...rule.slice(1)];

/** iptables quotes comments, with a backslash before an inner quote. */
const words = (line: string): string[] => [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1]?.replace(/\\(.)/g, "$1") ?? match[2] ?? "");

function cached(network: string): string[] {
  try {
    return readdirSync(cacheDir).filter((name) => name.startsWith(`${network}-`));
  } catch {
    return [];
  }
}
