import type { ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";
import { holds, type Operator } from "#apimachinery/label-selector.ts";

const operators: Readonly<Record<ScopedResourceSelectorRequirement["operator"], Operator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/** Whether an object with this class (undefined: with none) is in the scope. Upstream: helper.ScopedResourceSelectorRequirementsAsSelector */
export const classInScope = ({ operator, values = [] }: ScopedResourceSelectorRequirement, name: string | undefined): boolean =>
  holds({ key: "class", operator: operators[operator], values }, name ? { class: name } : {});
