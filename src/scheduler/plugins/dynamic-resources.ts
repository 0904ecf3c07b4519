import { fits, rejectedForGood, type Plugin } from "../framework.ts";

/**
 * Resource claims are not served yet: a pod that names one waits. Its word after an unsuccessful search is part of
 * upstream's message. Upstream: pkg/scheduler/framework/plugins/dynamicresources
 */
export const dynamicResources: Plugin = {
  name: "DynamicResources",
  preEnqueue: ({ pod }) => ((pod.spec.resourceClaims ?? []).length === 0 ? fits : rejectedForGood("waiting for resource claims")),
  postFilter: () => ({ message: "no new claims to deallocate" }),
};
