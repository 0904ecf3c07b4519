/** Expressions: compilations and runs per second on typical rules, and how long hostile ones hold the loop. */
import { compile } from "#apimachinery/cel/compile.ts";
import { fromJson } from "#apimachinery/cel/json-values.ts";
import { standardFunctions } from "#apimachinery/cel/library/standard.ts";
import { bindSchema, type OpenApiSchema } from "#apimachinery/cel/schema-types.ts";
import { dynType, type CelType } from "#apimachinery/cel/types.ts";

const text: OpenApiSchema = { type: "string", maxLength: 63 };
const schema: OpenApiSchema = {
  type: "object",
  properties: {
    minReplicas: { type: "integer" }, replicas: { type: "integer" }, maxReplicas: { type: "integer" }, name: text,
    items: { type: "array", maxItems: 20, items: { type: "object", properties: { name: text, weight: { type: "integer" } } } },
    labels: { type: "object", maxProperties: 20, additionalProperties: text },
  },
};
const object = {
  minReplicas: 1, replicas: 2, maxReplicas: 3, name: "web-1",
  items: Array.from({ length: 20 }, (_, i) => ({ name: `a${i}`, weight: i })), labels: { app: "web", tier: "front" },
};
const rules = [
  "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
  "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas && self.items.all(x, x.name.startsWith('a'))",
  "self.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  "self.items.filter(i, i.weight > 10).map(i, i.name).join(',').size() < 100",
  "has(self.labels) && self.labels.all(k, k in ['app', 'tier'])",
];
const hostile: readonly (readonly [name: string, rule: string, self: unknown])[] = [
  ["(a+)+$ over 20,000 characters", "self.matches('^(a+)+$')", `${"a".repeat(20_000)}b`],
  ["a pattern that costs all there is", `self.matches('${"a?".repeat(100)}')`, "a".repeat(190_000)],
  ["a loop that costs all there is", "self.all(a, self.all(b, a + b >= 0))", Array.from({ length: 1_000 }, (_, i) => i)],
];

/** By the processor's time, so that neighbours do not count. */
function perSecond(step: () => void, ms = 400): number {
  for (let i = 0; i < 200; i++) step();
  const start = cpuMs();
  let count = 0;
  while (cpuMs() - start < ms) for (let i = 0; i < 50; i++, count++) step();
  return Math.round(count / ((cpuMs() - start) / 1000));
}
const cpuMs = (): number => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };

const environment = (self: CelType) => ({ variables: new Map([["self", self]]), functions: standardFunctions });

const binding = bindSchema(schema, "selfType");
if (binding === undefined) throw new Error("the schema binds to nothing");
for (const rule of rules) {
  const compiled = compile(rule, environment(binding.type));
  if (!compiled.ok) throw new Error(compiled.text);
  const { program } = compiled;
  const compiles = perSecond(() => { const again = compile(rule, environment(binding.type)); if (again.ok) void again.program.cost; });
  const runs = perSecond(() => { program.run(() => binding.read(object)); });
  console.log(`${String(compiles).padStart(8)} compilations/s ${String(runs).padStart(8)} runs/s  ${rule}`);
}
for (const [name, rule, self] of hostile) {
  const compiled = compile(rule, environment(dynType));
  if (!compiled.ok) throw new Error(compiled.text);
  const start = cpuMs();
  const outcome = compiled.program.run(() => fromJson(self));
  console.log(`${(cpuMs() - start).toFixed(1).padStart(8)} ms ${outcome.ok ? JSON.stringify(outcome.value) : outcome.error} at cost ${outcome.cost}: ${name}`);
}
