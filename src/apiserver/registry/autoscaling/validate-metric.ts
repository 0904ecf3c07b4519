/** What an autoscaler goes by. Upstream: pkg/apis/autoscaling/validation validateMetricSpec */
import type { ContainerResourceMetricSource, ExternalMetricSource, MetricIdentifier, MetricSpec, MetricTarget, ObjectMetricSource, PodsMetricSource, ResourceMetricSource } from "#api/gen/autoscaling-v2.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Label, pathSegment } from "#apimachinery/validation/names.ts";
import { quantityOf } from "../common/quantity-of.ts";
import { validateContainerResourceName } from "../common/resource-names.ts";
import { validateReference } from "./validate-reference.ts";

const types: readonly string[] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/** In the order in which they are looked at; only the first of several is. */
const sources = ["object", "external", "pods", "resource", "containerResource"] as const;
const fieldOf = (type: string): string => `${type.charAt(0).toLowerCase()}${type.slice(1)}`;

export function validateMetric(spec: MetricSpec, field: string): readonly Cause[] {
  const present = sources.filter((name) => spec[name] !== undefined);
  const known = types.includes(spec.type);
  const expected = fieldOf(spec.type);
  const unknown = known ? [] : [notSupported(`${field}.type`, spec.type, types)];
  return [
    ...(spec.type === "" ? [required(`${field}.type`, "must specify a metric source type")] : []),
    ...unknown,
    ...validateSource(spec, present[0], field),
    ...(known && !present.some((name) => name === expected) ? [required(`${field}.${expected}`, "must populate information for the given metric source")] : []),
    ...unknown,
    ...(present.length === 1 ? [] : present.filter((name) => name !== expected).map((name) => forbidden(`${field}.${name}`, "must populate the given metric source only"))),
  ];
}

function validateSource(spec: MetricSpec, name: (typeof sources)[number] | undefined, field: string): readonly Cause[] {
  const at = `${field}.${name ?? ""}`;
  if (spec.object !== undefined && name === "object") return validateObject(spec.object, at);
  if (spec.external !== undefined && name === "external") return validateExternal(spec.external, at);
  if (spec.pods !== undefined && name === "pods") return validatePods(spec.pods, at);
  if (spec.resource !== undefined && name === "resource") return validateResource(spec.resource, at);
  return spec.containerResource !== undefined ? validateContainerResource(spec.containerResource, at) : [];
}

const validateObject = ({ describedObject, metric, target }: ObjectMetricSource, field: string): readonly Cause[] => [
  ...validateReference(describedObject, `${field}.describedObject`), ...validateIdentifier(metric, `${field}.metric`), ...validateTarget(target, `${field}.target`),
  ...(target.value === undefined && target.averageValue === undefined ? [required(`${field}.target.averageValue`, "must set either a target value or averageValue")] : []),
];

const validateExternal = ({ metric, target }: ExternalMetricSource, field: string): readonly Cause[] => [
  ...validateIdentifier(metric, `${field}.metric`), ...validateTarget(target, `${field}.target`),
  ...(target.value === undefined && target.averageValue === undefined ? [required(`${field}.target.averageValue`, "must set either a target value for metric or a per-pod target")] : []),
  ...(target.value !== undefined && target.averageValue !== undefined ? [forbidden(`${field}.target.value`, "may not set both a target value for metric and a per-pod target")] : []),
];

const validatePods = ({ metric, target }: PodsMetricSource, field: string): readonly Cause[] => [
  ...validateIdentifier(metric, `${field}.metric`), ...validateTarget(target, `${field}.target`),
  ...(target.averageValue === undefined ? [required(`${field}.target.averageValue`, "must specify a positive target averageValue")] : []),
];

const validateResource = ({ name, target }: ResourceMetricSource, field: string): readonly Cause[] => [
  ...(name === "" ? [required(`${field}.name`, "must specify a resource name")] : []),
  ...validateTarget(target, `${field}.target`),
  ...validateUse(target, `${field}.target`),
];

const validateContainerResource = ({ name, container, target }: ContainerResourceMetricSource, field: string): readonly Cause[] => [
  ...(name === "" ? [required(`${field}.name`, "must specify a resource name")] : validateContainerResourceName(name, `${field}.name`)),
  ...(container === "" ? [required(`${field}.container`, "must specify a container")] : eachInvalid(`${field}.container`, container, dns1123Label(container))),
  ...validateTarget(target, `${field}.target`),
  ...validateUse(target, `${field}.target`),
];

const validateUse = ({ averageUtilization, averageValue }: MetricTarget, field: string): readonly Cause[] => [
  ...(averageUtilization === undefined && averageValue === undefined ? [required(`${field}.averageUtilization`, "must set either a target raw value or a target utilization")] : []),
  ...(averageUtilization !== undefined && averageValue !== undefined ? [forbidden(`${field}.averageValue`, "may not set both a target raw value and a target utilization")] : []),
];

const targetTypes: readonly string[] = ["Utilization", "Value", "AverageValue"];

function validateTarget(target: MetricTarget, field: string): readonly Cause[] {
  const { type, averageUtilization } = target;
  const positive = (name: "value" | "averageValue"): readonly Cause[] =>
    ((quantityOf(target[name])?.sign ?? 1) === 1 ? [] : [invalidValue(`${field}.${name}`, target[name], "must be positive")]);
  return [
    ...(type === "" ? [required(`${field}.type`, "must specify a metric target type")] : []),
    ...(targetTypes.includes(type) ? [] : [invalidValue(`${field}.type`, type, "must be either Utilization, Value, or AverageValue")]),
    ...positive("value"), ...positive("averageValue"),
    ...(averageUtilization !== undefined && averageUtilization < 1 ? [invalidValue(`${field}.averageUtilization`, averageUtilization, "must be greater than 0")] : []),
  ];
}

const validateIdentifier = ({ name }: MetricIdentifier, field: string): readonly Cause[] =>
  (name === "" ? [required(`${field}.name`, "must specify a metric name")] : eachInvalid(`${field}.name`, name, pathSegment(name)));
