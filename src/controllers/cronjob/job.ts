import type { CronJob, Job } from "#api/gen/batch-v1.ts";
import { zonedTimestamp } from "#api/cron/time-zone.ts";
import { cronJobs } from "#api/resources.ts";
import { controllerRef } from "../owner.ts";
import { jobName } from "./plan.ts";

const scheduledAt = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** The Job of one scheduled time. Upstream: pkg/controller/cronjob/utils.go getJobFromTemplate2 */
export function jobOf(cronJob: CronJob, at: number): Job {
  const { jobTemplate, timeZone = "UTC" } = cronJob.spec;
  const { labels = {}, annotations = {} } = jobTemplate.metadata ?? {};
  return {
    metadata: {
      name: jobName(cronJob, at), ...(cronJob.metadata.namespace !== undefined && { namespace: cronJob.metadata.namespace }),
      labels, annotations: { ...annotations, [scheduledAt]: zonedTimestamp(at, timeZone) }, ownerReferences: [controllerRef(cronJob, cronJobs)],
    },
    spec: jobTemplate.spec ?? { template: {} }, status: {},
  };
}
