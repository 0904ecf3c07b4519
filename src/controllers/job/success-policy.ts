import type { Job } from "#api/gen/batch-v1.ts";
import { IndexSet } from "./index-set.ts";

/** The message that names the first rule which the succeeded indexes fulfil. Upstream: pkg/controller/job/success_policy.go matchSuccessPolicy */
export function metRule({ spec: { successPolicy, completions = 0 } }: Job, succeeded: IndexSet): string | undefined {
  if (succeeded.size === 0) return undefined;
  const at = (successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
    const wanted = IndexSet.parse(succeededIndexes, completions);
    const met = wanted.overlap(succeeded);
    return wanted.size > 0 && met >= (succeededCount ?? wanted.size);
  });
  return at < 0 ? undefined : `Matched rules at index ${at}`;
}
