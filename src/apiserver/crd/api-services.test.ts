import assert from "node:assert/strict";
import { test } from "node:test";
import type { APIService } from "#api/gen/apiregistration-v1.ts";
import { until } from "#base/waiting.ts";
import { planServices } from "./api-services.ts";
import { crds, startServer, widgetDefinition, type TestServer } from "./fixture.ts";

const served = [{ group: "a.io", version: "v1" }];
const spec = { group: "a.io", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 };
const stored = (name: string, given: APIService["spec"], managed?: string): APIService =>
  ({ metadata: { name, ...(managed !== undefined && { labels: { "kube-aggregator.kubernetes.io/automanaged": managed } }) }, spec: given, status: {} });

// Upstream: kube-aggregator/pkg/controllers/autoregister autoregister_controller_test.go
const cases: readonly (readonly [name: string, stored: readonly APIService[], make: number, change: number, remove: readonly string[]])[] = [
  ["nothing is there", [], 1, 0, []],
  ["it is there", [stored("v1.a.io", spec, "true")], 0, 0, []],
  ["it was changed", [stored("v1.a.io", { ...spec, versionPriority: 7 }, "true")], 0, 1, []],
  ["somebody else's", [stored("v1.a.io", { ...spec, versionPriority: 7 })], 0, 0, []],
  ["others", [stored("v1.a.io", spec, "true"), stored("v1.b.io", spec, "true"), stored("v1.c.io", spec), stored("v1.d.io", spec, "onstart")], 0, 0, ["v1.b.io"]],
];
for (const [name, known, make, change, remove] of cases) {
  test(`the plan where ${name}`, () => {
    const plan = planServices(served, known);
    assert.deepEqual([plan.make.length, plan.change.length, plan.remove.map(({ metadata }) => metadata.name)], [make, change, remove]);
    assert.deepEqual([...plan.make, ...plan.change].map((service) => service.spec), [...plan.make, ...plan.change].map(() => spec));
  });
}

const services = "/apis/apiregistration.k8s.io/v1/apiservices";
const answered = (server: TestServer, path: string, status: number): Promise<Record<string, Record<string, unknown>>> => until(`${status} of ${path}`, async () => {
  const answer = await server.send("GET", path);
  return answer.status === status && answer.body as Record<string, Record<string, unknown>>;
});

test("a definition's versions have their APIServices for as long as they are served", async (t) => {
  const server = await startServer(t);
  const versions = ["v1", "v2beta1"].map((name) => ({ name, served: true, storage: name === "v1", schema: { openAPIV3Schema: { type: "object" } } }));
  await server.send("POST", crds, widgetDefinition({}, {}, { versions }));
  const { metadata, spec: made, status } = await answered(server, `${services}/v1.example.com`, 200);
  assert.deepEqual(metadata?.["labels"], { "kube-aggregator.kubernetes.io/automanaged": "true" });
  assert.deepEqual(made, { group: "example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 });
  assert.deepEqual((status?.["conditions"] as { type: string; status: string }[] | undefined)?.map((c) => [c.type, c.status]), [["Available", "True"]]);
  await answered(server, `${services}/v2beta1.example.com`, 200);
  await server.send("PATCH", `${crds}/widgets.example.com`, [{ op: "replace", path: "/spec/versions/1/served", value: false }], { "content-type": "application/json-patch+json" });
  await answered(server, `${services}/v2beta1.example.com`, 404);
  await server.send("DELETE", `${services}/v1.example.com`);
  await answered(server, `${services}/v1.example.com`, 200); // it comes again
  await server.send("DELETE", `${crds}/widgets.example.com`);
  await answered(server, `${services}/v1.example.com`, 404);
});
