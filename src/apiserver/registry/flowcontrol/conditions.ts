import type { Cause } from "#apimachinery/status.ts";
import { duplicate, required } from "#apimachinery/validation/causes.ts";

/** Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaStatus, ValidatePriorityLevelConfigurationStatus */
export const validateConditions = (conditions: readonly { readonly type?: string }[] = []): readonly Cause[] => conditions.flatMap(({ type = "" }, i) => [
  ...(conditions.findIndex((other) => (other.type ?? "") === type) < i ? [duplicate(`status.conditions[${i}].type`, type)] : []),
  ...(type === "" ? [required(`status.conditions[${i}].type`, "must not be empty")] : []),
]);
