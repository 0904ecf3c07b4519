import type { Job } from "#api/gen/batch-v1.ts";
import { isTrue } from "#api/conditions.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Label } from "#apimachinery/validation/names.ts";
import { ageColumn, humanDuration, nameColumn, templateColumns } from "../common/columns.ts";
import { selectorText } from "../apps/selected-template.ts";
import type { Resource } from "../resource.ts";
import { generateSelector, validateGenerated, validateSelector } from "./job-selector.ts";
import { defaultJobSpec, defaultTemplate, jobSpecWarnings, validateJobSpec } from "./job-spec.ts";
import { validateJobStatus } from "./job-status.ts";
import { validateJobUpdate } from "./job-update.ts";

function labelAsTemplate({ metadata, spec }: Job): void {
  const labels = spec.template.metadata?.labels;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

/** The pods of an indexed Job carry their index in their host name. */
function validateHostnames({ metadata: { name }, spec: { completionMode, completions = 0 } }: Job): readonly Cause[] {
  const last = `${name}-${completions - 1}`;
  if (completionMode !== "Indexed" || completions <= 0 || dns1123Label(last).length === 0) return [];
  return [invalidValue("metadata.name", name, `will not able to create pod with invalid DNS label: ${last}`)];
}

const states = ["Complete", "Failed"] as const;
const lesserStates = ["Suspended", "FailureTarget", "SuccessCriteriaMet"] as const;

/** Upstream: pkg/printers/internalversion printJob */
function stateText({ metadata, status }: Job): string {
  const found = (of: readonly string[]): string | undefined => of.find((type) => isTrue(status.conditions, type));
  return found(states) ?? (metadata.deletionTimestamp === undefined ? (found(lesserStates) ?? "Running") : "Terminating");
}

function completionsText({ spec, status }: Job): string {
  const done = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`;
}

function durationText({ status: { startTime, completionTime } }: Job, now: number): string {
  if (startTime === undefined) return "";
  return humanDuration((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}

function warnings({ metadata, spec }: Job): readonly string[] {
  const problems = dns1123Label(metadata.name);
  const advice = `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(" ")}]`;
  return [...(problems.length > 0 ? [advice] : []), ...jobSpecWarnings(spec)];
}

export const jobs: Resource<Job> = {
  group: "batch", version: "v1", kind: "Job", schema: "batch/v1.Job", scope: "Namespaced",
  names: { plural: "jobs", singular: "job", categories: ["all"] },
  orphansByDefault: true,
  defaults(job) {
    defaultJobSpec(job.spec);
    defaultTemplate(job.spec);
    labelAsTemplate(job);
  },
  prepareCreate(job) {
    if (job.spec.manualSelector !== true) generateSelector(job);
    labelAsTemplate(job);
  },
  validate: (job) => [...validateGenerated(job), ...validateJobSpec(job.spec, "spec"), ...validateSelector(job), ...validateHostnames(job)],
  validateUpdate: validateJobUpdate,
  warnings,
  selectableFields: { "status.successful": ({ status }) => String(status.succeeded ?? 0) },
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateJobStatus },
  },
  columns: [
    nameColumn,
    { name: "Status", type: "string", description: "How it stands.", cell: stateText },
    { name: "Completions", type: "string", description: "How many of its pods have succeeded.", cell: completionsText },
    { name: "Duration", type: "string", description: "How long it has been running, or ran.", cell: durationText },
    ageColumn,
    ...templateColumns<Job>(({ spec }) => spec.template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => selectorText(spec.selector) },
  ],
};
