/** States with the wire's zero values filled in: gRPC leaves the first value of an enum out. */
import type { Container, ContainerState, ContainerStatus, PodSandbox, PodSandboxState, PodSandboxStatus } from "./gen/cri-v1.ts";

/** gRPC leaves the first state out, which is "created". */
export const containerState = (c: Pick<Container | ContainerStatus, "state">): ContainerState => c.state ?? "CONTAINER_CREATED";
export const sandboxState = (s: Pick<PodSandbox | PodSandboxStatus, "state">): PodSandboxState => s.state ?? "SANDBOX_READY";

/** Nanoseconds since 1970, as CRI writes times, in whole milliseconds; 0 when unset. */
export const millisOf = (nanoseconds: string | undefined): number => (nanoseconds === undefined ? 0 : Number(BigInt(nanoseconds) / 1_000_000n));

/** Milliseconds since 1970 as CRI writes times. */
export const nanosOf = (ms: number): string => (BigInt(Math.round(ms)) * 1_000_000n).toString();
