/** What a check of a pod's security is, and the words that checks share. Upstream: pod-security-admission/policy */
import type { Container, EphemeralContainer, PodSpec } from "#api/gen/core-v1.ts";
import { visitContainers } from "#api/pod.ts";

/** The parts of a pod or of a template that checks look at. */
export interface CheckedPod { readonly annotations: Readonly<Record<string, string>>; readonly spec: PodSpec }

/** `hostPort (container "a" uses hostPort 80)`: a reason, and in brackets what is meant. */
export interface Violation { readonly reason: string; readonly detail: string }

export interface Check {
  /** Upstream's name; checks run in the order of their names. */
  readonly id: string;
  /** The first minor of Kubernetes whose rules know the check. */
  readonly since: number;
  /** A check of the lower level that says less about the same. */
  readonly overrides?: string;
  /** @param minor whose rules hold */
  run(pod: CheckedPod, minor: number): Violation | undefined;
}

export type AnyContainer = Container | EphemeralContainer;

/** Names of the containers, of whatever kind, that a rule does not like. */
export const containersThat = ({ spec }: CheckedPod, bad: (container: AnyContainer) => boolean): readonly string[] =>
  visitContainers(spec).filter(({ container }) => bad(container)).map(({ container }) => container.name);

export const quoted = (texts: readonly string[]): string => texts.map((text) => JSON.stringify(text)).join(", ");
export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);
/** `container "a"`, `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string => `${plural("container", "containers", names.length)} ${quoted(names)}`;
/** `pod and container "a"`; empty when nobody did. */
export const settersText = (pod: boolean, names: readonly string[]): string => [...(pod ? ["pod"] : []), ...(names.length > 0 ? [containersText(names)] : [])].join(" and ");
export const sortedSet = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort();

/** Without namespaces of the host's users, root inside is nobody outside. Upstream: relaxPolicyForUserNamespacePod */
export const hasOwnUsers = ({ spec }: CheckedPod): boolean => spec.hostUsers === false;
export const isWindows = ({ spec }: CheckedPod): boolean => spec.os?.name === "windows";
