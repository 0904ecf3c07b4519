import type { ContainerAllocateResponse } from "./messages.ts";

/** The devices of one resource that one container has. */
export interface Allocated {
  readonly uid: string;
  readonly container: string;
  readonly resource: string;
  readonly devices: readonly string[];
  readonly response: ContainerAllocateResponse;
}

/** What must outlive the kubelet: who has which devices, and which there were. */
export interface Checkpoint {
  readonly allocated: readonly Allocated[];
  readonly registered: Readonly<Record<string, readonly string[]>>;
}

export const isCheckpoint = (value: unknown): value is Checkpoint => {
  const { allocated, registered } = (value ?? {}) as Partial<Checkpoint>;
  return Array.isArray(allocated) && typeof registered === "object";
};
