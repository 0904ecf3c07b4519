import type { Container, ContainerFilter, PodSandbox, PodSandboxFilter } from "../gen/cri-v1.ts";

type Labels = Readonly<Record<string, string>>;

const hasLabels = (labels: Labels = {}, wanted: Labels = {}): boolean => Object.entries(wanted).every(([key, value]) => labels[key] === value);
/** An empty id asks for all. */
const isOrAny = (id: string | undefined, wanted: string | undefined): boolean => wanted === undefined || wanted === "" || id === wanted;

/** As CRI filters: every field that is set must match. */
export function containerMatches(c: Container, filter: ContainerFilter = {}): boolean {
  const { id, podSandboxId, state, labelSelector } = filter;
  return isOrAny(c.id, id) && isOrAny(c.podSandboxId, podSandboxId) && isOrAny(c.state, state?.state) && hasLabels(c.labels, labelSelector);
}

/** The same of sandboxes. */
export function sandboxMatches(s: PodSandbox, filter: PodSandboxFilter = {}): boolean {
  return isOrAny(s.id, filter.id) && isOrAny(s.state, filter.state?.state) && hasLabels(s.labels, filter.labelSelector);
}
