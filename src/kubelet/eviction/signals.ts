/** What of a node can run short. Upstream: pkg/kubelet/eviction/api/types.go, helpers.go init */

export type Signal =
  | "memory.available"
  | "allocatableMemory.available"
  | "nodefs.available"
  | "nodefs.inodesFree"
  | "imagefs.available"
  | "imagefs.inodesFree"
  | "containerfs.available"
  | "containerfs.inodesFree"
  | "pid.available";

export type PressureCondition = "MemoryPressure" | "DiskPressure" | "PIDPressure";

/** What pods are asked to give back. */
export type Scarce = "memory" | "ephemeral-storage" | "inodes" | "pids";

export interface SignalMeaning {
  readonly condition: PressureCondition;
  readonly resource: Scarce;
  /** False for one that follows from others and cannot be set. */
  readonly settable: boolean;
}

const of = (condition: PressureCondition, resource: Scarce, settable: boolean = true): SignalMeaning => ({ condition, resource, settable });

export const meanings: Readonly<Record<Signal, SignalMeaning>> = {
  "memory.available": of("MemoryPressure", "memory"),
  "allocatableMemory.available": of("MemoryPressure", "memory", false),
  "nodefs.available": of("DiskPressure", "ephemeral-storage"),
  "nodefs.inodesFree": of("DiskPressure", "inodes"),
  "imagefs.available": of("DiskPressure", "ephemeral-storage"),
  "imagefs.inodesFree": of("DiskPressure", "inodes"),
  "containerfs.available": of("DiskPressure", "ephemeral-storage", false),
  "containerfs.inodesFree": of("DiskPressure", "inodes", false),
  "pid.available": of("PIDPressure", "pids"),
};

/** True for what a threshold may be set for. */
export const isSignal = (name: string): name is Signal => Object.hasOwn(meanings, name) && meanings[name as Signal].settable;

/** How much there is of something, and how much is left: bytes, inodes or processes. */
export interface Observation {
  readonly capacity: number;
  readonly available: number;
}

export type Observations = ReadonlyMap<Signal, Observation>;
