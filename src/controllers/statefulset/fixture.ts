/** StatefulSets and their pods for this folder's tests. */
import type { ControllerRevision, StatefulSet } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { dataOf } from "../revisions/plan.ts";
import type { Revisions } from "./identity.ts";

export const now: number = Date.parse("2026-01-01T00:10:00Z");
const template = (image: string): object => ({ metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } });
const revision = (name: string, number: number, image: string): ControllerRevision => ({ metadata: { name }, revision: number, data: dataOf(template(image)) });
/** From web:1 to web:2. */
export const rolling: Revisions = { current: revision("web-old", 1, "web:1"), update: revision("web-new", 2, "web:2") };

export const setOf = (spec: object = {}, rest: object = {}): StatefulSet => ({
  metadata: { name: "web", namespace: "shop", uid: "1", generation: 3 }, status: { replicas: 0 }, ...rest,
  spec: { replicas: 3, serviceName: "web", selector: { matchLabels: { app: "web" } }, template: template("web:2"), updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } }, ...spec },
});

/** `0`: serves at the new revision. Marks behind: `o` old revision, `u` not ready, `l` leaving, `f` failed, `s` succeeded, `p` pending, `y` ready for 5 s. */
export function podOf(text: string): Pod {
  const ordinal = Number.parseInt(text, 10);
  const has = (mark: string): boolean => text.includes(mark);
  const phase = has("f") ? "Failed" : has("s") ? "Succeeded" : has("p") ? "Pending" : "Running";
  const isReady = phase === "Running" && !has("u");
  return {
    metadata: {
      name: `web-${ordinal}`, namespace: "shop", uid: `uid-${ordinal}`, ...(has("l") && { deletionTimestamp: "2026-01-01T00:09:00Z" }),
      labels: { app: "web", "statefulset.kubernetes.io/pod-name": `web-${ordinal}`, "controller-revision-hash": has("o") ? "web-old" : "web-new" },
    },
    spec: { containers: [] },
    status: { phase, conditions: [{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime: has("y") ? "2026-01-01T00:09:55Z" : "2026-01-01T00:00:00Z" }] },
  };
}
