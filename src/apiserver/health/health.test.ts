import assert from "node:assert/strict";
import { test } from "node:test";
import { healthHandler, type HealthCheck } from "./health.ts";

const checks: readonly HealthCheck[] = [
  { name: "ping", check: () => undefined },
  { name: "etcd", check: async () => "no answer" },
  { name: "poststarthook/rbac/bootstrap-roles", check: () => undefined },
  { name: "shutdown", readinessOnly: true, check: () => undefined },
];
const cases: readonly [url: string, status: number | undefined, text: string][] = [
  ["/livez", 500, "[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/rbac/bootstrap-roles ok\nlivez check failed\n"],
  ["/readyz?exclude=etcd", 200, "ok"],
  ["/readyz?exclude=etcd&verbose", 200, "[+]ping ok\n[+]etcd excluded: ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]shutdown ok\nreadyz check passed\n"],
  ["/healthz?exclude=etcd&exclude=b&exclude=a&verbose=", 200, '[+]ping ok\n[+]etcd excluded: ok\n[+]poststarthook/rbac/bootstrap-roles ok\nwarn: some health checks cannot be excluded: no matches for "a","b"\nhealthz check passed\n'],
  ["/livez/ping", 200, "ok"],
  ["/livez/", 500, "[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/rbac/bootstrap-roles ok\nlivez check failed\n"],
  ["/livez/poststarthook/rbac/bootstrap-roles", 200, "ok"],
  ["/readyz/etcd", 500, "internal server error: no answer\n"],
  ["/livez/shutdown", undefined, ""],
  ["/readyz/nope", undefined, ""],
  ["/healthzz", undefined, ""],
];
for (const [url, status, text] of cases) {
  test(`${url} answers ${status ?? "nothing"}`, async () => {
    const [path = "", query = ""] = url.split("?");
    const response = await healthHandler(checks)(path, new URLSearchParams(query));
    assert.deepEqual([response?.status, response === undefined ? "" : Buffer.from(response.body as Uint8Array).toString()], [status, text]);
  });
}
