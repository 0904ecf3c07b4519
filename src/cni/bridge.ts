import { writeFileSync } from "node:fs";
import { exec, tryExec } from "#base/exec.ts";
import { nthAddress, parseCidr } from "./addresses.ts";

export interface Bridge {
  readonly name: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly mtu: number;
  /** The node's address where the host has none of its own: it stands on the bridge. */
  readonly nodeAddress?: string;
}

/** Makes the instance's bridge as it should be: up, with the gateway's address, deaf to router advertisements (security row 19), and with a way to the services. May be repeated. */
export async function ensureBridge(bridge: Bridge): Promise<void> {
  const { name } = bridge;
  if ((await tryExec("ip", ["link", "show", "dev", name])).code !== 0) {
    await exec("ip", ["link", "add", "name", name, "mtu", String(bridge.mtu), "type", "bridge"]);
  }
  for (const setting of ["accept_ra", "autoconf"]) ignoreMissing(() => writeFileSync(`/proc/sys/net/ipv6/conf/${name}/${setting}`, "0"));
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  const gateway = nthAddress(bridge.podCidr, 1);
  await exec("ip", ["address", "replace", `${gateway}/${parseCidr(bridge.podCidr).prefix}`, "dev", name]);
  if (bridge.nodeAddress !== undefined && bridge.nodeAddress !== gateway) await exec("ip", ["address", "replace", `${bridge.nodeAddress}/32`, "dev", name]);
  await exec("ip", ["link", "set", "dev", name, "up"]);
  await exec("ip", ["route", "replace", bridge.serviceCidr, "dev", name]);
}

/** Removes the bridge and whatever still hangs on it. */
export async function deleteBridge(name: string): Promise<void> {
  const ports = await tryExec("ip", ["-json", "link", "show", "master", name]);
  const links = ports.code === 0 ? (JSON.parse(ports.stdout.trim() || "[]") as { ifname?: string }[]) : [];
  for (const { ifname } of links) if (ifname !== undefined) await tryExec("ip", ["link", "delete", "dev", ifname]);
  await tryExec("ip", ["link", "delete", "dev", name]);
}

/** A kernel without IPv6 has no such file, and nothing to be deaf to. */
function ignoreMissing(write: () => void): void {
  try {
    write();
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") throw err;
  }
}
