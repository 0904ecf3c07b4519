import { exec, tryExec } from "#base/exec.ts";

export interface NodeRules {
  /** The nftables table, one per instance. */
  readonly table: string;
  readonly bridge: string;
  readonly podCidr: string;
  /** The address of the `kubernetes` Service. */
  readonly apiServiceIp: string;
  readonly apiServer: { readonly address: string; readonly port: number };
}

/**
 * The instance's packet rules: pods leave the node under the node's address; the `kubernetes` Service leads to the API
 * server, for this instance's pods and for the host; and a pod does not reach what listens on the host's loopback only
 * (the portmap plugin sets `route_localnet` on the bridge: security row 18).
 */
export function nodeRuleset(rules: NodeRules): string {
  const service = `ip daddr ${rules.apiServiceIp} tcp dport 443 dnat to ${rules.apiServer.address}:${rules.apiServer.port}`;
  return `table ip ${rules.table}
delete table ip ${rules.table}
table ip ${rules.table} {
  chain loopback {
    type filter hook prerouting priority raw; policy accept;
    iifname "${rules.bridge}" ip daddr 127.0.0.0/8 drop
  }
  chain services {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${rules.bridge}" ${service}
  }
  chain host_services {
    type nat hook output priority -100; policy accept;
    ${service}
  }
  chain outbound {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${rules.podCidr} ip daddr != ${rules.podCidr} oifname != { "${rules.bridge}", "lo" } masquerade
  }
}
`;
}

/** Replaces the instance's table as a whole, in one transaction. Throws `ExecError` with nft's words. */
export async function applyNodeRules(rules: NodeRules): Promise<void> {
  await exec("nft", ["-f", "-"], { input: nodeRuleset(rules) });
}

/** Takes the table away, if it is there. */
export async function deleteTable(table: string): Promise<void> {
  await tryExec("nft", ["delete", "table", "ip", table]); // not there: nothing to do
}

/** Where the host drops what it forwards (Docker does), lets the instance's bridge through. Rules carry `comment`, by which `removeForwarding` finds them. */
export async function allowForwarding(bridge: string, comment: string): Promise<void> {
  const rules = await tryExec("iptables", ["-w", "-S", "FORWARD"]);
  if (rules.code !== 0 || !rules.stdout.startsWith("-P FORWARD DROP")) return;
  for (const direction of ["-i", "-o"]) {
    const rule = ["FORWARD", direction, bridge, "-m", "comment", "--comment", comment, "-j", "ACCEPT"];
    if ((await tryExec("iptables", ["-w", "-C", ...rule])).code !== 0) await exec("iptables", ["-w", "-I", ...rule]);
  }
}

/** Takes the rules of `allowForwarding` away again. */
export async function removeForwarding(bridge: string, comment: string): Promise<void> {
  for (const direction of ["-i", "-o"]) await tryExec("iptables", ["-w", "-D", "FORWARD", direction, bridge, "-m", "comment", "--comment", comment, "-j", "ACCEPT"]);
}
