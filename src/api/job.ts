/** Questions that the server and the Job controller ask of a Job. */
import { isTrue } from "./conditions.ts";
import type { Job } from "./gen/batch-v1.ts";

/** Complete or Failed: it will start nothing more. Upstream: pkg/controller/job/util IsJobFinished */
export const isJobFinished = ({ status }: Pick<Job, "status">): boolean => isTrue(status.conditions, "Complete") || isTrue(status.conditions, "Failed");
/** Each of its completions has an index of its own. */
export const isIndexed = ({ spec }: Pick<Job, "spec">): boolean => spec.completionMode === "Indexed";
