import type { Shim } from "./leftovers.ts";

/** What is on the host of a container: directories by the names that containerd gives them, and processes. */
export interface Found {
  readonly directories: readonly string[];
  readonly shims: readonly Shim[];
  /** Network namespaces that no process lives in, by their paths. */
  readonly emptyNetns: readonly string[];
}

/** What containerd has records of. */
export interface Records {
  readonly containers: ReadonlySet<string>;
  /** Network namespaces that sandboxes call theirs. */
  readonly netns: ReadonlySet<string>;
}

export type Orphan =
  | { readonly kind: "task"; readonly id: string; readonly shims: readonly Shim[] }
  | { readonly kind: "netns"; readonly path: string };

/**
 * What nobody will ever take away. A container has its record before it has a directory or a shim, and until after; a
 * sandbox's network namespace is there a little before its record. A directory with a dot before its name is one whose
 * deletion was broken off.
 */
export function orphansOf({ directories, shims, emptyNetns }: Found, { containers, netns }: Records): readonly Orphan[] {
  const ids = new Set([...directories, ...shims.map(({ id }) => id)].filter((id) => id !== "" && !containers.has(id)));
  return [
    ...[...ids].map((id) => ({ kind: "task" as const, id, shims: shims.filter((shim) => shim.id === id) })),
    ...emptyNetns.filter((path) => !netns.has(path)).map((path) => ({ kind: "netns" as const, path })),
  ];
}

/** How many looks in a row must have seen it: where a sandbox is being made, its network namespace is only early (and was empty one look before it is asked about). */
const looksNeeded: Readonly<Record<Orphan["kind"], number>> = { task: 2, netns: 10 };

/** How often in a row each orphan was seen, with the very same processes. */
export type Sightings = ReadonlyMap<string, number>;

export const sighted = (before: Sightings, now: readonly Orphan[]): Sightings => new Map(now.map((orphan) => [identity(orphan), (before.get(identity(orphan)) ?? 0) + 1]));

/** Those that were seen often enough to be taken away. */
export const ripe = (sightings: Sightings, now: readonly Orphan[]): readonly Orphan[] => now.filter((orphan) => (sightings.get(identity(orphan)) ?? 0) >= looksNeeded[orphan.kind]);

const identity = (orphan: Orphan): string =>
  orphan.kind === "netns" ? orphan.path : [orphan.id, ...orphan.shims.map(({ process: { pid, started } }) => `${pid}@${started}`).sort()].join(" ");
