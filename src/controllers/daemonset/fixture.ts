/** DaemonSets, nodes and pods for this folder's tests. */
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import type { Node, Pod, Taint } from "#api/gen/core-v1.ts";

export const now: number = Date.parse("2026-01-01T00:10:00Z");
export const hash = "new";

export const setOf = (podSpec: object = {}, rollingUpdate: object = { maxUnavailable: 1 }, spec: object = {}): DaemonSet => ({
  metadata: { name: "log", namespace: "shop", uid: "1", generation: 2, annotations: { "deprecated.daemonset.template.generation": "7" } },
  spec: { selector: { matchLabels: { app: "log" } }, template: { metadata: { labels: { app: "log" } }, spec: { containers: [{ name: "log", image: "log:1" }], ...podSpec } }, updateStrategy: { type: "RollingUpdate", rollingUpdate }, ...spec },
  status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
});

export const nodeOf = (name: string, taints: readonly Taint[] = [], labels: Record<string, string> = {}): Node => ({ metadata: { name, labels }, spec: { taints: [...taints] }, status: {} });

/** `a1`: the first pod on node a, serving, of the present template. Marks behind: `o` old, `u` not ready, `l` leaving, `f` failed, `s` succeeded, `w` waiting for its node, `y` ready for 5 s. */
export function podOf(text: string): Pod {
  const [name = "", marks = ""] = text.split(" ");
  const node = name.slice(0, 1);
  const has = (mark: string): boolean => marks.includes(mark);
  const phase = has("f") ? "Failed" : has("s") ? "Succeeded" : has("w") ? "Pending" : "Running";
  const matchFields = [{ key: "metadata.name", operator: "In" as const, values: [node] }];
  return {
    metadata: {
      name, namespace: "shop", uid: name, creationTimestamp: `2026-01-01T00:00:0${name.slice(1)}Z`, labels: { app: "log", "controller-revision-hash": has("o") ? "old" : hash },
      ...(has("l") && { deletionTimestamp: "2026-01-01T00:09:00Z" }),
    },
    spec: {
      containers: [], ...(!has("w") && { nodeName: node }),
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } },
    },
    status: { phase, conditions: [{ type: "Ready", status: phase === "Running" && !has("u") ? "True" : "False", lastTransitionTime: has("y") ? "2026-01-01T00:09:55Z" : "2026-01-01T00:00:00Z" }] },
  };
}
