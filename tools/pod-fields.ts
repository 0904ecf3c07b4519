/** Writes `docs/pod-fields.md`: what becomes of each field of a pod's spec, from the API's tables and `src/kubelet/pod-fields.ts`. `--check` compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiSchema } from "#api/schema.ts";
import { podFields, type FieldFate } from "#kubelet/pod-fields.ts";

const core = "core/v1.";

/** The types that a pod's spec reaches through fields that are done, in the order in which they are met. */
export function reachedTypes(): readonly string[] {
  const types = ["PodSpec"];
  for (const type of types)
    for (const [field, { type: next }] of Object.entries(fieldsOf(type))) {
      const fate = podFields[type]?.[field];
      const name = next.slice(core.length);
      const inside = next.startsWith(core) && fate?.fate !== "refused" && !(fate?.fate === "done" && fate.whole === true);
      if (inside && !types.includes(name)) types.push(name);
    }
  return types;
}

export const fieldsOf = (type: string): Readonly<Record<string, { readonly type: string }>> => apiSchema.types[`${core}${type}`]?.fields ?? {};

/** Fields without an entry, entries without a field, types that nothing reaches. */
export function gaps(): readonly string[] {
  const reached = reachedTypes();
  const missing = reached.flatMap((type) => Object.keys(fieldsOf(type)).filter((field) => podFields[type]?.[field] === undefined).map((field) => `${type}.${field} has no entry`));
  const unknown = Object.entries(podFields).flatMap(([type, fates]) => Object.keys(fates).filter((field) => fieldsOf(type)[field] === undefined).map((field) => `${type}.${field} is no field`));
  return [...missing, ...unknown, ...Object.keys(podFields).filter((type) => !reached.includes(type)).map((type) => `${type} is not reached`)];
}

/** Entries whose file does not hold what they say: the field's name, or the words of the refusal. */
export function untruths(src: string): readonly string[] {
  return Object.entries(podFields).flatMap(([type, fates]) =>
    Object.entries(fates).filter(([field, fate]) => !holds(src, field, fate)).map(([field, fate]) => `${type}.${field}: ${fate.fate === "none" ? "" : fate.where} does not say so`));
}

function holds(src: string, field: string, fate: FieldFate): boolean {
  if (fate.fate === "none") return true;
  const text = readFileSync(join(src, fate.where), "utf8");
  return fate.fate === "refused" ? text.includes(fate.words) : new RegExp(`\\b${field}\\b`).test(text);
}

export function document(): string {
  const sections = reachedTypes().map((type) => {
    const rows = Object.keys(fieldsOf(type)).map((field) => `| \`${field}\` | ${told(podFields[type]?.[field])} |`);
    return [`## ${type}`, "", "| field | what becomes of it |", "| --- | --- |", ...rows, ""].join("\n");
  });
  return [...preface, ...sections].join("\n");
}

const preface = [
  "# What becomes of each field of a pod",
  "",
  "Written by `tools/pod-fields.ts` from the API's tables and `src/kubelet/pod-fields.ts`; do not edit. Files are beneath `src/`.",
  "No field is passed over in silence: it is done, or refused in words, or without effect by the API's own definition.",
  "Types that are met only within a refused field are not listed.",
  "",
];

function told(fate: FieldFate | undefined): string {
  if (fate === undefined) return "**unknown**";
  const note = fate.note === undefined ? "" : `; ${fate.note}`;
  if (fate.fate === "none") return `no effect: ${fate.note}`;
  return fate.fate === "done" ? `${fate.where}${note}` : `**refused** (${fate.how}): "${fate.words}", ${fate.where}${note}`;
}

if (import.meta.main) {
  const target = join(import.meta.dirname, "../docs/pod-fields.md");
  if (!process.argv.includes("--check")) writeFileSync(target, document());
  else if (readFileSync(target, "utf8") !== document()) {
    console.error("docs/pod-fields.md is stale: node tools/pod-fields.ts");
    process.exitCode = 1;
  }
}
