/** The past templates of a workload as ControllerRevisions. Pure. Upstream: pkg/controller/history/controller_history.go */
import type { ControllerRevision } from "#api/gen/apps-v1.ts";
import type { PodTemplateSpec } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { fnv32, safeEncode, sortedJson } from "../template-hash.ts";
import { millis } from "../time.ts";

/** A pod's revision: the revision's name for StatefulSets, its hash alone for DaemonSets. Upstream: apps.ControllerRevisionHashLabelKey */
export const revisionLabel = "controller-revision-hash";

export type RevisionData = NonNullable<ControllerRevision["data"]>;

/** The patch that brings a template back: what a revision keeps, and kubectl applies to undo. Its keys are sorted, as Go writes maps: clients compare bytes. Upstream: getPatch */
export const dataOf = (template: PodTemplateSpec): RevisionData => JSON.parse(sortedJson({ spec: { template: { ...template, $patch: "replace" } } })) as RevisionData;

/** The template that a revision keeps. Upstream: ApplyRevision */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined)?.spec?.template ?? {};
  return template;
}

/** Upstream: HashControllerRevision, over Go's encoding of the data. @param collisions how often the name was found taken */
export function revisionHash(data: RevisionData, collisions: number): string {
  const goJson = sortedJson(data).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
  return safeEncode(String(fnv32(`${goJson}${collisions}`)));
}

/** Upstream: ControllerRevisionName */
export const revisionName = (owner: string, hash: string): string => `${owner.slice(0, 223)}-${hash}`;

/** Oldest first. Upstream: byRevision Less */
const byRevision = (revisions: readonly ControllerRevision[]): ControllerRevision[] =>
  revisions.toSorted((a, b) => a.revision - b.revision || millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1));

/** What to do so that the newest revision keeps this data. */
export type Next =
  | { readonly do: "keep"; readonly revision: ControllerRevision }
  /** An old template is back: its revision becomes the newest. */
  | { readonly do: "renumber"; readonly revision: ControllerRevision; readonly number: number }
  | { readonly do: "create"; readonly number: number };

/** @param revisions in any order */
export function next(revisions: readonly ControllerRevision[], data: RevisionData): Next {
  const sorted = byRevision(revisions);
  const newest = sorted.at(-1);
  const number = (newest?.revision ?? 0) + 1;
  const same = sorted.findLast((revision) => semanticEqual(revision.data, data));
  if (same === undefined) return { do: "create", number };
  return same === newest ? { do: "keep", revision: same } : { do: "renumber", revision: same, number };
}

/** The oldest revisions beyond the limit; what pods still have stays. */
export function excess(old: readonly ControllerRevision[], limit: number, isLive: (revision: ControllerRevision) => boolean): ControllerRevision[] {
  return byRevision(old).filter((revision) => !isLive(revision)).slice(0, Math.max(0, old.length - limit));
}
