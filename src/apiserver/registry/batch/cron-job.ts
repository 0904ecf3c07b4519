import type { CronJob, CronJobSpec, JobTemplateSpec } from "#api/gen/batch-v1.ts";
import { parseSchedule } from "#api/cron/parse.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, notSupported, oneOf, required } from "#apimachinery/validation/causes.ts";
import { selectorText } from "../apps/selected-template.ts";
import { ageColumn, nameColumn, since, templateColumns } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { defaultTemplate, validateJobSpec } from "./job-spec.ts";
import { validateTimeZone } from "./time-zone.ts";

/** Its Jobs are named after it, a dash and ten digits. */
const maxNameBytes = 63 - 11;

/** Upstream: pkg/apis/batch/v1 SetDefaults_CronJob */
function defaults({ spec }: CronJob): void {
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const job = spec.jobTemplate.spec;
  if (job !== undefined) defaultTemplate(job);
}

/** Upstream: pkg/apis/batch/validation validateCronJobSpec, for what may be new in an update as well */
function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): readonly Cause[] {
  if (schedule === "") return [];
  const parsed = parseSchedule(schedule);
  const zoned = schedule.includes("TZ");
  const mayBeZoned = old?.schedule.includes("TZ") === true;
  return [
    ...(parsed.ok ? [] : [invalidValue("spec.schedule", schedule, parsed.problem)]),
    ...(zoned && !mayBeZoned ? [invalidValue("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")] : []),
    ...(zoned && mayBeZoned && timeZone !== undefined ? [invalidValue("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")] : []),
    ...(old !== undefined && old.timeZone === timeZone ? [] : validateTimeZone(timeZone, "spec.timeZone")),
  ];
}

/** Upstream: pkg/apis/batch/validation ValidateJobTemplateSpec */
function validateTemplate({ spec }: JobTemplateSpec): readonly Cause[] {
  const job = spec ?? { template: {} };
  return [
    ...validateJobSpec(job, "spec.jobTemplate.spec"),
    ...(job.selector === undefined ? [] : [invalidValue("spec.jobTemplate.spec.selector", job.selector, "`selector` will be auto-generated")]),
    ...(job.manualSelector === true ? [notSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"])] : []),
  ];
}

const validate = ({ spec }: CronJob): readonly Cause[] => [
  ...(spec.schedule === "" ? [required("spec.schedule")] : []),
  ...nonNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds),
  ...oneOf("spec.concurrencyPolicy", spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"]),
  ...validateTemplate(spec.jobTemplate),
  ...nonNegative("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit),
  ...nonNegative("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit),
];

const template = ({ spec }: CronJob): NonNullable<JobTemplateSpec["spec"]>["template"] | undefined => spec.jobTemplate?.spec?.template;

export const cronJobs: Resource<CronJob> = {
  group: "batch", version: "v1", kind: "CronJob", schema: "batch/v1.CronJob", scope: "Namespaced",
  names: { plural: "cronjobs", singular: "cronjob", short: ["cj"], categories: ["all"] },
  defaults,
  validate,
  validateCreate: ({ metadata, spec }) => [
    ...validateSchedule(spec, undefined),
    ...(Buffer.byteLength(metadata.name) > maxNameBytes ? [invalidValue("metadata.name", metadata.name, `must be no more than ${maxNameBytes} characters`)] : []),
  ],
  validateUpdate: (next, old) => validateSchedule(next.spec, old.spec),
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
  },
  columns: [
    nameColumn,
    { name: "Schedule", type: "string", description: "When it makes a Job.", cell: ({ spec }) => spec.schedule },
    { name: "Timezone", type: "string", description: "Whose clock that is.", cell: ({ spec }) => spec.timeZone ?? "<none>" },
    { name: "Suspend", type: "boolean", description: "Whether it makes none for now.", cell: ({ spec }) => (spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False") },
    { name: "Active", type: "integer", description: "How many of its Jobs are running.", cell: ({ status }) => status.active?.length ?? 0 },
    { name: "Last Schedule", type: "string", description: "When it last made a Job.", cell: ({ status }, now) => (status.lastScheduleTime === undefined ? "<none>" : since(status.lastScheduleTime, now)) },
    ageColumn,
    ...templateColumns<CronJob>(template),
    { name: "Selector", type: "string", wide: true, description: "Which pods are its own.", cell: ({ spec }) => selectorText(spec.jobTemplate?.spec?.selector) },
  ],
};
