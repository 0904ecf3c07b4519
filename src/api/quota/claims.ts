/** Upstream: pkg/quota/v1/evaluator/core/persistent_volume_claims.go */
import type { PersistentVolumeClaim, ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";
import type { ResourceList } from "../resource-list.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Evaluator } from "./evaluator.ts";
import { classInScope } from "./scope.ts";

const names = ["persistentvolumeclaims", "requests.storage"] as const;
const classSuffix = ".storageclass.storage.k8s.io/";
const betaAnnotation = "volume.beta.kubernetes.io/storage-class";
const one = Quantity.of(1);

export const claimEvaluator: Evaluator<PersistentVolumeClaim> = {
  resource: { group: "", resource: "persistentvolumeclaims" },
  counts: (name) => name === "count/persistentvolumeclaims" || names.some((known) => name === known || name.endsWith(`${classSuffix}${known}`)),
  usage,
  inScope,
  chargesUpdate: (subresource) => subresource === "",
};

function usage(claim: PersistentVolumeClaim): ResourceList {
  const className = claim.metadata.annotations?.[betaAnnotation] ?? claim.spec.storageClassName ?? "";
  const size = sizeOf(claim);
  const sum: Record<string, Quantity> = { persistentvolumeclaims: one, ...(size && { "requests.storage": size }) };
  const ofClass = className === "" ? [] : Object.entries(sum).map(([name, amount]) => [`${className}${classSuffix}${name}`, amount]);
  return { "count/persistentvolumeclaims": one, ...sum, ...(Object.fromEntries(ofClass) as ResourceList) };
}

/** Whole bytes: what is asked for, or what has been set aside if that is more. */
function sizeOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const text = spec.resources?.requests?.["storage"];
  if (text === undefined) return undefined;
  const asked = Quantity.parse(text);
  const whole = asked.valueBigInt;
  const rounded = Quantity.of(whole, asked.format);
  const asideText = status?.allocatedResources?.["storage"];
  const aside = asideText === undefined ? undefined : Quantity.parse(asideText);
  return aside !== undefined && aside.cmp(rounded) > 0 ? aside : asked.cmp(rounded) === 0 ? asked : rounded;
}

/** The classes it has, is to have, and is being changed to. */
function inScope(requirement: ScopedResourceSelectorRequirement, { spec, status }: PersistentVolumeClaim): boolean {
  if (requirement.scopeName !== "VolumeAttributesClass") return false;
  const classes = [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name) => name !== undefined && name !== "");
  return classes.length === 0 ? classInScope(requirement, undefined) : classes.some((name) => classInScope(requirement, name));
}
