import type { KubeObject } from "#apimachinery/meta.ts";

const bornAt = ({ metadata }: KubeObject): number => Date.parse(metadata.creationTimestamp ?? "") || 0;

/** Of several default classes the one made last; of those made at once the first by name. */
export const newest = <T extends KubeObject>(objects: readonly T[]): T | undefined =>
  objects.toSorted((a, b) => bornAt(b) - bornAt(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
