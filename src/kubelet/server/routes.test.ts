import assert from "node:assert/strict";
import { test } from "node:test";
import { operationOf } from "../runtime/measured-runtime.ts";
import { exposition } from "./exposition.ts";
import { bearerOf } from "./identity.ts";
import { nodeSubresources, parseRoute, verbOf } from "./routes.ts";

const paths = [
  { path: "/stats/summary", kind: "stats", opens: ["stats"] },
  { path: "/metrics", kind: "metrics", opens: ["metrics"] },
  { path: "/metrics/resource", kind: "resourceMetrics", opens: ["metrics"] },
  { path: "/metrics/cadvisor", kind: "cadvisorMetrics", opens: ["metrics"] },
  { path: "/metrics/probes", kind: "probeMetrics", opens: ["metrics"] },
  { path: "/healthz", kind: "healthz", opens: ["healthz", "proxy"] },
  { path: "/healthz/ping", kind: "healthz", opens: ["healthz", "proxy"] },
  { path: "/configz", kind: "configz", opens: ["configz", "proxy"] },
  { path: "/pods", kind: "pods", opens: ["pods", "proxy"] },
  { path: "/runningpods/", kind: "pods", opens: ["pods", "proxy"] },
  { path: "/checkpoint/default/web/app", kind: "checkpoint", opens: ["checkpoint"] },
  { path: "/containerLogs/default/web/app", kind: "logs", opens: ["proxy"] },
  { path: "/exec/default/web/app", kind: "exec", opens: ["proxy"] },
  { path: "/statsfoo", kind: "404", opens: ["proxy"] },
  { path: "/logs/", kind: "nodeLogs", opens: ["log"] },
  { path: "/logs/apt/history.log", kind: "nodeLogs", opens: ["log"] },
  { path: "/logs", kind: "404", opens: ["log"] },
  { path: "/logs/..%2fetc/passwd", kind: "404", opens: ["log"] },
  { path: "/logs/%2e%2e/etc/passwd", kind: "404", opens: ["log"] },
  { path: "/logs/%00", kind: "404", opens: ["log"] },
  { path: "/metrics/../exec/default/web/app", kind: "404", opens: ["metrics"] },
  { path: "/__proto__", kind: "404", opens: ["proxy"] },
  { path: "/debug/pprof/heap", kind: "404", opens: ["proxy"] },
];
for (const { path, kind, opens } of paths)
  test(`${path} is ${kind} and opened by nodes/${opens.join(" or nodes/")}`, () => assert.deepEqual([kindOf(path), nodeSubresources(path)], [kind, opens]));

function kindOf(path: string): string {
  try {
    return parseRoute(path).kind;
  } catch {
    return "404";
  }
}

test("what runs something asks for create, whatever the method", () => {
  assert.deepEqual([verbOf("exec", "GET"), verbOf("attach", "GET"), verbOf("portForward", "GET"), verbOf("logs", "GET"), verbOf("checkpoint", "POST")], ["create", "create", "create", "get", "create"]);
});

test("a bearer token is read out of its header only", () => {
  assert.deepEqual(["Bearer abc", "bearer  abc ", "Basic abc", "Bearer a b", "Bearer ", undefined].map(bearerOf), ["abc", "abc", undefined, undefined, undefined, undefined]);
});

test("metrics in Prometheus' text: labels escaped, empty families left out", () => {
  assert.equal(exposition([
    { name: "a_total", help: "Of\nlines.", type: "counter", samples: [{ labels: { pod: 'q"\\\n' }, value: 1.5, at: 7 }, { value: 2 }] },
    { name: "nothing", help: "", type: "gauge", samples: [] },
  ]), '# HELP a_total Of\\nlines.\n# TYPE a_total counter\na_total{pod="q\\"\\\\\\n"} 1.5 7\na_total 2\n');
});

test("the runtime's calls have upstream's names", () => {
  assert.deepEqual(["runPodSandbox", "podSandboxStatus", "listContainers", "execSync", "imageFsInfo"].map(operationOf), ["run_podsandbox", "podsandbox_status", "list_containers", "exec_sync", "image_fs_info"]);
});
