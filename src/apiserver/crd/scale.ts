import type { CustomResourceSubresourceScale } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { getOwn, setOwn } from "#apimachinery/records.ts";
import { badRequest, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import type { ScaleLike } from "../registry/resource.ts";

const maxInt32 = 2 ** 31 - 1;
const stepsOf = (path: string): readonly string[] => path.replace(/^\./, "").split(".");

function at(obj: KubeObject, path: string): unknown {
  return stepsOf(path).reduce<unknown>((value, step) => (isRecord(value) ? getOwn(value, step) : undefined), obj);
}

const count = (value: unknown): number => (typeof value === "number" ? value : 0);

/** `scale` over the paths that a definition names. Upstream: apiextensions-apiserver/pkg/registry/customresource/etcd.go ScaleREST */
export const scaleOver = ({ specReplicasPath, statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale): ScaleLike<KubeObject> => ({
  type: "scale",
  replicas(obj) {
    const selector = labelSelectorPath ? at(obj, labelSelectorPath) : undefined;
    return { spec: count(at(obj, specReplicasPath)), status: count(at(obj, statusReplicasPath)), selector: typeof selector === "string" ? selector : "" };
  },
  setReplicas(obj, replicas) {
    const steps = stepsOf(specReplicasPath);
    const last = steps.at(-1) ?? "";
    let parent: unknown = obj;
    for (const step of steps.slice(0, -1)) parent = into(parent, step);
    if (!isRecord(parent)) throw badRequest(`value cannot be set because ${specReplicasPath} is not a map[string]interface{}`);
    setOwn(parent, last, replicas);
  },
});

function into(parent: unknown, step: string): unknown {
  if (!isRecord(parent)) return undefined;
  if (!Object.hasOwn(parent, step)) setOwn(parent, step, {});
  return getOwn(parent, step);
}

/** Upstream: apiextensions-apiserver/pkg/registry/customresource/validator.go ValidateScaleSpec, ValidateScaleStatus */
export function validateScale(obj: KubeObject, scale: CustomResourceSubresourceScale | undefined): readonly Cause[] {
  if (scale === undefined) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const selector = labelSelectorPath ? at(obj, labelSelectorPath) : undefined;
  return [
    ...replicas(specReplicasPath, at(obj, specReplicasPath)), ...replicas(statusReplicasPath, at(obj, statusReplicasPath)),
    ...(selector === undefined || typeof selector === "string" ? [] : [invalidValue(labelSelectorPath ?? "", "", `${labelSelectorPath ?? ""} accessor error: ${JSON.stringify(selector)} is of the type ${goType(selector)}, expected string`)]),
  ];
}

function replicas(path: string, value: unknown): readonly Cause[] {
  if (value === undefined) return [];
  if (typeof value !== "number" || !Number.isInteger(value)) return [invalidValue(path, 0, `${path} accessor error: ${JSON.stringify(value)} is of the type ${goType(value)}, expected int64`)];
  if (value < 0) return [invalidValue(path, value, "should be a non-negative integer")];
  return value > maxInt32 ? [invalidValue(path, value, `should be less than or equal to ${maxInt32}`)] : [];
}

const goType = (value: unknown): string => {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  return { string: "string", boolean: "bool", number: "float64" }[typeof value as string] ?? "map[string]interface {}";
};
