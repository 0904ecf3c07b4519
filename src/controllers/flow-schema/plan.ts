import type { FlowSchema, FlowSchemaCondition } from "#api/gen/flowcontrol-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { timestamp } from "#apimachinery/time.ts";

/** The schema with the condition that says whether its level is there; undefined when it says so already. Upstream: apiserver/pkg/util/flowcontrol apf_controller.go */
export function marked(schema: FlowSchema, hasLevel: boolean, now: number): FlowSchema | undefined {
  const { name } = schema.spec.priorityLevelConfiguration;
  const old = schema.status.conditions?.find(({ type }) => type === "Dangling");
  const said = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const next: FlowSchemaCondition = hasLevel
    ? { type: "Dangling", status: "False", reason: "Found", message: `${said} and it exists` }
    : { type: "Dangling", status: "True", reason: "NotFound", message: `${said} but there is no such object` };
  next.lastTransitionTime = old?.status === next.status && old?.lastTransitionTime !== undefined ? old.lastTransitionTime : timestamp(now);
  if (semanticEqual(old, next)) return undefined;
  const others = (schema.status.conditions ?? []).filter(({ type }) => type !== "Dangling");
  return { ...schema, status: { ...schema.status, conditions: [...others, next] } };
}
