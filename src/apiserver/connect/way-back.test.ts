import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf, redirectOf, wayOf } from "./way-back.ts";

const prefix = "/api/v1/namespaces/default/pods/web:8080/proxy";
const way = wayOf({ url: `${prefix}/a/b?q=/x`, headers: { host: "127.0.0.1:6443" }, method: "GET" }, "/a/b", new URL("http://10.42.0.5:8080/a/b?q=/x"));
test("the prefix is what stands before the path", () => assert.equal(way.prefix, prefix));

const cases: readonly [what: string, from: string, link: string, redirect: string | undefined][] = [
  ["a whole path", "/x?y#z", `${prefix}/x?y#z`, `${prefix}/x?y#z`],
  ["the root", "/", `${prefix}/`, `${prefix}/`],
  ["what leads through the proxy already", `${prefix}/x`, `${prefix}/x`, `${prefix}/x`],
  ["a path beside this page", "c", "c", `${prefix}/a/c`],
  ["the pod by its address", "http://10.42.0.5:8080/x", `${prefix}/x`, `${prefix}/x`],
  ["us by our name", "https://127.0.0.1:6443/x", `${prefix}/x`, `${prefix}/x`],
  ["the same host, whatever the scheme is", "//10.42.0.5:8080/x", `${prefix}/x`, `${prefix}/x`],
  ["another port", "http://10.42.0.5:9090/x", "http://10.42.0.5:9090/x", undefined],
  ["another host", "https://example.com/x", "https://example.com/x", undefined],
  ["another host, with our name before it", "https://127.0.0.1:6443@example.com/x", "https://127.0.0.1:6443@example.com/x", undefined],
  ["another host without a scheme", "//example.com/x", "//example.com/x", undefined],
  ["upwards", "/../../secrets", `${prefix}/../../secrets`, `${prefix}/secrets`],
  ["another scheme", "javascript:alert(1)", "javascript:alert(1)", undefined],
  ["a fragment", "#top", "#top", `${prefix}/a/b?q=/x#top`],
  ["no URL", "http://[", "http://[", undefined],
];
for (const [what, from, link, redirect] of cases) test(what, () => assert.deepEqual([linkOf(way, from), redirectOf(way, from)], [link, redirect]));
