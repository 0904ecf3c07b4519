import { findCniPlugins, findProgram } from "#containerd/programs.ts";
import { UserError } from "./user-error.ts";

/** The programs that a node is made of, with the Debian package of each. */
const programs = {
  containerd: "containerd", runc: "runc", ctr: "containerd", "containerd-shim-runc-v2": "containerd",
  nft: "nftables", iptables: "iptables", ip: "iproute2", mount: "mount", umount: "mount",
} as const;

export interface NodePrograms { readonly containerd: string; readonly runc: string; readonly ctr: string; readonly cniBinDir: string }

/** Looks for everything that a node needs. Throws `UserError` with all that is missing and how to install it. */
export function requireNodePrograms(): NodePrograms {
  const missing = Object.entries(programs).filter(([name]) => findProgram(name) === undefined);
  const cniBinDir = findCniPlugins();
  const names = [...missing.map(([name]) => name), ...(cniBinDir === undefined ? ["the CNI plugins"] : [])];
  const packages = [...new Set([...missing.map(([, name]) => name), ...(cniBinDir === undefined ? ["containernetworking-plugins"] : [])])];
  if (names.length > 0) throw new UserError(`This machine lacks ${list(names)}. On Debian or Ubuntu: apt-get install ${packages.join(" ")}`);
  return { containerd: requireProgram("containerd"), runc: requireProgram("runc"), ctr: requireProgram("ctr"), cniBinDir: cniBinDir ?? "" };
}

/** A program's path; throws `UserError` with the package to install. */
export function requireProgram(name: keyof typeof programs): string {
  const path = findProgram(name);
  if (path === undefined) throw new UserError(`This machine lacks ${name}. On Debian or Ubuntu: apt-get install ${programs[name]}`);
  return path;
}

/** A node makes namespaces, mounts and network devices. Throws `UserError` when this process may not. */
export function requireRoot(command: string): void {
  if (process.platform !== "linux") throw new UserError(`"seedpod ${command}" runs containers and needs Linux; this is ${process.platform}.`);
  if (process.getuid?.() !== 0) throw new UserError(`"seedpod ${command}" makes namespaces, mounts and network devices and needs root: run it with sudo.`);
}

const list = (names: readonly string[]): string => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
