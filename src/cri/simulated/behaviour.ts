import type { ContainerConfig } from "../gen/cri-v1.ts";

/** What a simulated container does, decided when it starts. Times are milliseconds. */
export interface Behaviour {
  /** Ends by itself after this; runs until it is stopped when left out. */
  readonly exitAfterMs?: number;
  readonly exitCode?: number;
  /** Ends this long after the stop signal; 0 by default. Longer than the grace: it is killed. */
  readonly stopsAfterMs?: number;
  /** Cannot be started: the runtime's message. */
  readonly startError?: string;
  /** What `execSync` answers. */
  readonly exec?: (command: readonly string[]) => { readonly exitCode: number; readonly stdout?: string };
  /** Written into the file mounted at the termination message path. */
  readonly message?: string;
  /** Written to the log when it starts. */
  readonly log?: string;
}

/** @param start how often a container of this name was started in its sandbox before */
export type Script = (container: ContainerConfig, start: number) => Behaviour;
