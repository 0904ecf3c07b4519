import type { HorizontalPodAutoscaler } from "#api/gen/autoscaling-v2.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { keyOf, splitKey } from "#apimachinery/meta.ts";
import { parseLabelSelector, type LabelSelector } from "#apimachinery/selectors.ts";
import { messageOf } from "#base/error-message.ts";
import type { Lister } from "#client/lister.ts";
import type { Computed } from "./compute.ts";

/** The pods that an autoscaler's target has, or why that cannot be said. */
export type Selected = { readonly ok: true; readonly selector: LabelSelector; readonly pods: readonly Pod[] } | { readonly ok: false; readonly none: Computed };

/** Knows which autoscaler has which pods, so that no two are moved by the same ones. Upstream: pkg/controller/podautoscaler validateAndParseSelector */
export class Selection {
  readonly #pods: Lister<Pod>;
  readonly #selectors = new Map<string, LabelSelector>();

  constructor(pods: Lister<Pod>) {
    this.#pods = pods;
  }

  forget(key: string): void {
    this.#selectors.delete(key);
  }

  of(hpa: HorizontalPodAutoscaler, text: string): Selected {
    const key = keyOf(hpa);
    if (text === "") return none("SelectorRequired", "selector is required", "InvalidSelector", "the HPA target's scale is missing a selector");
    let selector: LabelSelector;
    try {
      selector = parseLabelSelector(text);
    } catch (err) {
      return none("InvalidSelector", `couldn't convert selector into a corresponding internal selector object: ${messageOf(err)}`);
    }
    this.#selectors.set(key, selector);
    const pods = this.#pods.list(hpa.metadata.namespace ?? "").filter(({ metadata }) => selector.matches(metadata.labels));
    const others = this.#movedBy(hpa.metadata.namespace ?? "", pods);
    if (others.length <= 1) return { ok: true, selector, pods };
    return none("AmbiguousSelector", `pods by selector ${text} are controlled by multiple HPAs: [${others.join(" ")}]`);
  }

  #movedBy(namespace: string, pods: readonly Pod[]): string[] {
    return [...this.#selectors].map(([key, selector]) => ({ ...splitKey(key), selector }))
      .filter((one) => one.namespace === namespace && pods.some(({ metadata }) => one.selector.matches(metadata.labels)))
      .map(({ name }) => `{${name} ${namespace}}`).sort();
  }
}

const none = (event: string, error: string, reason = event, message = error): Selected =>
  ({ ok: false, none: { replicas: undefined, metrics: [], events: [{ type: "Warning", reason: event, message: error }], reason, message, error } });
