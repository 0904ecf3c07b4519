import { exec } from "#base/exec.ts";
import { parseCidr } from "./addresses.ts";

/** What the host's own network looks like. */
export interface HostNetwork {
  /** The address that others see: the default route's source, else that of any interface that is up; none when there is only loopback. */
  readonly address: string | undefined;
  readonly mtu: number;
  /** Every IPv4 network that a route or an address of this host uses. */
  readonly taken: readonly string[];
}

interface Route { readonly dst: string; readonly dev?: string; readonly prefsrc?: string; readonly metric?: number }
interface Link { readonly ifname: string; readonly mtu: number; readonly flags: readonly string[]; readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number; readonly scope: string }[] }

/** Reads routes and addresses by iproute2. @param ignore interfaces (our own bridge) that do not count */
export async function readHostNetwork(ignore: readonly string[] = []): Promise<HostNetwork> {
  const [routes, links] = await Promise.all([json<Route[]>(["-4", "route", "show"]), json<Link[]>(["-4", "address", "show"])]);
  return hostNetwork(routes, links, ignore);
}

/** What the host's routes and links say: its address towards the world, and the networks that are taken. @param ignore devices of instances */
export function hostNetwork(routes: readonly Route[], links: readonly Link[], ignore: readonly string[]): HostNetwork {
  const foreign = links.filter(({ ifname }) => !ignore.includes(ifname));
  const outward = routes.filter(({ dst, dev }) => dst === "default" && dev !== undefined && !ignore.includes(dev)).sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))[0];
  const chosen = foreign.find(({ ifname }) => ifname === outward?.dev) ?? foreign.find((link) => isPhysical(link) && globalAddress(link) !== undefined);
  const used = [
    ...foreign.flatMap((link) => (link.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`)),
    ...routes.filter(({ dst, dev }) => dst !== "default" && !ignore.includes(dev ?? "")).map(({ dst }) => dst),
  ];
  return {
    address: outward?.prefsrc ?? (chosen && globalAddress(chosen)),
    mtu: chosen?.mtu ?? 1500,
    taken: [...new Set(used)].filter(isNetwork),
  };
}

const globalAddress = (link: Link): string | undefined => link.addr_info?.find(({ family, scope }) => family === "inet" && scope === "global")?.local;
/** Not another container system's bridge, whose address goes when it goes. */
const isPhysical = ({ ifname, flags }: Link): boolean => flags.includes("UP") && !flags.includes("LOOPBACK") && !/^(docker|br-|virbr|cni|sp[0-9a-f]{8}$|veth|tun|tap|wg)/.test(ifname);

function isNetwork(text: string): boolean {
  try {
    parseCidr(text);
    return true;
  } catch {
    return false;
  }
}

async function json<T>(args: readonly string[]): Promise<T> {
  return JSON.parse((await exec("ip", ["-json", ...args])).trim() || "[]") as T;
}
