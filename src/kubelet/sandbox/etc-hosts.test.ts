import assert from "node:assert/strict";
import { test } from "node:test";
import { hostNameOf, podHosts } from "./etc-hosts.ts";
import { podOf } from "../fixture.ts";

test("the pod's own name, cut to what a host name may be", () =>
  assert.deepEqual(hostNameOf(podOf({}, { name: `${"a".repeat(62)}-b` }), "cluster.local", "n"), { hostname: "a".repeat(62), domain: "" }));

test("a subdomain lies in its namespace", () =>
  assert.deepEqual(hostNameOf(podOf({ hostname: "h", subdomain: "s" }), "cluster.local", "n"), { hostname: "h", domain: "s.ns.svc.cluster.local" }));

test("the hosts file names both", () =>
  assert.match(
    podHosts(["10.0.0.2"], { hostname: "h", domain: "s.ns.svc.cluster.local" }, undefined),
    /^# Kubernetes-managed hosts file\.\n[^]*10\.0\.0\.2\th\.s\.ns\.svc\.cluster\.local\th\n$/,
  ));
