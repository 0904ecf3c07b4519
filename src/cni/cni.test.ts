import assert from "node:assert/strict";
import { test } from "node:test";
import { nthAddress, overlaps, pickFree } from "./addresses.ts";
import { cniConfig } from "./conf.ts";
import { hostNetwork } from "./host-network.ts";
import { removals } from "./port-mappings.ts";
import { nodeRuleset } from "./rules.ts";

const link = (ifname: string, local: string | undefined, mtu = 1500, flags = ["UP"]) => ({ ifname, mtu, flags, addr_info: local === undefined ? [] : [{ family: "inet", local, prefixlen: 24, scope: ifname === "lo" ? "host" : "global" }] });
const lo = link("lo", "127.0.0.1", 65536, ["UP", "LOOPBACK"]);

test("networks that meet, and those that do not", () => {
  const cases: readonly [string, string, boolean][] = [
    ["10.42.0.0/16", "10.42.3.0/24", true],
    ["10.42.3.0/24", "10.42.0.0/16", true],
    ["10.42.0.0/16", "10.43.0.0/16", false],
    ["0.0.0.0/0", "10.43.0.0/16", true],
    ["10.42.1.5", "10.42.0.0/16", true],
  ];
  for (const [a, b, want] of cases) assert.equal(overlaps(a, b), want, `${a} ${b}`);
  assert.equal(nthAddress("10.43.0.0/16", 1), "10.43.0.1");
  assert.equal(nthAddress("10.42.7.99/24", 1), "10.42.7.1");
  assert.equal(pickFree(["10.42.0.0/16", "10.44.0.0/16"], ["10.42.9.0/24"]), "10.44.0.0/16");
});

test("the node's address", () => {
  const route = (dev: string, extra: object = {}) => ({ dst: "default", dev, ...extra });
  const cases: readonly [string, Parameters<typeof hostNetwork>, string | undefined, number][] = [
    ["is the default route's source", [[route("eth0", { prefsrc: "192.0.2.7" })], [lo, link("eth0", "192.0.2.2", 1400)], []], "192.0.2.7", 1400],
    ["is the default route's interface's", [[route("eth1", { metric: 200 }), route("eth0", { metric: 100 })], [lo, link("eth1", "198.51.100.1"), link("eth0", "192.0.2.2")], []], "192.0.2.2", 1500],
    ["is another interface's without a default route", [[], [lo, link("docker0", "172.17.0.1"), link("eth0", "192.0.2.2")], []], "192.0.2.2", 1500],
    ["is nobody's where there is only loopback", [[], [lo, link("sp0000abcd", "10.42.0.1")], ["sp0000abcd"]], undefined, 1500],
  ];
  for (const [name, input, address, mtu] of cases) {
    const have = hostNetwork(...input);
    assert.deepEqual({ address: have.address, mtu: have.mtu }, { address, mtu }, name);
  }
});

test("the host's networks are those of its routes and addresses, without our own bridge's", () => {
  const { taken } = hostNetwork([{ dst: "default", dev: "eth0" }, { dst: "10.44.0.0/16", dev: "tun0" }, { dst: "10.42.0.0/24", dev: "sp1" }], [lo, link("eth0", "192.0.2.2"), link("sp1", "10.42.0.1")], ["sp1"]);
  assert.deepEqual(taken, ["127.0.0.1/24", "192.0.2.2/24", "10.44.0.0/16"]);
});

test("the ruleset replaces the instance's table and speaks of its bridge only", () => {
  const text = nodeRuleset({ table: "seedpod_1", bridge: "sp1", podCidr: "10.42.0.0/24", apiServiceIp: "10.43.0.1", apiServer: { address: "192.0.2.2", port: 6443 } });
  assert.match(text, /^table ip seedpod_1\ndelete table ip seedpod_1\n/);
  assert.match(text, /iifname "sp1" ip daddr 10\.43\.0\.1 tcp dport 443 dnat to 192\.0\.2\.2:6443/);
  assert.match(text, /ip saddr 10\.42\.0\.0\/24 ip daddr != 10\.42\.0\.0\/24 oifname != \{ "sp1", "lo" \} masquerade/);
});

test("the network's configuration does not masquerade and keeps addresses in the instance's directory", () => {
  const config = cniConfig({ name: "seedpod-1", bridge: "sp1", podCidr: "10.42.0.0/24", mtu: 1400, addressDir: "/d/networks" }) as { plugins: Record<string, unknown>[] };
  const [bridge] = config.plugins;
  assert.equal(bridge?.["ipMasq"], undefined);
  assert.deepEqual(bridge?.["ipam"], { type: "host-local", dataDir: "/d/networks", ranges: [[{ subnet: "10.42.0.0/24" }]] });
});

const listing = `-P PREROUTING ACCEPT
-N CNI-DN-aaa
-N CNI-DN-bbb
-N CNI-HOSTPORT-DNAT
-N CNI-HOSTPORT-MASQ
-N CNI-HOSTPORT-SETMARK
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
-A CNI-DN-aaa -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.42.0.2:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"seedpod-1\\" id: \\"x\\"" -m multiport --dports 8080 -j CNI-DN-aaa
`;
const other = `-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"podman\\" id: \\"y\\"" -m multiport --dports 81 -j CNI-DN-bbb\n`;

test("left-over port mappings are removed with their chain; the shared chains only with the last one", () => {
  const rule = ["-D", "CNI-HOSTPORT-DNAT", "-p", "tcp", "-m", "comment", "--comment", 'dnat name: "seedpod-1" id: "x"', "-m", "multiport", "--dports", "8080", "-j", "CNI-DN-aaa"];
  assert.deepEqual(removals("seedpod-1", listing + other), [rule, ["-F", "CNI-DN-aaa"], ["-X", "CNI-DN-aaa"]]);
  const last = removals("seedpod-1", listing);
  assert.deepEqual(last.slice(0, 4), [rule, ["-F", "CNI-DN-aaa"], ["-X", "CNI-DN-aaa"], ["-D", "PREROUTING", "-m", "addrtype", "--dst-type", "LOCAL", "-j", "CNI-HOSTPORT-DNAT"]]);
  assert.deepEqual(last.slice(-3).map((args) => args[0]), ["-X", "-X", "-X"]);
  assert.deepEqual(removals("seedpod-1", "-P PREROUTING ACCEPT\n"), []);
});
