import { sameJson, semanticEqual } from "#apimachinery/equal.ts";
import type { AnyResource } from "./resource.ts";

/** True when two states say the same. To a custom kind an empty list or map is something. */
export const unchanged = ({ custom }: AnyResource, next: unknown, old: unknown): boolean => (custom === undefined ? semanticEqual(next, old) : sameJson(next, old));
