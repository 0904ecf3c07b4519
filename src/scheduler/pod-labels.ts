import type { LabelSelector } from "#apimachinery/selectors.ts";
import type { PodInfo } from "./pod-info.ts";

/** Pods by what they are labelled with, each with its node: so that a pod's few equals are found among very many others. */
export class PodLabels {
  readonly #pods = new Map<string, Map<PodInfo, string>>();

  add(pod: PodInfo, node: string): void {
    for (const key of keysOf(pod)) {
      const entry = this.#pods.get(key) ?? new Map<PodInfo, string>();
      this.#pods.set(key, entry.set(pod, node));
    }
  }

  remove(pod: PodInfo): void {
    for (const key of keysOf(pod)) {
      const entry = this.#pods.get(key);
      entry?.delete(pod);
      if (entry?.size === 0) this.#pods.delete(key);
    }
  }

  /** The pods among which all that match are; undefined when the selector names no label's value. */
  candidates(namespace: string, selector: LabelSelector): ReadonlyMap<PodInfo, string> | undefined {
    let fewest: ReadonlyMap<PodInfo, string> | undefined;
    for (const { key, operator, values: [value, ...others] } of selector.requirements) {
      if ((operator !== "=" && operator !== "in") || value === undefined || others.length > 0) continue;
      const found = this.#pods.get(keyOf(namespace, key, value)) ?? nobody;
      if (fewest === undefined || found.size < fewest.size) fewest = found;
    }
    return fewest;
  }
}

const nobody: ReadonlyMap<PodInfo, string> = new Map();
const keyOf = (namespace: string, label: string, value: string): string => `${namespace} ${label}=${value}`;
const keysOf = ({ namespace, labels }: PodInfo): string[] => Object.entries(labels).map(([label, value]) => keyOf(namespace, label, value));
