import assert from "node:assert/strict";
import { test } from "node:test";
import { dnsOmissions, parseResolver, podDns } from "./dns.ts";
import { podOf } from "../fixture.ts";

const host = parseResolver("# c\nnameserver 192.0.2.53\nsearch example.org corp\noptions ndots:2 timeout:1\n");
const facts = { clusterDns: ["10.43.0.10"], clusterDomain: "cluster.local", host };
const cluster = {
  servers: ["10.43.0.10"],
  searches: ["ns.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org", "corp"],
  options: ["ndots:5"],
};
test("ClusterFirst asks the cluster, then the node's domains", () => assert.deepEqual(podDns(podOf(), facts), cluster));

test("in the host's network ClusterFirst is Default", () => assert.deepEqual(podDns(podOf({ hostNetwork: true }), facts), host));

test("ClusterFirstWithHostNet asks the cluster", () =>
  assert.deepEqual(podDns(podOf({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }), facts), cluster));

test("None is only what the pod says", () =>
  assert.deepEqual(
    podDns(
      podOf({
        dnsPolicy: "None",
        dnsConfig: { nameservers: ["1.1.1.1"], searches: ["x"], options: [{ name: "ndots", value: "1" }, { name: "edns0" }] },
      }),
      facts,
    ),
    { servers: ["1.1.1.1"], searches: ["x"], options: ["ndots:1", "edns0"] },
  ));

test("the pod's options win", () =>
  assert.deepEqual(podDns(podOf({ dnsConfig: { options: [{ name: "ndots", value: "1" }] } }), facts).options, ["ndots:1"]));

test("what the limits leave out is said; within them nothing is", () => {
  const nameservers = ["1.1.1.1", "2.2.2.2", "3.3.3.3"];
  const searches = Array.from({ length: 30 }, (_, i) => `d${i}`);
  const pod = podOf({ dnsConfig: { nameservers, searches } });
  const { servers, searches: kept } = podDns(pod, facts);
  assert.deepEqual([servers, kept?.length, kept?.at(-1)], [["10.43.0.10", "1.1.1.1", "2.2.2.2"], 32, "d26"]);
  assert.deepEqual(dnsOmissions(pod, facts), [
    "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.43.0.10 1.1.1.1 2.2.2.2",
    `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${(kept ?? []).join(" ")}`,
  ]);
  assert.deepEqual(dnsOmissions(podOf(), facts), []);
});
