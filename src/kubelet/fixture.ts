/** For tests of rules: the pod "p" in the namespace "ns", with what matters of it. */
import type { Pod } from "#api/gen/core-v1.ts";

export const podOf = (spec: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod => ({
  metadata: { name: "p", namespace: "ns", uid: "u", ...metadata },
  spec: { containers: [], ...spec },
  status: {},
});
